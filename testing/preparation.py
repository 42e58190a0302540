"""Preparing a run: test databases that exist, and a journal for each of them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import get_unique_databases_and_mirrors, override_settings

from testing.catalog import digest_of
from testing.conf import EngineSettings
from testing.database import ensure_test_database
from testing.fingerprint import fingerprint_of
from testing.journal import Journal, JournalStore
from testing.other_engines import OtherEngines
from testing.recorder import Recorder
from testing.schemas import Lease, session_options, use_schema

__all__ = ["Database", "Plan", "migrate", "prepare", "restore"]


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

    ``journals`` are kept by the alias in charge; ``originals`` are name and
    options of each connection before the run.
    """

    engine: EngineSettings
    databases: tuple[Database, ...]
    journals: Mapping[str, Journal]
    package: str = ""
    keepdb: bool = False
    slot_prefix: str = ""
    keep_failed: bool = False
    originals: Mapping[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    others: OtherEngines = field(default_factory=OtherEngines)

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
    interactive: bool = False,
) -> Plan:
    """Point Django at its test databases and make sure that journals exist.

    Without a journal for the present fingerprint the migrations run here, in a
    slot of their own turn, and are recorded. Afterwards every connection is
    closed, so that the process can fork. ``slot_prefix`` goes between the
    project's prefix and the rest of a slot's name. Databases of other engines
    are made by Django, with a clone for each of several ``workers``;
    ``interactive`` lets Django ask before it replaces one of those.

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
    journals = {}
    for database in databases:
        connection = database.connection
        ensure_test_database(connection)
        for alias in database.aliases[1:]:
            other = connections[alias]
            other.close()
            other.settings_dict["NAME"] = connection.settings_dict["NAME"]
        journals[connection.alias] = _find_journal(
            connection, engine=engine, verbosity=verbosity
        )
    _leave_public(databases, engine=engine)
    others.create(verbosity=verbosity, interactive=interactive)
    return Plan(
        engine=engine,
        databases=databases,
        journals=journals,
        package=package,
        keepdb=keepdb,
        slot_prefix="_".join(filter(None, (engine.slot_prefix, slot_prefix))),
        originals=originals,
        others=others,
    )


def restore(plan: Plan) -> None:
    """Point Django back at the databases it worked with before the run."""
    plan.others.destroy(verbosity=0)
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


def migrate(connection: BaseDatabaseWrapper, *, verbosity: int) -> None:
    """Run what Django runs to make a test database, on the present schema."""
    without = connection.settings_dict["TEST"].get("MIGRATE") is False
    modules = {app.label: None for app in apps.get_app_configs()}
    with (
        override_settings(MIGRATION_MODULES=modules)
        if without
        else contextlib.nullcontext()
    ):
        call_command(
            "migrate",
            verbosity=max(verbosity - 1, 0),
            interactive=False,
            database=connection.alias,
            run_syncdb=True,
            # Standard output belongs to test results and formatters.
            stdout=sys.stderr,
        )
    call_command("createcachetable", verbosity=0, database=connection.alias)


def _find_journal(
    connection: BaseDatabaseWrapper, *, engine: EngineSettings, verbosity: int
) -> Journal:
    connection.ensure_connection()
    fingerprint = fingerprint_of(
        connection,
        server_version=connection.pg_version,  # type: ignore[attr-defined]
        engine=engine,
    )
    store = JournalStore(engine.journal_dir)
    journal = store.load(alias=connection.alias, fingerprint=fingerprint)
    if journal is None:
        journal = _record(
            connection, fingerprint=fingerprint, engine=engine, verbosity=verbosity
        )
        _save_if_possible(store, alias=connection.alias, journal=journal)
    return journal


def _save_if_possible(store: JournalStore, *, alias: str, journal: Journal) -> None:
    # A read-only checkout still runs; it records again each time.
    with contextlib.suppress(OSError):
        store.save(alias=alias, journal=journal)


def _record(
    connection: BaseDatabaseWrapper,
    *,
    fingerprint: str,
    engine: EngineSettings,
    verbosity: int,
) -> Journal:
    """Migrate for real in a slot, recording; the slot is dropped afterwards."""
    lease = Lease.acquire(
        connection,
        prefix=engine.slot_prefix,
        extensions_schema=engine.extensions_schema,
        number=1,
    )
    before = connection.settings_dict["OPTIONS"].get("options")
    recorder = Recorder(
        connection,
        fingerprint=fingerprint,
        extensions_schema=engine.extensions_schema,
    )
    try:
        lease.drop()
        lease.create(fingerprint=fingerprint)
        use_schema(connection, options=lease.options)
        lease.verify(connection)
        with connection.execute_wrapper(recorder):
            migrate(connection, verbosity=verbosity)
        journal = recorder.finish()
        journal.check_names(schema=lease.schema)
        connection.close()
        journal.digest = digest_of(lease.session, schema=lease.schema)
    finally:
        connection.close()
        lease.drop()
        lease.release()
        _restore_options(connection, before)
    return journal


def _restore_options(connection: BaseDatabaseWrapper, before: Any) -> None:
    parameters = connection.settings_dict["OPTIONS"]
    if before is None:
        parameters.pop("options", None)
    else:
        parameters["options"] = before


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
