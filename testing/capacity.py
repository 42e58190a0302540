"""Whether a server has connections and locks enough for a run, asked before it starts.

A server that runs out of either in the middle fails tests that have nothing wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db import router

from testing.errors import SetupFailure
from testing.pooler import place_of
from testing.pools import OWN_POOL, largest
from testing.schemas import TABLES_PER_TRANSACTION

__all__ = ["Limits", "Need", "need_of", "pool_to_cap", "table_count"]

# Locks for each table: of a transaction that creates or drops it, and of a reset.
# Measured with 16 tables, 53 indexes and 12 sequences: a reset took 100 locks.
LOCKS_TO_BUILD = 17
LOCKS_TO_RESET = 6

LIMITS = """
SELECT current_setting('max_connections')::int,
       CASE WHEN current_setting('is_superuser') = 'on' THEN 0 ELSE
         current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) END,
       (SELECT sum(numbackends)::int - 1 FROM pg_stat_database),
       current_setting('max_locks_per_transaction')::int,
       current_setting('max_connections')::int
         + current_setting('max_prepared_transactions')::int
"""


@dataclass(frozen=True)
class Limits:
    """What a server allows.

    Attributes:
        connections: ``max_connections``.
        reserved: connections that this role may not take.
        in_use: connections of others at this moment.
        locks_each: ``max_locks_per_transaction``.
        transactions: how many transactions that is multiplied by.

    """

    connections: int
    reserved: int
    in_use: int
    locks_each: int
    transactions: int

    @classmethod
    def read(cls, session: psycopg.Connection[Any]) -> Limits:
        """Ask the server; ``session`` itself is not counted."""
        row = session.execute(LIMITS).fetchone()
        assert row is not None  # noqa: S101 - such a query has one row
        return cls(*row)

    @property
    def free(self) -> int:
        """How many connections a run can have."""
        return self.connections - self.reserved - self.in_use

    @property
    def locks(self) -> int:
        """How many locks fit in the server's table."""
        return self.locks_each * self.transactions


@dataclass(frozen=True)
class Need:
    """What a run asks of one server.

    Attributes:
        workers: how many there are at once.
        leases: sessions of the engine's own in each worker.
        aliases: how many of Django's connections each worker has there.
        least: how many sessions each of those needs at least: one, or two where
            a step waits for an answer of the live server.
        tables: of the largest database.

    """

    workers: int
    leases: int
    aliases: int
    least: int
    tables: int

    @property
    def connections_each(self) -> int:
        """How many connections a worker needs at least."""
        return self.leases + self.aliases * self.least

    @property
    def locks_each(self) -> int:
        """How many locks a worker takes at most in one transaction."""
        batch = min(self.tables, TABLES_PER_TRANSACTION)
        return max(LOCKS_TO_BUILD * batch, LOCKS_TO_RESET * self.tables)

    def fault(self, limits: Limits, *, of: str = "") -> str:
        """Say what the server has too little of, and what to do; empty if all fits.

        ``of`` is ``connections`` or ``locks``; without it both are looked at.
        """
        found = {
            "connections": self._fault_of_connections(limits),
            "locks": self._fault_of_locks(limits),
        }
        return found[of] if of else found["connections"] or found["locks"]

    def _fault_of_connections(self, limits: Limits) -> str:
        wanted = self.workers * self.connections_each
        if wanted <= limits.free:
            return ""
        return (
            f"has {limits.free} connections to give (max_connections "
            f"{limits.connections}, less {limits.reserved} reserved and "
            f"{limits.in_use} in use) and {self.workers} workers need {wanted}, "
            f"{self.connections_each} each, so tests would fail with `too many "
            "clients`. Next: "
            + _fewer(limits.free // self.connections_each, "max_connections")
        )

    def _fault_of_locks(self, limits: Limits) -> str:
        wanted = self.workers * self.locks_each
        if wanted <= limits.locks:
            return ""
        return (
            f"has room for {limits.locks} locks (max_locks_per_transaction "
            f"{limits.locks_each} for each of {limits.transactions} transactions) "
            f"and {self.workers} workers with {self.tables} tables may take {wanted}, "
            f"{self.locks_each} each, so tests would fail with `out of shared "
            "memory`. Next: "
            + _fewer(limits.locks // self.locks_each, "max_locks_per_transaction")
        )

    def require(self, limits: Limits, *, place: Mapping[str, Any]) -> None:
        """Refuse a run that the server at ``place`` cannot carry.

        Raises:
            SetupFailure: connections or locks are too few.

        """
        if fault := self.fault(limits):
            raise SetupFailure(f"PostgreSQL at {place_of(place)} {fault}")

    def pool_size(self, limits: Limits) -> int:
        """Return how large each pool may get so that those of all workers fit."""
        return (limits.free // self.workers - self.leases) // self.aliases


def need_of(
    alias: str, *, databases: Sequence[Sequence[str]], workers: int, serves: bool
) -> Need:
    """Return what a run asks of a server with these databases, each by its aliases.

    ``serves`` tells that each worker has a live server for its whole life.
    """
    return Need(
        # Django counts none where tests run in its own process.
        workers=max(workers, 1),
        leases=len(databases),
        aliases=sum(map(len, databases)),
        least=2 if serves else 1,
        tables=table_count(alias),
    )


def pool_to_cap(
    options: Mapping[str, Any], *, serves: bool, size: int
) -> tuple[Any, int] | None:
    """Return a pool that is too large, and its size; None where there is none.

    The engine gives a worker that serves a pool, where the project has not.
    """
    pool = options.get("pool") or (OWN_POOL if serves else None)
    wanted = largest({"pool": pool})
    return (pool, wanted) if wanted > size else None


def table_count(alias: str) -> int:
    """Return how many tables of models a database has, of third parties too."""
    return len(
        {
            model._meta.db_table  # noqa: SLF001 - documented
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed  # noqa: SLF001
            and not model._meta.proxy  # noqa: SLF001
            and router.allow_migrate_model(alias, model)
        }
    )


def _fewer(workers: int, setting: str) -> str:
    """Say how to ask for less, or where to get more."""
    more = f"raise {setting} in postgresql.conf and restart the server"
    return f"run with `--parallel {workers}`, or {more}." if workers else f"{more}."
