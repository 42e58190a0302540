"""A role with no right but CREATE on one database: whole runs, and what is refused."""

from django.db import connection
from psycopg import sql

from testing.database import connect
from testing.tests.probe import (
    ProbeCase,
    database_name,
    prefix,
    role,
    superuser_database,
)
from testing.tests.project import run, write_tree

SETTINGS = """
import os

globals().update(
    {
        name: value
        for name, value in vars(__import__("dancecoach.settings").settings).items()
        if name.isupper()
    }
)
DATABASES["default"] |= {
    "NAME": os.environ["BARE_DATABASE"],
    "USER": os.environ["BARE_ROLE"],
    "PASSWORD": "secret-of-the-probe",
    "TEST": {"NAME": os.environ["BARE_DATABASE"]},
}
TESTING = {
    **TESTING,
    "CACHE_DIR": os.environ["CACHE"],
    "ISOLATION": os.environ.get("ISOLATION", "schema"),
}
"""


class BareRoleTests(ProbeCase):
    def setUp(self):
        super().setUp()
        self.role = self.enterContext(role(f"{prefix()}_bare"))
        self.database = self.enterContext(superuser_database(database_name()))
        self.grant("GRANT CREATE ON DATABASE {} TO {}")
        self.place = self.folder()
        write_tree(self.place, {"bare_settings.py": SETTINGS})

    def grant(self, statement):
        """Grant the role something on its database, or take it."""
        with connect(connection) as session:
            session.execute(
                sql.SQL(statement).format(
                    sql.Identifier(self.database), sql.Identifier(self.role)
                )
            )

    def manage(self, *arguments, **variables):
        return run(
            *arguments,
            PYTHONPATH=str(self.place),
            DJANGO_SETTINGS_MODULE="bare_settings",
            BARE_DATABASE=self.database,
            BARE_ROLE=self.role,
            CACHE=str(self.place / "cache"),
            **variables,
        )

    def schemas(self):
        with connect(connection, database=self.database) as session:
            rows = session.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'test\\_%'"
            ).fetchall()
        return {name for (name,) in rows} - {"test_extensions"}

    def test_whole_runs(self):
        """Unit tests and features of the project run, and leave nothing."""
        status, _, error = self.manage(
            "test",
            "users.tests.test_services",
            "users.tests.test_views",
            "--parallel",
            "2",
        )
        self.assertEqual(status, 0, error)
        status, out, error = self.manage("behave", "features/health", "-j", "2")
        self.assertEqual(status, 0, error)
        self.assertRegex(out, r"[1-9]\d* scenarios passed, 0 failed")
        self.assertEqual(self.schemas(), set())

    def test_databases_are_refused(self):
        """Without the right to create databases the run says what to do."""
        status, _, error = self.manage(
            "test", "users.tests.test_services", ISOLATION="database"
        )
        self.assertEqual(status, 2, error)
        self.assertIn(f'ALTER ROLE "{self.role}" CREATEDB', error)

    def test_schemas_are_refused(self):
        """Without the right to create schemas, too."""
        self.grant("REVOKE CREATE ON DATABASE {} FROM {}")
        status, _, error = self.manage("test", "users.tests.test_services")
        self.assertEqual(status, 2, error)
        self.assertIn("GRANT CREATE ON DATABASE", error)
