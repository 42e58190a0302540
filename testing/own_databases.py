"""Databases of the engine's own: their names, their two marks, their locks.

Templates and clones belong to a test database, their home, in which the locks
on their names are held. A database is dropped only when it carries both of the
engine's marks: the number it was created with and, from then on, a comment.
"""

from __future__ import annotations

import hashlib
from typing import Any

import psycopg
from psycopg import sql

from testing.database import create_database
from testing.errors import SetupFailure
from testing.marks import Mark, birth_number, lock_key
from testing.schemas import slot_name

__all__ = [
    "create_marked",
    "database_exists",
    "database_mark",
    "drop_marked",
    "own_database_name",
    "set_database_mark",
    "try_lock",
    "unlock",
]

DEFAULT_PREFIX = "test"
# PostgreSQL cuts longer names off, in bytes.
LONGEST_NAME = 63


def own_database_name(*, home: str, prefix: str, last: str, package: str = "") -> str:
    """Return the name of a database that belongs to the test database ``home``.

    ``last`` says what it is: ``w1``, ``template``. The project's prefix is in
    the name unless it is the default one. Too long a ``home`` is cut, and told
    from others by a hash.
    """
    head, _, rest = prefix.partition("_")
    own = rest if head == DEFAULT_PREFIX else prefix
    tail = slot_name(prefix=own, number=0, package=package).removesuffix("w0")
    end = f"_{tail}{last}"
    room = LONGEST_NAME - len(end)
    if len(home.encode()) > room:
        digest = hashlib.sha256(home.encode()).hexdigest()[:6]
        home = home.encode()[: room - 7].decode(errors="ignore") + f"_{digest}"
    return home + end


def database_mark(session: psycopg.Connection[Any], *, name: str) -> Mark | None:
    """Return the mark of a database of the session's own home.

    None where there is no such database, where it lacks one of both marks, or
    where this role could not drop it. A database whose maker died before it
    wrote the comment counts as being built.
    """
    row = session.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = %s AND datconnlimit = %s AND pg_has_role(datdba, 'USAGE')",
        [name, birth_number(session.info.dbname)],
    ).fetchone()
    if row is None:
        return None
    return Mark("", "building") if row[0] is None else Mark.parse(row[0])


def database_exists(session: psycopg.Connection[Any], *, name: str) -> bool:
    """Tell whether the server has a database of that name."""
    found = session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def set_database_mark(
    session: psycopg.Connection[Any], *, name: str, fingerprint: str, state: str
) -> None:
    """Write the mark of a database."""
    session.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(
            sql.Identifier(name), Mark(fingerprint, state).dump()
        )
    )


def create_marked(
    session: psycopg.Connection[Any], *, name: str, template: str, fingerprint: str
) -> None:
    """Create a database from ``template`` (empty: the server's), marked as being built.

    Raises:
        SetupFailure: the role may not create databases.

    """
    statement = sql.SQL("CREATE DATABASE {} CONNECTION LIMIT {}").format(
        sql.Identifier(name), birth_number(session.info.dbname)
    )
    if template:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    try:
        create_database(session, statement)
    except psycopg.errors.InsufficientPrivilege as error:
        user = session.info.user
        raise SetupFailure(
            f"The role {user!r} may not create the database {name!r} "
            f"({str(error).splitlines()[0]}), so no worker can have a database of "
            "its own. Next: let an administrator run "
            f"`ALTER ROLE \"{user}\" CREATEDB`, or set TESTING['ISOLATION'] = "
            "'schema' and TESTING['FALLBACK'] = 'alone', which need no such right."
        ) from error
    set_database_mark(session, name=name, fingerprint=fingerprint, state="building")


def drop_marked(session: psycopg.Connection[Any], *, name: str) -> None:
    """Drop a database of the engine's, with whoever is connected to it.

    Raises:
        SetupFailure: it carries no mark, or a session in it cannot be ended.

    """
    if not database_exists(session, name=name):
        return
    if database_mark(session, name=name) is None:
        raise SetupFailure(
            f"The database {name!r} carries no mark of the engine, so it may be "
            "somebody's data and is not dropped. Next: look at it with "
            f'`psql "{name}"`, then rename or drop it yourself.'
        )
    try:
        session.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
        )
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse) as error:
        raise SetupFailure(
            f"The database {name!r} cannot be dropped: somebody is connected to it "
            f"({str(error).splitlines()[0]}). Next: end the sessions that "
            f"pg_stat_activity shows with datname {name!r}, and run again."
        ) from error


def try_lock(
    session: psycopg.Connection[Any], *, name: str, shared: bool = False
) -> bool:
    """Take the lock on a database's name if it is free."""
    function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
    row = session.execute(
        sql.SQL("SELECT {}({})").format(
            sql.Identifier(function), lock_key(f"database {name}")
        )
    ).fetchone()
    return bool(row and row[0])


def unlock(
    session: psycopg.Connection[Any], *, name: str, shared: bool = False
) -> None:
    """Give the lock on a database's name back."""
    function = "pg_advisory_unlock_shared" if shared else "pg_advisory_unlock"
    session.execute(
        sql.SQL("SELECT {}({})").format(
            sql.Identifier(function), lock_key(f"database {name}")
        )
    )
