"""Clones of a test's own, beside the place in which the test itself runs."""

import time

from django.db import connection
from psycopg import sql

from testing.clones import CloneLease
from testing.marks import Mark, birth_number
from testing.own_databases import own_database_name
from testing.tests.probe import ProbeCase, need_right, prefix


class CloneCase(ProbeCase):
    """Gives tests clones of the test database's own, gone when the test ends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        need_right("rolcreatedb")

    def setUp(self):
        super().setUp()
        self.probe = self.wrapper()

    def clone_name(self, last):
        """Return the name of one of the probe's own databases."""
        home = connection.settings_dict["NAME"]
        return own_database_name(home=home, prefix=prefix(), last=last)

    def clone(self, number=1, *, create=True):
        """Lease a clone of the probe's, made from an empty template."""
        lease = CloneLease.acquire(self.probe, prefix=prefix(), number=number)
        self.addCleanup(lease.release)
        if create:
            lease.create(template="", fingerprint="probe")
        return lease

    def make_database(self, name, *, birth=True, comment=None):
        """Make a database as somebody else would, or as a dead process left it."""
        home = connection.settings_dict["NAME"]
        session = self.open_session()
        statement = sql.SQL("CREATE DATABASE {} CONNECTION LIMIT {}").format(
            sql.Identifier(name), birth_number(home) if birth else -1
        )
        session.execute(statement)
        text = comment.dump() if isinstance(comment, Mark) else comment
        if text is not None:
            session.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                    sql.Identifier(name), text
                )
            )

    def own_databases(self):
        """Return what the probe's own databases are, without what they share."""
        rows = self.open_session().execute(
            "SELECT datname FROM pg_database WHERE strpos(datname, %s) > 0 ORDER BY 1",
            [f"_{prefix()}_"],
        )
        return [name.partition(f"_{prefix()}_")[2] for (name,) in rows]

    def assert_own_databases(self, expected):
        """Assert which of the probe's own databases are left, in the end.

        Another run's sweep may be in the middle of dropping one, and holds its lock.
        """
        deadline = time.monotonic() + 10
        while (left := self.own_databases()) != expected:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        self.assertEqual(left, expected)
