"""Keepsakes: the data of failing scenarios, to look at after the run."""

import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

from django.conf import settings
from django.db import connection

from testing.database import connect
from testing.keepsake import drop_keepsakes, psql_line
from testing.schemas import Lease
from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.probe import extensions, make_schema, orphan, prefix
from testing.tests.project import clean_environment
from testing.tests.workplace_case import WorkplaceCase

STEPS = """
from behave import step
from django.contrib.auth.models import Group


@step("there is the group {name:w}")
def group(context, name):
    Group.objects.create(name=name)
"""


class DropTests(WorkplaceCase):
    def test_what_somebody_holds(self):
        """A copy that another run makes at this moment is left, and goes later."""
        plan = self.plan()
        name = f"{prefix()}_failed_2"
        make_schema(self.session, name, mark=orphan(state="building"))
        maker = Lease(self.probe, schema=name, extensions_schema=extensions())
        self.addCleanup(maker.release)
        self.assertIs(maker.try_lock(), True)
        drop_keepsakes(plan)
        self.assertEqual(self.schemas(), ["failed_2"])
        maker.release()
        drop_keepsakes(plan)
        self.assertEqual(self.schemas(), [])


class KeepsakeTests(EngineCase):
    def kept(self):
        with connect(connection) as session:
            rows = session.execute(
                "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)"
                " ORDER BY 1",
                [f"{prefix()}_failed_"],
            )
            names = [row[0] for row in rows]
            return {
                name: [
                    row[0]
                    for row in session.execute(
                        f'SELECT name FROM "{name}".auth_group ORDER BY 1'
                    )
                ]
                for name in names
            }

    def test_keep_failed(self):
        """At most three schemas stay, with the scenarios' rows, until the next run."""
        failing = [f"there is the group g{n}; all is lost" for n in range(4)]
        self.write(
            {
                "steps/groups.py": STEPS,
                "a.feature": feature("A", "there is the group x", *failing),
            }
        )
        status, record, error = self.record("-j", "1", "--keep-failed")
        self.assertEqual(status, 1, error)
        expected = {f"{prefix()}_failed_{n + 1}": [f"g{n}"] for n in range(3)}
        self.assertEqual(self.kept(), expected)
        errors = [s.error for s in record.final_scenarios()]
        for number, name in enumerate(expected, start=1):
            line = psql_line(connection, schema=name)
            self.assertIn(line, errors[number])
        self.assertNotIn("psql", errors[0] + errors[4])
        self.write({"a.feature": feature("A", failing[3])})
        self.assertEqual(self.behave("-j", "1", "--keep-failed")[0], 1)
        self.assertEqual(self.kept(), {f"{prefix()}_failed_1": ["g3"]})

    def test_line_that_opens_it(self):
        """The line that a failure tells shows the rows that it left."""
        self.write(
            {
                "steps/groups.py": STEPS,
                "a.feature": feature("A", "there is the group kept; all is lost"),
            }
        )
        _, record, _ = self.record("-j", "1", "--keep-failed")
        (line,) = re.findall(r"(?m)^ *(PGOPTIONS=.*)$", record.scenarios[0].error)
        if "manage.py" not in line and shutil.which("psql") is None:
            self.skipTest("psql is not installed")
        told = subprocess.run(
            line.replace("manage.py", f"{sys.executable} manage.py")
            + " -Atc 'SELECT name FROM auth_group'",
            shell=True,
            cwd=settings.BASE_DIR,
            env={**clean_environment(), **self.variables},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((told.stdout, told.returncode), ("kept\n", 0), told.stderr)

    def test_psql_line(self):
        """The line names schema, place and database, and no password."""
        connection = SimpleNamespace(
            settings_dict={
                "HOST": "db",
                "PORT": 5432,
                "USER": "me",
                "PASSWORD": "secret",
                "NAME": "test_x",
            }
        )
        self.assertEqual(
            psql_line(connection, schema="test_failed_1"),
            'PGOPTIONS="-c search_path=test_failed_1" psql --host=db --port=5432'
            " --username=me test_x",
        )
        connection.settings_dict["EMBEDDED"] = {}
        self.assertEqual(
            psql_line(connection, database="other"),
            "manage.py dbshell -- --dbname=other",
        )
