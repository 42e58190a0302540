"""Connection pools of Django's: how large they may get, and what is in them.

A project sets ``OPTIONS["pool"]``, or the engine does for a worker that serves
requests; each process has a pool of its own for each alias.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["OWN_POOL", "cap", "largest", "sessions_of", "use_pool"]

# psycopg_pool's min_size when nothing is said; without max_size it is both.
USUAL_SIZE = 4
# What a worker that serves requests gets where the project names no pool.
OWN_POOL = {"min_size": 1, "max_size": 16}


def largest(options: Mapping[str, Any]) -> int:
    """Return how many connections a pool in ``OPTIONS`` may open, 0 without one."""
    pool = options.get("pool")
    if not pool:
        return 0
    if pool is True:
        return USUAL_SIZE
    smallest = int(pool.get("min_size", USUAL_SIZE))
    return int(pool.get("max_size") or smallest)


def cap(pool: Any, *, size: int) -> dict[str, Any]:
    """Return a pool's options so that it opens at most ``size`` connections."""
    given = {} if pool is True else dict(pool)
    smallest = min(int(given.get("min_size", USUAL_SIZE)), size)
    return {**given, "min_size": smallest, "max_size": size}


def use_pool(connection: BaseDatabaseWrapper, pool: Mapping[str, Any]) -> None:
    """Give a connection, in every thread, a pool with these options."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    # A pool and connections that outlive a request exclude each other.
    connection.settings_dict["CONN_MAX_AGE"] = 0
    connection.settings_dict["OPTIONS"]["pool"] = dict(pool)


@contextmanager
def sessions_of(
    connection: BaseDatabaseWrapper,
) -> Iterator[list[BaseDatabaseWrapper]]:
    """Give fresh sessions of a connection, open at once: two where a pool has them.

    The connection itself is the first one and stays open; its pool stays, too.
    """
    connection.close()
    wrappers = [connection]
    if largest(connection.settings_dict["OPTIONS"]) > 1:
        # A copy has the same alias, and so the same pool.
        wrappers.append(connection.copy())
    try:
        for wrapper in wrappers:
            wrapper.ensure_connection()
        yield wrappers
    finally:
        for wrapper in wrappers[1:]:
            wrapper.close()
