"""Preparing a run: test databases that exist, and a journal for each of them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import get_unique_databases_and_mirrors

from testing.conf import EngineSettings
from testing.database import connect, ensure_test_database
from testing.fingerprint import fingerprint_of
from testing.journal import Journal, JournalStore
from testing.migration import record
from testing.other_engines import OtherEngines
from testing.preflight import look_over, over
from testing.schemas import session_options, use_schema
from testing.templates import Template

__all__ = ["Database", "Plan", "prepare", "restore"]


@dataclass(frozen=True)
class Database:
    """A test database and the aliases that lead to it, the first one in charge."""

    aliases: tuple[str, ...]

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """The connection of the alias in charge."""
        return connections[self.aliases[0]]


@dataclass(frozen=True)
class Plan:
    """What the parent found out and every worker needs; can be pickled.

    ``journals`` are kept by the alias in charge, and so are ``cloned``, the
    databases of which each worker has a clone in place of a schema, and
    ``notes``, which say why where the project did not ask for it.
    ``originals`` are name and options of each connection before the run, and
    ``names`` the test databases: a worker that was not forked finds its aliases
    on the project's own ones.
    """

    engine: EngineSettings
    databases: tuple[Database, ...]
    journals: Mapping[str, Journal]
    package: str = ""
    keepdb: bool = False
    slot_prefix: str = ""
    keep_failed: bool = False
    workers: int = 1
    # Pools that are smaller than the project's or the engine's, by alias.
    pools: Mapping[str, Any] = field(default_factory=dict)
    originals: Mapping[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    others: OtherEngines = field(default_factory=OtherEngines)
    cloned: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)
    serialized: frozenset[str] = frozenset()

    @property
    def database_names(self) -> str:
        """The test databases, for people."""
        names = (d.connection.settings_dict["NAME"] for d in self.databases)
        return ", ".join(dict.fromkeys(names))


def prepare(
    *,
    aliases: Iterable[str] | None = None,
    package: str = "",
    keepdb: bool = False,
    verbosity: int = 1,
    slot_prefix: str = "",
    workers: int = 1,
    serves: bool = False,
    interactive: bool = False,
    serialized: Iterable[str] = (),
) -> Plan:
    """Point Django at its test databases and make sure of journals or templates.

    Without a journal for the present fingerprint the migrations run here, in
    the slot that the first worker will lease, and are recorded. Where workers
    get clones the migrations run in a template database. Afterwards every
    connection is closed, so that the process can fork. ``slot_prefix`` goes
    between the project's prefix and the rest of a slot's name. Databases of
    other engines are made by Django, with a clone for each of several
    ``workers``; ``interactive`` lets Django ask before it replaces one of those.
    ``serves`` tells that each worker has a live server for its whole life.
    ``serialized`` are the aliases that tests with ``serialized_rollback`` use.

    Raises:
        SetupFailure: a database cannot be used.

    """
    engine = EngineSettings.load()
    databases, foreign = _test_databases(aliases)
    others = OtherEngines(
        foreign,
        start_method=engine.choose_start_method(),
        workers=workers,
        keepdb=keepdb,
        serialized=frozenset(serialized),
    )
    if foreign and verbosity:
        vendors = {connections[alias].display_name for alias in foreign}
        sys.stderr.write(f"{others.describe(sorted(vendors))}\n")
    originals = {
        alias: (settings["NAME"], dict(settings["OPTIONS"]))
        for database in databases
        for alias in database.aliases
        for settings in [connections[alias].settings_dict]
    }
    run = _Preparation(
        engine=engine,
        slot_prefix="_".join(filter(None, (engine.slot_prefix, slot_prefix))),
        package=package,
        verbosity=verbosity,
    )
    pools: dict[str, Any] = {}
    for database in databases:
        connection = database.connection
        ensure_test_database(connection)
        pools |= look_over(
            database.aliases,
            databases=[one.aliases for one in databases],
            workers=workers,
            serves=serves,
            verbosity=verbosity,
        )
        for alias in database.aliases[1:]:
            other = connections[alias]
            other.close()
            other.settings_dict["NAME"] = connection.settings_dict["NAME"]
        run.prepare(connection)
    _leave_public(databases, engine=engine)
    others.create(verbosity=verbosity, interactive=interactive)
    others.serialize()
    return Plan(
        engine=engine,
        databases=databases,
        journals=run.journals,
        package=package,
        keepdb=keepdb,
        slot_prefix=run.slot_prefix,
        originals=originals,
        names={alias: connections[alias].settings_dict["NAME"] for alias in originals},
        others=others,
        cloned=frozenset(run.cloned),
        notes=run.notes,
        workers=workers,
        pools=pools,
        serialized=frozenset(serialized) - set(foreign),
    )


def restore(plan: Plan) -> None:
    """Point Django back at the databases it worked with before the run."""
    plan.others.destroy(verbosity=0)
    over(list(plan.originals))
    for alias, (name, options) in plan.originals.items():
        connection = connections[alias]
        connection.close()
        connection.settings_dict["NAME"] = name
        connection.settings_dict["OPTIONS"] = options


def _leave_public(databases: Iterable[Database], *, engine: EngineSettings) -> None:
    """Take ``public`` out of this process's path, and close its connections.

    The parent of a parallel run has no schema; its hooks and checks must not
    fall back on public tables.
    """
    schema = engine.extensions_schema
    nowhere = session_options(schema=schema, extensions_schema=schema)
    for database in databases:
        for alias in database.aliases:
            use_schema(connections[alias], options=nowhere)


@dataclass
class _Preparation:
    """Finds a journal or a template for one database after the other."""

    engine: EngineSettings
    slot_prefix: str
    package: str
    verbosity: int
    journals: dict[str, Journal] = field(default_factory=dict)
    cloned: set[str] = field(default_factory=set)
    notes: dict[str, str] = field(default_factory=dict)

    def prepare(self, connection: BaseDatabaseWrapper) -> None:
        """Prepare the test database that ``connection`` leads to by now."""
        connection.ensure_connection()
        fingerprint = fingerprint_of(
            connection,
            server_version=connection.pg_version,  # type: ignore[attr-defined]
            engine=self.engine,
        )
        alias = connection.alias
        if self.engine.isolation == "database":
            self.journals[alias] = Journal(fingerprint)
            self._make_template(connection, fingerprint)
            return
        journal = self.journals[alias] = self._find_journal(connection, fingerprint)
        if journal.needs_database:
            self.notes[alias] = journal.needs_database
            if self.verbosity:
                line = (
                    f"Workers get clones of database {connection.alias!r} in place of "
                    f"schemas, since {self.notes[alias]}"
                )
                sys.stderr.write(f"{line}\n")
            self._make_template(connection, fingerprint)

    def _make_template(self, connection: BaseDatabaseWrapper, fingerprint: str) -> None:
        connection.close()
        with connect(connection) as session:
            Template(
                connection, session, prefix=self.slot_prefix, fingerprint=fingerprint
            ).hold(verbosity=self.verbosity)
        self.cloned.add(connection.alias)

    def _find_journal(
        self, connection: BaseDatabaseWrapper, fingerprint: str
    ) -> Journal:
        store = JournalStore(self.engine.journal_dir)
        journal = store.load(alias=connection.alias, fingerprint=fingerprint)
        if journal is None:
            journal = record(
                connection,
                fingerprint=fingerprint,
                engine=self.engine,
                slot_prefix=self.slot_prefix,
                package=self.package,
                verbosity=self.verbosity,
            )
            if not journal.no_schema:
                _save_if_possible(store, alias=connection.alias, journal=journal)
        return journal


def _save_if_possible(store: JournalStore, *, alias: str, journal: Journal) -> None:
    # A read-only checkout still runs; it records again each time.
    with contextlib.suppress(OSError):
        store.save(alias=alias, journal=journal)


def _test_databases(
    aliases: Iterable[str] | None,
) -> tuple[tuple[Database, ...], tuple[str, ...]]:
    """Return the databases that tests use, and the aliases of other engines.

    Each database comes with all aliases that lead to it; a mirror's primary is
    used when the mirror is.
    """
    wanted = None if aliases is None else set(aliases)
    if wanted is not None:
        wanted |= {
            source
            for alias in wanted & set(connections)
            if (source := connections[alias].settings_dict["TEST"]["MIRROR"])
        }
    databases, mirrors = get_unique_databases_and_mirrors(wanted)
    ours, foreign = [], []
    for _, names in databases.values():
        if connections[names[0]].vendor != "postgresql":
            foreign += names
            continue
        ordered = sorted(names, key=lambda alias: (alias != "default", alias))
        replicas = [alias for alias, source in mirrors.items() if source in names]
        ours.append(Database(tuple(ordered + replicas)))
    return tuple(ours), tuple(foreign)
