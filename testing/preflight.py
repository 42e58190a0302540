"""What is looked at before a run starts, on each server that it uses."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from django.db import connections

from testing.capacity import Limits, need_of, pool_to_cap
from testing.database import connect
from testing.pooler import require_own_session
from testing.pools import cap

__all__ = ["is_under_way", "look_over", "over"]

# The test databases that this process has pointed Django at, by alias.
_under_way: set[str] = set()


def look_over(
    database: Sequence[str],
    *,
    databases: Sequence[Sequence[str]],
    workers: int,
    serves: bool,
    verbosity: int,
) -> dict[str, Any]:
    """Look at the server of one test database, which exists by now.

    Returns the pools that are kept smaller, by alias, so that those of all
    workers fit; each is told in a line.

    Raises:
        SetupFailure: a pooler mixes sessions up, or the server has too few
            connections or locks for so many workers.

    """
    _under_way.update(database)
    connection = connections[database[0]]
    here = _server_of(database[0])
    on_server = [names for names in databases if _server_of(names[0]) == here]
    need = need_of(database[0], databases=on_server, workers=workers, serves=serves)
    with connect(connection) as session:
        require_own_session(
            session,
            place=connection.settings_dict,
            second=lambda: connect(connection),
        )
        limits = Limits.read(session)
    need.require(limits, place=connection.settings_dict)
    size = max(need.pool_size(limits), need.least)
    capped = {}
    for alias in database:
        options = connections[alias].settings_dict["OPTIONS"]
        if too_large := pool_to_cap(options, serves=serves, size=size):
            pool, wanted = too_large
            capped[alias] = cap(pool, size=size)
            if verbosity:
                sys.stderr.write(
                    f"Each worker's pool for {alias!r} has {size} connections at most "
                    f"instead of {wanted}: {need.workers} workers share the "
                    f"{limits.free} that the server has to give.\n"
                )
    return capped


def over(database: Sequence[str]) -> None:
    """Take note that Django points back at the project's own database."""
    _under_way.difference_update(database)


def is_under_way() -> bool:
    """Tell whether a run has looked, and Django points at its test databases."""
    return bool(_under_way)


def _server_of(alias: str) -> tuple[str, str]:
    settings = connections[alias].settings_dict
    return str(settings["HOST"]), str(settings["PORT"])
