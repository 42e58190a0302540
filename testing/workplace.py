"""A worker's workplace: one leased, migrated schema or database for each alias.

The way is the same for unit tests and for features: prepare (the parent finds
or records the journals), occupy (a worker leases and builds), reset, leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
from django.db import connections

from testing.baseline import Baseline
from testing.builds import Build, build_clone, build_schema
from testing.clones import CloneLease
from testing.extensions import forget_types
from testing.kept_baselines import KeptBaselines
from testing.migrate_receivers import call_receivers
from testing.orphans import sweep_orphans
from testing.places import Place
from testing.preparation import Database, Plan
from testing.schemas import Lease

__all__ = [
    "Build",
    "Workplace",
    "sweep",
]


def sweep(plan: Plan) -> None:
    """Drop places of ours that nobody owns any more and nobody wanted to keep.

    Their locks are free though they are not ready: their processes died.
    """
    for database in plan.databases:
        sweep_orphans(
            database.connection, extensions_schema=plan.engine.extensions_schema
        )


@dataclass
class Workplace:
    """The places one process works in, from :meth:`occupy` to :meth:`leave`.

    ``leases`` and ``baselines`` are kept by the alias in charge.
    """

    plan: Plan
    leases: dict[str, Place] = field(default_factory=dict)
    baselines: dict[str, Baseline] = field(default_factory=dict)
    builds: list[Build] = field(default_factory=list)
    # Name and options of each alias's connection before it was occupied.
    before: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    worker_id: int = 1

    def occupy(self, *, worker_id: int) -> None:
        """Lease a slot in each database, build its schema and verify it.

        Raises:
            SetupFailure: no slot is free or a schema cannot be built.

        """
        self.worker_id = worker_id
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
        """Copy the places as they are; returns the psql lines that open the copies."""
        from testing.keepsake import keep

        kept = (keep(lease, plan=self.plan) for lease in self.leases.values())
        return [line for line in kept if line is not None]

    def activity(self) -> list[str]:
        """Say what the databases are busy with for this process."""
        return [line for lease in self.leases.values() for line in lease.activity()]

    def reset(self) -> None:
        """Put every schema back to the newest level of its baseline."""
        for baseline in self.baselines.values():
            baseline.reset()
        self._tell_receivers()

    def push(self) -> None:
        """Make the present data the state to go back to."""
        for baseline in self.baselines.values():
            baseline.push()

    def pop(self) -> None:
        """Go back to the state before the latest :meth:`push`."""
        for baseline in self.baselines.values():
            baseline.pop()
        self._tell_receivers()

    def leave(self) -> None:
        """Close every session, drop the places or keep them, pristine, and go back."""
        close_pools(self.plan.databases)
        for alias, lease in self.leases.items():
            try:
                self._give_back(lease, self.baselines.get(alias))
            finally:
                lease.release()
        for alias, (name, options) in self.before.items():
            settings = connections[alias].settings_dict
            settings["NAME"], settings["OPTIONS"] = name, options
        forget_types()
        self.leases.clear()
        self.baselines.clear()
        self.before.clear()

    def _give_back(self, lease: Place, baseline: Baseline | None) -> None:
        if not self.plan.keepdb or baseline is None:
            lease.drop()
            return
        while len(baseline.levels) > 1:
            baseline.pop()
        baseline.reset()
        journal = self.plan.journals[lease.connection.alias]
        lease.set_mark(fingerprint=journal.fingerprint, state="ready")
        if isinstance(lease, Lease):
            # Without the folder the next run asks the schema itself.
            with suppress(OSError):
                (level,) = baseline.levels
                self._kept.save(
                    lease.session,
                    schema=lease.schema,
                    inventory=level.inventory,
                    filled=frozenset(level.kept),
                    positions=level.positions,
                )

    def _tell_receivers(self) -> None:
        """Call the project's receivers of post_migrate, as a flush would."""
        called = [call_receivers(alias) for alias in self.baselines]
        if any(called):
            # What they opened here would look like the next scenario's own.
            connections.close_all()

    @property
    def _kept(self) -> KeptBaselines:
        return KeptBaselines(self.plan.engine.journal_dir)

    def _occupy(self, database: Database, *, worker_id: int) -> None:
        alias = database.connection.alias
        for name in database.aliases:
            settings = connections[name].settings_dict
            self.before[name] = settings["NAME"], dict(settings["OPTIONS"])
            if settings["NAME"] != self.plan.names[name]:
                # In a process that was not forked.
                connections[name].close()
                settings["NAME"] = self.plan.names[name]
        if alias in self.plan.cloned:
            lease = self._occupy_clone(database, worker_id=worker_id)
        else:
            lease = self._occupy_schema(database, worker_id=worker_id)
        known = None
        if isinstance(lease, Lease) and self.builds[-1].way == "kept":
            known = self._kept.load(lease.session, schema=lease.schema)
        fingerprint = self.plan.journals[alias].fingerprint
        lease.set_mark(fingerprint=fingerprint, state="in use")
        forget_types()
        for name in database.aliases:
            lease.verify(connections[name])
        self.baselines[alias] = Baseline(
            lease.session,
            schema=lease.schema,
            rebuild=partial(self._rebuild, lease, database),
            known=known,
        )

    def _rebuild(self, lease: Place, database: Database) -> psycopg.Connection[Any]:
        """Build a place anew that a test has changed beyond a reset.

        Returns the engine's session in it, which is another one in a new clone.
        """
        alias = lease.connection.alias
        journal = self.plan.journals[alias]
        if isinstance(lease, CloneLease):
            # Sessions of the tests end with the database that they are in.
            close_pools((database,))
            build_clone(lease, journal=journal, plan=self.plan)
        elif isinstance(lease, Lease):
            build_schema(lease, journal=journal, plan=self.plan, alias=alias)
        lease.set_mark(fingerprint=journal.fingerprint, state="in use")
        return lease.session

    def _occupy_schema(self, database: Database, *, worker_id: int) -> Place:
        lease = Lease.acquire(
            database.connection,
            prefix=self.plan.slot_prefix,
            extensions_schema=self.plan.engine.extensions_schema,
            number=worker_id,
            package=self.plan.package,
        )
        alias = database.connection.alias
        self.leases[alias] = lease
        for name in database.aliases:
            lease.point(connections[name])
        journal = self.plan.journals[alias]
        self.builds.append(
            build_schema(lease, journal=journal, plan=self.plan, alias=alias)
        )
        return lease

    def _occupy_clone(self, database: Database, *, worker_id: int) -> Place:
        lease = CloneLease.acquire(
            database.connection,
            prefix=self.plan.slot_prefix,
            number=worker_id,
            package=self.plan.package,
        )
        alias = database.connection.alias
        self.leases[alias] = lease
        journal = self.plan.journals[alias]
        self.builds.append(build_clone(lease, journal=journal, plan=self.plan))
        for name in database.aliases:
            lease.point(connections[name])
        return lease


def close_pools(databases: Iterable[Database]) -> None:
    """Close this thread's connections and every pool, in all threads."""
    connections.close_all()
    for database in databases:
        for alias in database.aliases:
            connections[alias].close_pool()  # type: ignore[attr-defined]
