"""Connection poolers: found on a fresh session, refused where they mix sessions up.

A pooler such as PgBouncer keeps sessions at the server and lends them to its
clients. In session mode a client has one for as long as it stays. In
transaction and in statement mode it may have another one each time, with
another worker's search_path and without its own locks.

Two facts give a pooler away. At login PostgreSQL announces the number of the
process that serves the session; a pooler has to make one up, so that it differs
from ``pg_backend_pid()``. And two sessions that are open at once never have the
same process at the server, unless they are lent it in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from testing.errors import SetupFailure

__all__ = ["Sight", "look", "place_of", "refusal_of_options", "require_own_session"]

# What PgBouncer answers to a start-up parameter that it does not pass on.
OPTIONS_REFUSED = "unsupported startup parameter"
# How often two sessions ask behind a pooler who serves them. A pooler in
# transaction mode gives the same process to both in the first round when it is
# idle; other clients may hide that for a while.
ROUNDS = 8
DIRECT = (
    "Next: connect to PostgreSQL itself, past the pooler: change host and port in "
    "DATABASES."
)


@dataclass(frozen=True)
class Sight:
    """What sessions showed of what is between this process and the server.

    Attributes:
        announced: the server process that the login named.
        own: the processes that answered the session, in turn.
        others: those that answered a second one, open at the same time.
        path: the session's search_path.

    """

    announced: int
    own: tuple[int, ...]
    others: tuple[int, ...] = ()
    path: str = ""

    @property
    def is_pooled(self) -> bool:
        """Whether something other than PostgreSQL answered the login."""
        return self.announced != self.own[0]

    @property
    def is_mixed_up(self) -> bool:
        """Whether the session was served by several processes, or shared one."""
        own, others = set(self.own), set(self.others)
        return len(own) > 1 or len(others) > 1 or not own.isdisjoint(others)

    def fault(self, *, wanted_path: str | None = None) -> str:
        """Say why no worker may use such a session; empty when it may.

        Without ``wanted_path`` its path is somebody else's care.
        """
        if self.is_mixed_up:
            return (
                "lends one session of the server to several clients: two sessions "
                "of this process, open at once, were answered by the server "
                f"processes {_numbers(self.own)} and {_numbers(self.others)}, as "
                "PgBouncer does with pool_mode = transaction or statement. A "
                "statement could reach another worker's schema"
            )
        if wanted_path is not None and _parts(self.path) != _parts(wanted_path):
            return (
                "takes start-up options and does not pass them on: search_path is "
                f"{self.path!r} where {wanted_path!r} was asked for. Tests would "
                "change tables that are not theirs"
            )
        return ""


def look(
    session: psycopg.Connection[Any],
    *,
    second: Callable[[], psycopg.Connection[Any]],
) -> Sight:
    """Look at a session in autocommit; a direct one costs one round trip.

    ``second`` opens another session of the same kind; it is called behind a
    pooler alone, and its session closed.
    """
    own, path = _ask(session)
    announced = session.info.backend_pid
    if own == announced:
        return Sight(announced, (own,), (), path)
    seen, others = [own], []
    with second() as other:
        for _ in range(ROUNDS):
            # Twice the first: a pooler that goes round gives it another each time.
            seen += [_ask(session)[0], _ask(session)[0]]
            others.append(_ask(other)[0])
            if Sight(announced, tuple(seen), tuple(others)).is_mixed_up:
                break
    return Sight(announced, tuple(seen), tuple(others), path)


def require_own_session(
    session: psycopg.Connection[Any],
    *,
    place: Mapping[str, Any],
    second: Callable[[], psycopg.Connection[Any]],
    wanted_path: str | None = None,
) -> None:
    """Refuse a session that may be another one at the next statement.

    ``place`` is the connection's ``settings_dict``.

    Raises:
        SetupFailure: a pooler shares the server's sessions out, or the
            session is not on ``wanted_path``, where one is given; nothing was
            written.

    """
    sight = look(session, second=second)
    if fault := sight.fault(wanted_path=wanted_path):
        who = "The pooler" if sight.is_pooled else "What answers"
        raise SetupFailure(
            f"{who} at {place_of(place)} {fault}, so no test runs. {DIRECT}"
        )


def refusal_of_options(
    error: Exception, *, place: Mapping[str, Any]
) -> SetupFailure | None:
    """Return what to raise when start-up options were refused, else None."""
    if OPTIONS_REFUSED not in str(error):
        return None
    return SetupFailure(
        f"The pooler at {place_of(place)} refuses start-up options "
        f"({str(error).strip().splitlines()[-1]}), by which each worker's sessions "
        f"are put on its own schema, so no test runs. {DIRECT}"
    )


def place_of(settings: Mapping[str, Any]) -> str:
    """Return host and port of a DATABASES entry, for people."""
    host = settings.get("HOST") or "the local socket"
    return f"{host}, port {settings.get('PORT') or 5432},"


def _ask(session: psycopg.Connection[Any]) -> tuple[int, str]:
    row = session.execute(
        "SELECT pg_backend_pid(), current_setting('search_path')"
    ).fetchone()
    assert row is not None  # noqa: S101 - such a query has one row
    return row[0], row[1]


def _numbers(pids: tuple[int, ...]) -> str:
    return ", ".join(map(str, dict.fromkeys(pids)))


def _parts(path: str) -> list[str]:
    return [part.strip().strip('"') for part in path.split(",")]
