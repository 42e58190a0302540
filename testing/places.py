"""A place to work in: what a leased schema and a leased database have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from testing.marks import Mark
from testing.pooler import require_own_session
from testing.pools import sessions_of

__all__ = ["LAST_SLOT", "LOCK_TIMEOUT_MS", "Place", "said_activity"]

LAST_SLOT = 512
# A reset waits for nobody longer than this: a straggler is an error to report.
LOCK_TIMEOUT_MS = 5000

ACTIVITY = """
SELECT a.pid, a.state, a.wait_event_type || ' ' || a.wait_event, left(a.query, 500),
       (SELECT string_agg(format('session %%s (%%s, %%s): %%s', b.pid,
                                 b.application_name, b.state, left(b.query, 300)),
                          '; ')
        FROM pg_stat_activity b WHERE b.pid = ANY (pg_blocking_pids(a.pid)))
FROM pg_stat_activity a
WHERE a.application_name = %s AND a.state <> 'idle' ORDER BY a.query_start
"""


class Place(ABC):
    """One schema or one database, owned for as long as a lock is held.

    Attributes:
        connection: the Django connection whose tests work here.
        name: what people and the lock call it; also the application_name of
            every session that tests open in it.
        schema: the schema that is reset between tests.
        database: the database it is in, or is.
        session: the engine's own session in it, in autocommit; builds and resets.

    """

    connection: BaseDatabaseWrapper
    name: str
    schema: str
    database: str
    session: psycopg.Connection[Any]

    @abstractmethod
    def exists(self) -> bool:
        """Tell whether it is there."""

    @abstractmethod
    def mark(self) -> Mark | None:
        """Return its mark, None when it has none or does not exist."""

    @abstractmethod
    def set_mark(self, *, fingerprint: str, state: str) -> None:
        """Write the mark."""

    @abstractmethod
    def point(self, connection: BaseDatabaseWrapper) -> None:
        """Make every new session of ``connection``, in every thread, work here."""

    def verify(self, connection: BaseDatabaseWrapper) -> None:
        """Check that fresh sessions of ``connection`` work here and nowhere else.

        Out of a pool, two are looked at.

        Raises:
            SetupFailure: one does not; nothing has been written.

        """
        with sessions_of(connection) as wrappers:
            for wrapper in wrappers:
                require_own_session(
                    wrapper.connection,
                    place=connection.settings_dict,
                    second=lambda: self._another_session(connection),
                )
                self._verify(wrapper)

    @abstractmethod
    def _another_session(
        self, connection: BaseDatabaseWrapper
    ) -> psycopg.Connection[Any]:
        """Open one more session like those of ``connection``; the caller closes it."""

    @abstractmethod
    def _verify(self, wrapper: BaseDatabaseWrapper) -> None:
        """Check that the open session of ``wrapper`` works here.

        Raises:
            SetupFailure: it works elsewhere.

        """

    @abstractmethod
    def drop(self) -> None:
        """Drop it, if it carries the engine's mark.

        Raises:
            SetupFailure: it carries none, or somebody holds on to it.

        """

    @abstractmethod
    def activity(self) -> list[str]:
        """Say what sessions of tests do here, and who keeps them waiting."""

    @abstractmethod
    def release(self) -> None:
        """End the lease; what is there stays as it is."""


def said_activity(
    session: psycopg.Connection[Any], *, application_name: str
) -> list[str]:
    """Return a line for each busy session of that name, with who blocks it."""
    rows = session.execute(ACTIVITY, [application_name]).fetchall()
    return [
        f"Session {pid} ({state}"
        + (f", waits for {event}" if event else "")
        + f"): {query}"
        + (f"\n  blocked by {blockers}" if blockers else "")
        for pid, state, event, query, blockers in rows
    ]
