"""Clones: which process owns which database, and what it may do to it.

The lease of a clone is an advisory lock in the test database, the clone's home,
so it outlives dropping and creating the clone.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from testing.database import connect
from testing.errors import SetupFailure
from testing.marks import MARKED_BY, Mark
from testing.own_databases import (
    create_marked,
    database_exists,
    database_mark,
    drop_marked,
    own_database_name,
    set_database_mark,
    try_lock,
    unlock,
)
from testing.places import LAST_SLOT, LOCK_TIMEOUT_MS, Place, said_activity
from testing.pooler import require_own_session
from testing.schemas import use_schema

__all__ = ["CloneLease"]


class CloneLease(Place):
    """Ownership of one database, for as long as the session in its home lives.

    ``lock`` is the lease: it holds the lock, creates and drops. ``session``
    works in the clone itself, from :meth:`open` on.
    """

    schema = "public"

    def __init__(self, connection: BaseDatabaseWrapper, *, home: str = "") -> None:
        self.connection = connection
        self.home = home or connection.settings_dict["NAME"]
        self.name = self.database = ""
        self.lock = self._connect_home()
        require_own_session(
            self.lock, place=connection.settings_dict, second=self._connect_home
        )
        self._is_open = False

    def _connect_home(self) -> psycopg.Connection[Any]:
        return connect(
            self.connection, database=self.home, application_name=f"{MARKED_BY} lease"
        )

    @classmethod
    def acquire(
        cls,
        connection: BaseDatabaseWrapper,
        *,
        prefix: str,
        number: int,
        package: str = "",
    ) -> CloneLease:
        """Lease clone ``number`` of the connection's test database, or the next free.

        A database of that name without the engine's marks is somebody else's
        and passed over.

        Raises:
            SetupFailure: no slot is free.

        """
        lease = cls(connection)
        for candidate in range(number, LAST_SLOT + 1):
            name = own_database_name(
                home=lease.home, prefix=prefix, package=package, last=f"w{candidate}"
            )
            if lease.take(name):
                return lease
        lease.release()
        raise SetupFailure(
            f"All databases up to {name!r} are leased or somebody else's, so no "
            "worker can have one. Next: end the other runs; their sessions carry "
            f"the application_name `{MARKED_BY} …` in pg_stat_activity."
        )

    def take(self, name: str) -> bool:
        """Take the lock if it is free and the name is not somebody else's database."""
        if not try_lock(self.lock, name=name):
            return False
        self.name = self.database = name
        if not self.exists() or self.mark() is not None:
            return True
        unlock(self.lock, name=name)
        return False

    def exists(self) -> bool:
        """Tell whether the database is there."""
        return database_exists(self.lock, name=self.name)

    def mark(self) -> Mark | None:
        """Return the database's mark, None without one."""
        return database_mark(self.lock, name=self.name)

    def set_mark(self, *, fingerprint: str, state: str) -> None:
        """Write the mark."""
        set_database_mark(
            self.lock, name=self.name, fingerprint=fingerprint, state=state
        )

    def create(self, *, template: str, fingerprint: str) -> None:
        """Create the database as a copy of ``template``, marked as being built.

        Raises:
            SetupFailure: the role may not create databases.

        """
        create_marked(
            self.lock, name=self.name, template=template, fingerprint=fingerprint
        )

    def open(self) -> None:
        """Begin the engine's session in the database.

        Raises:
            SetupFailure: it is not the engine's, or has no schema ``public``.

        """
        self._close_session()
        self.session = connect(
            self.connection,
            database=self.name,
            options=f"-c search_path={self.schema} {clone_options(self.name)}"
            f" -c lock_timeout={LOCK_TIMEOUT_MS}",
            application_name=f"{MARKED_BY} {self.name}",
        )
        self._is_open = True
        row = self.session.execute(
            "SELECT current_database(), current_schema()"
        ).fetchone()
        if row != (self.name, self.schema) or self.mark() is None:
            raise SetupFailure(
                f"The engine's session works in {row}, where the lease is on the "
                f"schema {self.schema!r} of the marked database {self.name!r}, so "
                "nothing may be reset there. Next: leave the schema public in place "
                "in migrations, and connect to PostgreSQL without a pooler."
            )

    def point(self, connection: BaseDatabaseWrapper) -> None:
        """Make every new session of ``connection`` work in this database."""
        use_schema(connection, options=clone_options(self.name))
        # In place: threads of a live server share this very dictionary.
        connection.settings_dict["NAME"] = self.name

    def _another_session(
        self, connection: BaseDatabaseWrapper
    ) -> psycopg.Connection[Any]:
        return connect(connection)

    def _verify(self, wrapper: BaseDatabaseWrapper) -> None:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            (database,) = cursor.fetchone()
        if database == self.name and self.mark() is not None:
            return
        raise SetupFailure(
            f"A fresh session works in database {database!r} where the lease is on "
            f"{self.name!r}, so tests would change data that is not theirs. Next: "
            "connect to PostgreSQL directly instead of through a pooler."
        )

    def drop(self) -> None:
        """Drop the database, with whoever is still connected to it."""
        self._close_session()
        drop_marked(self.lock, name=self.name)

    def activity(self) -> list[str]:
        """Say what sessions in this database do, and who keeps them waiting.

        Asks on a session of its own, so that any thread may.
        """
        with connect(self.connection, database=self.home) as session:
            return said_activity(session, application_name=self.name)

    def release(self) -> None:
        """End the lease; the database stays as it is."""
        self._close_session()
        self.lock.close()

    def _close_session(self) -> None:
        if self._is_open:
            self.session.close()
            self._is_open = False


def clone_options(name: str) -> str:
    """Return libpq ``options`` of sessions in a clone; the path is the project's."""
    escaped = "".join(f"\\{c}" if c.isspace() or c == "\\" else c for c in name)
    return f"-c synchronous_commit=off -c application_name={escaped}"
