"""A place for tests of the engine: slots of their own, gone when the test ends."""

import os
import tempfile
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from unittest import SkipTest

from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.test import SimpleTestCase, override_settings
from psycopg import sql

from testing.database import connect
from testing.marks import Mark
from testing.schemas import Lease, use_schema


def prefix():
    """Return the first part of names that no other process and no run uses."""
    return f"probe{os.getpid()}"


def extensions():
    """Return the name of the probes' schema for extensions."""
    return f"{prefix()}_extensions"


def some_extension():
    """Return the name of an extension that this server has, with a type of its name."""
    with connect(connection) as session:
        return session.execute(
            "SELECT name FROM pg_available_extensions"
            " WHERE name IN ('vector', 'hstore') ORDER BY 1"
        ).fetchone()[0]


def database_name():
    """Return the name of a database of a test's own."""
    return f"{prefix()}_database"


class ProbeCase(SimpleTestCase):
    """Gives tests schemas in the test database, beside the one they run in."""

    databases = {"default"}

    def setUp(self):
        super().setUp()
        self.addCleanup(drop_probes)

    def open_session(self, *, options="", wrapper=None):
        """Return a session that ends with the test."""
        session = connect(wrapper or connection, options=options)
        self.addCleanup(session.close)
        return session

    def lease(self, number=1, *, wrapper=None, create=True):
        """Lease a slot of the probe's, with an empty schema in it."""
        lease = Lease.acquire(
            wrapper or connection,
            prefix=prefix(),
            extensions_schema=extensions(),
            number=number,
        )
        self.addCleanup(lease.release)
        if create:
            lease.create(fingerprint="probe")
        return lease

    def folder(self):
        """Return a folder that is removed after the test."""
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        return Path(place.name)

    def on_schema(self, number=1, *, alias="probe"):
        """Return a Django connection on a leased schema of the probe's, and it."""
        wrapper = self.wrapper(alias)
        leased = self.lease(number, wrapper=wrapper)
        use_schema(wrapper, options=leased.options)
        return wrapper, leased

    def wrapper(self, alias="probe", **changes):
        """Return a Django connection to the test database under another alias."""
        settings = deepcopy(connection.settings_dict)
        settings["OPTIONS"].pop("options", None)
        settings["OPTIONS"].pop("pool", None)
        # The run has put its test database in place of NAME already.
        name = changes.get("NAME", settings["NAME"])
        settings["TEST"] |= {"NAME": name, "DEPENDENCIES": []}
        settings.update(changes)
        connections.databases[alias] = settings
        # Django forbids a test the databases that its class does not name.
        type(self).databases |= {alias}
        self.addCleanup(self.forget, alias)
        return connections[alias]

    def forget(self, alias):
        connections[alias].close()
        connections[alias].close_pool()
        del connections[alias]
        del connections.databases[alias]
        type(self).databases -= {alias}

    def engine_settings(self, **changes):
        """Put TESTING settings in force: the probe's slots, a journal folder apart."""
        given = {
            "SLOT_PREFIX": prefix(),
            "EXTENSIONS_SCHEMA": extensions(),
            "CACHE_DIR": str(self.folder()),
            **changes,
        }
        self.enterContext(override_settings(TESTING=given))
        return given

    def assertThreeParts(self, message):
        """Assert that an error says what happened, why it stops, and what to do."""
        what, separator, command = message.partition(" Next: ")
        self.assertTrue(separator, message)
        self.assertGreater(len(what), 30, message)
        self.assertTrue(command.rstrip("."), message)


def drop_probes():
    """Drop every schema and clone of this process's probes."""
    with connect(connection) as session:
        names = session.execute(
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)",
            [f"{prefix()}_"],
        ).fetchall()
        for (name,) in names:
            drop_schema(session, name)
        databases = session.execute(
            "SELECT datname FROM pg_database WHERE strpos(datname, %s) > 0",
            [f"_{prefix()}_"],
        ).fetchall()
    for (name,) in databases:
        drop_database(name)


def drop_schema(session, name):
    """Drop one schema, in batches, whatever its mark says.

    A run beside this one may sweep it meanwhile.
    """
    tables = session.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s)"
        " AND relkind IN ('r', 'p') AND NOT relispartition",
        [f'"{name}"'],
    ).fetchall()
    for (table,) in tables:
        session.execute(
            sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(
                sql.Identifier(name, table)
            )
        )
    session.execute(
        sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name))
    )


def make_schema(session, name, *, mark=None):
    """Make an empty schema with a comment, by default somebody else's."""
    session.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    comment = mark.dump() if isinstance(mark, Mark) else mark
    if comment is not None:
        session.execute(
            sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(name), comment)
        )


def schema_exists(session, name):
    """Tell whether a schema is there."""
    found = session.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [name])
    return found.fetchone() is not None


@contextmanager
def own_path(alias, path):
    """Let each new session of ``alias`` leave the path that it begins with."""

    def leave(*, connection, **_):
        if connection.alias == alias:
            connection.connection.execute(f"SET search_path TO {path}")

    connection_created.connect(leave)
    try:
        yield
    finally:
        connection_created.disconnect(leave)


def orphan(fingerprint="gone", state="in use"):
    """Return the comment that a process leaves which died in a schema."""
    return Mark(fingerprint, state).dump()


def need_right(right):
    """Skip the test where the role that runs it lacks a right of pg_roles."""
    with connect(connection) as session:
        row = session.execute(
            sql.SQL(
                "SELECT rolsuper OR {} FROM pg_roles WHERE rolname = current_user"
            ).format(sql.Identifier(right))
        ).fetchone()
    if not row[0]:
        raise SkipTest(f"this role has not got {right}")


@contextmanager
def superuser_database(name):
    """Make a database of its own for a test, and drop it at the end."""
    need_right("rolcreatedb")
    with connect(connection, database="postgres") as session:
        session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield name
    finally:
        drop_database(name)


def drop_database(name):
    """Drop a database, with whoever is still connected to it."""
    with connect(connection, database="postgres") as session:
        session.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
        )


@contextmanager
def role(name, *, password="secret-of-the-probe"):
    """Make a role that may log in and nothing else, and drop it at the end."""
    need_right("rolcreaterole")
    with connect(connection) as session:
        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        session.execute(statement.format(sql.Identifier(name), password))
    try:
        yield name
    finally:
        with connect(connection) as session:
            who = sql.Identifier(name)
            session.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(who))
            session.execute(sql.SQL("DROP ROLE {}").format(who))


def kill(session, victim):
    """End another session, as a crash of its process would."""
    pid = victim.info.backend_pid
    session.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
