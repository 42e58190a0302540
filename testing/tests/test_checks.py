"""System checks: each id for its own fault, and silence where all is well."""

import re
import sys
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.checks import Tags, registry, run_checks
from django.db import connection
from django.test import SimpleTestCase, override_settings

from testing import checks
from testing.capacity import Limits
from testing.checks import check_databases, check_settings
from testing.database import connect
from testing.tests.probe import ProbeCase, database_name, role, superuser_database
from testing.tests.project import run

ROOMY = Limits(
    connections=1000, reserved=0, in_use=0, locks_each=1000, transactions=1000
)


class SettingsTests(SimpleTestCase):
    def found(self):
        """Return what is found, by id; each has a hint and an object."""
        messages = check_settings()
        for message in messages:
            self.assertTrue(message.hint, message)
            self.assertTrue(message.obj, message)
        return {message.id: message for message in messages}

    def test_silence(self):
        """On this project nothing is found."""
        self.assertEqual(self.found(), {})

    def test_public(self):
        """`public` in a path of OPTIONS is an error, however it is written."""
        for options, ids in (
            ("-c search_path=app,public", {"testing.E001"}),
            ("-c search_path = public", {"testing.E001"}),
            (r'-c search_path="app",\ "public" -c jit=off', {"testing.E001"}),
            ("-c search_path=app,publicity", set()),
            ("-c application_name=public", set()),
        ):
            given = {
                "default": {
                    **settings.DATABASES["default"],
                    "OPTIONS": {"options": options},
                }
            }
            with (
                self.subTest(options=options),
                mock.patch.object(settings, "DATABASES", given),
            ):
                self.assertEqual(set(self.found()), ids)

    def test_order_of_apps(self):
        """behave_django before testing is an error; without it there is no order."""
        others = ["django.contrib.auth", "django.contrib.contenttypes"]
        for names, ids in (
            (["behave_django", "testing"], {"testing.E002"}),
            (["behave_django.apps.Config", "testing.apps.Config"], {"testing.E002"}),
            (["testing", "behave_django"], set()),
            (["testing"], set()),
        ):
            with (
                self.subTest(names=names),
                mock.patch.object(settings, "INSTALLED_APPS", others + names),
            ):
                self.assertEqual(set(self.found()), ids)

    def test_engine_settings(self):
        """An unknown key and a function that does not exist are errors."""
        for given in ({"NO_SUCH": 1}, {"RESET": ["no.such"]}, {"SURROUNDINGS": "x"}):
            with self.subTest(given=given), override_settings(TESTING=given):
                [message] = self.found().values()
                self.assertEqual(message.id, "testing.E003")
                self.assertNotIn("Next:", message.msg + message.hint)

    def test_runner(self):
        """Another runner is a warning, unless the command line names one."""
        name = "django.test.runner.DiscoverRunner"
        with (
            override_settings(TEST_RUNNER=name),
            mock.patch.object(sys, "argv", ["manage.py", "check"]),
        ):
            self.assertEqual(set(self.found()), {"testing.W004"})
            argv = ["manage.py", "test", "--testrunner=x"]
            with mock.patch.object(sys, "argv", argv):
                self.assertEqual(self.found(), {})
        with override_settings(TEST_RUNNER="no.such.Runner"):
            self.assertEqual(self.found(), {})

    def test_other_engine(self):
        """A database of another engine is told, and nothing more."""
        wrapper = mock.Mock(vendor="sqlite")
        with mock.patch.object(checks, "connections", {"default": wrapper}):
            self.assertEqual(set(self.found()), {"testing.I005"})

    def test_registered(self):
        """The checks run with Django's, those of servers only when asked for."""
        self.assertIn(check_settings, registry.registry.get_checks())
        self.assertIn(Tags.database, check_databases.tags)
        # A look at any database would raise KeyError.
        with mock.patch.object(checks, "connections", {}):
            self.assertEqual(run_checks(tags=[Tags.database]), [])


class DatabaseTests(ProbeCase):
    def setUp(self):
        super().setUp()
        # This very run is under way, on a database that Django points at.
        self.enterContext(mock.patch.object(checks, "is_under_way", return_value=False))
        self.limits = self.enterContext(
            mock.patch.object(Limits, "read", return_value=ROOMY)
        )

    def ids(self, alias="probe"):
        messages = check_databases(databases=[alias])
        for message in messages:
            self.assertTrue(message.hint, message)
            self.assertEqual(message.obj, f"DATABASES[{alias!r}]")
        return [message.id for message in messages]

    def test_silence(self):
        """A role with all rights on a roomy server has nothing to hear."""
        self.wrapper()
        self.assertEqual(self.ids(), [])

    def test_rights(self):
        """A role needs CREATE on the test database, or CREATEDB where it is missing."""
        name = f"{database_name()}_role"
        with superuser_database(database_name()) as database, role(name) as user:
            wrapper = self.wrapper(USER=user, PASSWORD="secret-of-the-probe")
            wrapper.settings_dict["TEST"]["NAME"] = database
            self.assertEqual(self.ids(), ["testing.W006"])
            with connect(connection) as session:
                session.execute(f'GRANT CREATE ON DATABASE "{database}" TO "{user}"')
                self.assertEqual(self.ids(), [])
                wrapper.settings_dict["TEST"]["NAME"] = "no_such_database"
                self.assertEqual(self.ids(), ["testing.W006"])
                session.execute(f'ALTER ROLE "{user}" CREATEDB')
                self.assertEqual(self.ids(), [])
                session.execute(f'REVOKE ALL ON DATABASE "{database}" FROM "{user}"')

    def test_room(self):
        """Too few connections and too few locks are two warnings with numbers."""
        self.wrapper()
        few = Limits(
            connections=3, reserved=3, in_use=0, locks_each=1000, transactions=1000
        )
        self.limits.return_value = few
        self.assertEqual(self.ids(), ["testing.W007"])
        self.limits.return_value = Limits(
            connections=1000, reserved=0, in_use=0, locks_each=10, transactions=1
        )
        self.assertEqual(self.ids(), ["testing.W008"])

    def test_not_asked(self):
        """No server is asked without its alias, during a run, or out of reach."""
        self.assertEqual(check_databases(databases=None), [])
        self.wrapper("away", HOST="/no/such/folder")
        self.assertEqual(self.ids("away"), [])
        with mock.patch.object(checks, "is_under_way", return_value=True):
            self.limits.return_value = None
            self.assertEqual(check_databases(databases=["probe"]), [])


class CommandTests(SimpleTestCase):
    def test_project(self):
        """`check` on this project is silent, servers included."""
        status, out, error = run(
            "check", "--database", "default", "--fail-level", "DEBUG"
        )
        self.assertEqual(status, 0, out + error)
        self.assertIn("System check identified no issues", out)


class DocumentationTests(SimpleTestCase):
    def test_ids(self):
        """Every id is explained in the module and in the documentation."""
        source = Path(checks.__file__).read_text()
        ids = set(re.findall(r'"(testing\.[EWI]\d{3})"', source))
        self.assertEqual(len(ids), 8)
        page = (settings.BASE_DIR / "docs" / "surroundings.md").read_text()
        for identifier in ids:
            with self.subTest(identifier=identifier):
                self.assertIn(identifier, checks.__doc__)
                self.assertIn(f"`{identifier}`", page)
