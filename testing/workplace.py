"""A worker's workplace: one leased, migrated schema in each test database.

The way is the same for unit tests and for features: prepare (the parent finds
or records the journals), occupy (a worker leases and builds), reset, leave.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg
from django.db import connections

from testing.baseline import Baseline
from testing.catalog import digest_of
from testing.journal import Journal, JournalStore, extension_statements
from testing.orphans import sweep_orphans
from testing.preparation import Database, Plan, migrate
from testing.recorder import Recorder
from testing.schemas import Lease, Mark, use_schema

__all__ = [
    "Build",
    "Workplace",
    "aliases_beside",
    "baseline_of",
    "enter",
    "leave",
    "sweep",
]


# The workplaces this process occupies; the command `flush` resets through them.
_occupied: list[Workplace] = []


def enter(plan: Plan, *, worker_id: int) -> Workplace:
    """Occupy a workplace in this process; on failure nothing stays occupied.

    Raises:
        SetupFailure: a schema cannot be leased or built.

    """
    workplace = Workplace(plan)
    try:
        workplace.occupy(worker_id=worker_id)
    except BaseException:
        workplace.leave()
        raise
    _occupied.append(workplace)
    return workplace


def leave(workplace: Workplace) -> None:
    """Leave a workplace that was entered."""
    if workplace in _occupied:
        _occupied.remove(workplace)
    workplace.leave()


def baseline_of(alias: str) -> Baseline | None:
    """Return the baseline of the schema that ``alias`` works on in this process."""
    for workplace in reversed(_occupied):
        if found := workplace.baseline_of(alias):
            return found
    return None


def aliases_beside(alias: str) -> tuple[str, ...]:
    """Return the aliases that lead to the same schema as ``alias``, itself too."""
    for workplace in reversed(_occupied):
        for database in workplace.plan.databases:
            if alias in database.aliases:
                return database.aliases
    return (alias,)


def sweep(plan: Plan) -> None:
    """Drop schemas of ours that nobody owns any more and nobody wanted to keep.

    Their locks are free though they are not ready: their processes died.
    """
    for database in plan.databases:
        sweep_orphans(
            database.connection, extensions_schema=plan.engine.extensions_schema
        )


@dataclass(frozen=True)
class Build:
    """How one schema came to be: ``kept``, ``replayed`` or ``migrated``."""

    alias: str
    schema: str
    way: str
    note: str = ""


@dataclass
class Workplace:
    """The schemas one process works in, from :meth:`occupy` to :meth:`leave`."""

    plan: Plan
    leases: dict[str, Lease] = field(default_factory=dict)
    baselines: dict[str, Baseline] = field(default_factory=dict)
    builds: list[Build] = field(default_factory=list)

    def occupy(self, *, worker_id: int) -> None:
        """Lease a slot in each database, build its schema and verify it.

        Raises:
            SetupFailure: no slot is free or a schema cannot be built.

        """
        for database in self.plan.databases:
            self._occupy(database, worker_id=worker_id)
        self.plan.others.enter(worker_id=worker_id)

    def baseline_of(self, alias: str) -> Baseline | None:
        """Return the baseline of the schema that ``alias`` works on."""
        for database in self.plan.databases:
            if alias in database.aliases:
                return self.baselines.get(database.aliases[0])
        return None

    def keep_copies(self) -> list[str]:
        """Copy the schemas as they are; returns the psql lines that open the copies."""
        from testing.keepsake import keep, psql_line

        lines = []
        for alias, lease in self.leases.items():
            journal = self.plan.journals[alias]
            kept = keep(lease, journal=journal, plan=self.plan)
            if kept is not None:
                lines.append(psql_line(lease.connection, schema=kept))
        return lines

    def activity(self) -> list[str]:
        """Say what the databases are busy with for this process."""
        return [line for lease in self.leases.values() for line in lease.activity()]

    def reset(self) -> None:
        """Put every schema back to the newest level of its baseline."""
        for baseline in self.baselines.values():
            baseline.reset()

    def push(self) -> None:
        """Make the present data the state to go back to."""
        for baseline in self.baselines.values():
            baseline.push()

    def pop(self) -> None:
        """Go back to the state before the latest :meth:`push`."""
        for baseline in self.baselines.values():
            baseline.pop()

    def leave(self) -> None:
        """Close every session, then drop the schemas or keep them, pristine."""
        close_pools(self.plan.databases)
        for alias, lease in self.leases.items():
            with contextlib.closing(lease.session):
                if self.plan.keepdb and alias in self.baselines:
                    baseline = self.baselines[alias]
                    while len(baseline.levels) > 1:
                        baseline.pop()
                    baseline.reset()
                    fingerprint = self.plan.journals[alias].fingerprint
                    lease.set_mark(fingerprint=fingerprint, state="ready")
                else:
                    lease.drop()
        self.leases.clear()
        self.baselines.clear()

    def _occupy(self, database: Database, *, worker_id: int) -> None:
        connection = database.connection
        journal = self.plan.journals[connection.alias]
        lease = Lease.acquire(
            connection,
            prefix=self.plan.slot_prefix,
            extensions_schema=self.plan.engine.extensions_schema,
            number=worker_id,
            package=self.plan.package,
        )
        self.leases[connection.alias] = lease
        for alias in database.aliases:
            use_schema(connections[alias], options=lease.options)
        self.builds.append(
            build(lease, journal=journal, plan=self.plan, alias=connection.alias)
        )
        lease.set_mark(fingerprint=journal.fingerprint, state="in use")
        for alias in database.aliases:
            lease.verify(connections[alias])
        self.baselines[connection.alias] = Baseline(lease.session, schema=lease.schema)


def build(lease: Lease, *, journal: Journal, plan: Plan, alias: str) -> Build:
    """Bring a leased schema to the state the fingerprint names, the cheapest way."""
    ready = Mark(journal.fingerprint, "ready")
    if plan.keepdb and lease.mark() == ready:
        return Build(alias, lease.schema, "kept")
    lease.drop()
    lease.create(fingerprint=journal.fingerprint)
    if journal.refusal:
        # Nothing is recorded for later; the recorder redirects extensions.
        recorder = Recorder(
            lease.connection,
            fingerprint=journal.fingerprint,
            extensions_schema=plan.engine.extensions_schema,
        )
        with lease.connection.execute_wrapper(recorder):
            migrate(lease.connection, verbosity=0)
        return Build(alias, lease.schema, "migrated", journal.refusal)
    if journal.extensions:
        with lease.session.transaction():
            for statement in extension_statements(
                journal.extensions, extensions_schema=plan.engine.extensions_schema
            ):
                lease.session.execute(statement)
    try:
        journal.replay(lease.session)
    except psycopg.Error as error:
        lease.session.rollback()
        journal.refusal = f"its replay failed: {str(error).splitlines()[0]}"
    if not journal.verified and not journal.refusal:
        _compare(lease, journal=journal, store=JournalStore(plan.engine.journal_dir))
    if journal.refusal:
        return build(lease, journal=journal, plan=plan, alias=alias)
    return Build(alias, lease.schema, "replayed")


def close_pools(databases: Iterable[Database]) -> None:
    """Close this thread's connections and every pool, in all threads."""
    connections.close_all()
    for database in databases:
        for alias in database.aliases:
            connections[alias].close_pool()  # type: ignore[attr-defined]


def _compare(lease: Lease, *, journal: Journal, store: JournalStore) -> None:
    """Compare the first replay with the schema that was migrated."""
    if digest_of(lease.session, schema=lease.schema) == journal.digest:
        journal.verified = True
    else:
        journal.refusal = "its replay differs from what migrating gave"
    # A read-only checkout compares again each time.
    with contextlib.suppress(OSError):
        store.save(alias=lease.connection.alias, journal=journal)
