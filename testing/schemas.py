"""Slots and leases: which process owns which schema, and what it may do to it.

A slot is the name of a schema. A lease is an advisory lock on that name, held
by a session of its own; it ends with the session, so a dead process gives its
slot back by itself. A schema is dropped or reset only when it carries the
engine's mark, only under its lease.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql
from psycopg.rows import scalar_row

from testing.database import connect, connect_on_path
from testing.errors import SetupFailure
from testing.marks import MARKED_BY, Mark, lock_key
from testing.places import LAST_SLOT, LOCK_TIMEOUT_MS, Place, said_activity

__all__ = [
    "Lease",
    "Mark",
    "PathNotKept",
    "session_options",
    "slot_name",
    "use_schema",
]

OWN_OPTIONS = re.compile(
    r"(?:-c search_path=\S+ )?-c synchronous_commit=off"
    r" -c application_name=(?:\\.|\S)+"
)
# A transaction that drops a table takes about 17 locks, and the server's lock
# table has 64 for each connection by default.
TABLES_PER_TRANSACTION = 20


def slot_name(*, prefix: str, number: int, package: str = "") -> str:
    """Return the name of slot ``number``, with the chosen package in it.

    Names are deterministic, so that a run finds what an earlier one left.
    """
    letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in package)
    middle = letters.lower()
    if len(middle) > 32 or middle != package:
        digest = hashlib.sha256(package.encode()).hexdigest()[:6]
        middle = f"{middle[:32]}_{digest}" if package else ""
    return "_".join(part for part in (prefix, middle, f"w{number}") if part)


def session_options(*, schema: str, extensions_schema: str) -> str:
    """Return libpq ``options`` that put a session on ``schema``.

    Start-up options survive a rollback, which undoes a SET, and ``public`` is
    never among them. Tests do not wait for the disk at each commit.
    """
    return (
        f"-c search_path={schema},{extensions_schema}"
        f" -c synchronous_commit=off -c application_name={schema}"
    )


def use_schema(connection: BaseDatabaseWrapper, *, options: str) -> None:
    """Make every new session of ``connection``, in every thread, start with options.

    The settings are changed in place, since threads of a live server share
    them; sessions that started before are closed.
    """
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    parameters = connection.settings_dict["OPTIONS"]
    # What the project gives stays; what an earlier lease gave goes.
    before = OWN_OPTIONS.sub("", parameters.get("options", "")).strip()
    parameters["options"] = f"{before} {options}".strip()


class PathNotKept(SetupFailure):
    """The project itself sets the path of its sessions, so a schema cannot be chosen.

    ``reason`` says so as the rest of a sentence.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class Lease(Place):
    """Ownership of one schema in one database, for as long as its session lives.

    ``session`` is the lease: it holds the lock, builds and resets the schema.
    """

    def __init__(
        self, connection: BaseDatabaseWrapper, *, schema: str, extensions_schema: str
    ) -> None:
        self.connection = connection
        self.schema = self.name = schema
        self.database = connection.settings_dict["NAME"]
        self.options = session_options(
            schema=schema, extensions_schema=extensions_schema
        )
        self.path = f"{schema},{extensions_schema}"
        self.session: psycopg.Connection[Any] = connect_on_path(
            connection,
            options=f"{self.options} -c lock_timeout={LOCK_TIMEOUT_MS}",
            path=self.path,
            application_name=f"{MARKED_BY} {schema}",
        )

    @classmethod
    def acquire(
        cls,
        connection: BaseDatabaseWrapper,
        *,
        prefix: str,
        extensions_schema: str,
        number: int,
        package: str = "",
    ) -> Lease:
        """Lease slot ``number``, or the next free one.

        A schema of that name without the engine's mark is somebody else's and
        passed over.

        Raises:
            SetupFailure: no slot is free.

        """
        for candidate in range(number, LAST_SLOT + 1):
            schema = slot_name(prefix=prefix, number=candidate, package=package)
            lease = cls(connection, schema=schema, extensions_schema=extensions_schema)
            if lease.try_lock():
                return lease
            lease.release()
        raise SetupFailure(
            f"All slots from {prefix}_w{number} to {prefix}_w{LAST_SLOT} in database "
            f"{connection.settings_dict['NAME']!r} are leased, so no schema can be "
            "had. Next: end the other runs; their sessions carry the "
            f"application_name `{MARKED_BY} …` in pg_stat_activity."
        )

    def try_lock(self) -> bool:
        """Take the lock if it is free and the name is not somebody else's schema."""
        row = self.session.execute(
            "SELECT pg_try_advisory_lock(%s)", [lock_key(self.schema)]
        ).fetchone()
        return bool(row and row[0]) and (not self.exists() or self.mark() is not None)

    def exists(self) -> bool:
        """Tell whether the schema is there."""
        return (
            self.session.execute(
                "SELECT 1 FROM pg_namespace WHERE nspname = %s", [self.schema]
            ).fetchone()
            is not None
        )

    def mark(self) -> Mark | None:
        """Return the schema's mark, None when it has none or does not exist."""
        row = self.session.execute(
            "SELECT obj_description(oid, 'pg_namespace')"
            " FROM pg_namespace WHERE nspname = %s",
            [self.schema],
        ).fetchone()
        return Mark.parse(row[0]) if row else None

    def set_mark(self, *, fingerprint: str, state: str) -> None:
        """Write the mark."""
        self.session.execute(
            sql.SQL("COMMENT ON SCHEMA {} IS {}").format(
                sql.Identifier(self.schema), Mark(fingerprint, state).dump()
            )
        )

    def create(self, *, fingerprint: str) -> None:
        """Create the schema, empty and marked as being built.

        Raises:
            SetupFailure: the role may not create schemas in this database.

        """
        try:
            with self.session.transaction():
                self.session.execute(
                    sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(self.schema))
                )
                self.set_mark(fingerprint=fingerprint, state="building")
        except psycopg.errors.InsufficientPrivilege as error:
            user = self.session.info.user
            raise SetupFailure(
                f"The role {user!r} may not create the schema {self.schema!r} in "
                f"database {self.database!r}, so no worker can have one. Next: let "
                f'an administrator run `GRANT CREATE ON DATABASE "{self.database}" '
                f'TO "{user}"`.'
            ) from error

    def drop(self) -> None:
        """Drop the schema, in batches so that the server's lock table suffices."""
        if not self.exists():
            return
        if self.mark() is None:
            raise SetupFailure(
                f"The schema {self.schema!r} in database {self.database!r} carries "
                "no mark of the engine, so it may be somebody's data and is not "
                f"dropped. Next: look at it with `\\dt {self.schema}.*`, then rename "
                "or drop it yourself."
            )
        tables = self._tables()
        while len(tables) > TABLES_PER_TRANSACTION:
            batch = tables[:TABLES_PER_TRANSACTION]
            del tables[:TABLES_PER_TRANSACTION]
            names = [sql.Identifier(self.schema, table) for table in batch]
            self.session.execute(
                sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(
                    sql.SQL(", ").join(names)
                )
            )
        self.session.execute(
            sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(
                sql.Identifier(self.schema)
            )
        )

    def _another_session(
        self, connection: BaseDatabaseWrapper
    ) -> psycopg.Connection[Any]:
        return connect(connection, options=self.options)

    def _verify(self, wrapper: BaseDatabaseWrapper) -> None:
        with wrapper.cursor() as cursor:
            cursor.execute(
                "SELECT current_schema(), current_database(), current_schemas(false)"
            )
            schema, database, path = cursor.fetchone()
        if schema == self.schema and database == self.database and "public" not in path:
            return
        self._refuse_own_path(wrapper, path=path)
        raise SetupFailure(
            f"A fresh session works on schema {schema!r} of database {database!r} "
            f"(path {path}) where the lease is on {self.schema!r} of "
            f"{self.database!r}, so tests would change data that is not theirs. "
            "Next: connect to PostgreSQL directly instead of through a pooler, and "
            "remove search_path from DATABASES OPTIONS."
        )

    def _refuse_own_path(self, wrapper: BaseDatabaseWrapper, *, path: Any) -> None:
        """Tell a path that the project sets from one that is lost on the way.

        Raises:
            PathNotKept: a session is on the schema as long as Django does nothing.

        """
        with self._another_session(wrapper) as session:
            bare: Any = session.execute("SELECT current_schema()").fetchone()
        if bare[0] != self.schema:
            return
        engine = wrapper.settings_dict["ENGINE"]
        reason = (
            f"{engine} or other code of the project sets the path of each session "
            f"to {', '.join(path) or 'nothing'}"
        )
        raise PathNotKept(
            f"Sessions of {wrapper.alias!r} begin on the leased schema "
            f"{self.schema!r} and do not stay there: {reason}, so tests would change "
            "data that is not theirs. Next: TESTING['ISOLATION'] = 'database', which "
            "gives each worker a database with paths of its own.",
            reason=reason,
        )

    def point(self, connection: BaseDatabaseWrapper) -> None:
        """Make every new session of ``connection`` work on this schema."""
        use_schema(connection, options=self.options)

    def activity(self) -> list[str]:
        """Say what sessions on this schema do, and who keeps them waiting.

        Asks on a session of its own, so that any thread may.
        """
        with connect(self.connection) as session:
            return said_activity(session, application_name=self.schema)

    def release(self) -> None:
        """End the lease; the schema stays as it is."""
        self.session.close()

    def _tables(self) -> list[str]:
        with self.session.cursor(row_factory=scalar_row) as cursor:
            return cursor.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace"
                " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname",
                [self.schema],
            ).fetchall()
