"""Django's test cases come to the baseline, wherever the app is installed or not."""

from unittest import mock

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command, get_commands
from django.core.management.commands import flush
from django.db import connections
from django.test import SimpleTestCase, TransactionTestCase, modify_settings

from testing.fixture_data import keep_serialized_contents, resetting_flush
from testing.flush import Command


class ResettingFlushTests(SimpleTestCase):
    def test_of_this_run(self):
        """In a process that runs tests the name leads to the engine's command."""
        self.assertIsInstance(get_commands()["flush"], Command)

    def test_restricted_apps(self):
        """So it does where a class restricts the installed apps."""
        with modify_settings(INSTALLED_APPS={"remove": "testing"}):
            self.assertNotIn("behave_merge", get_commands())
            self.assertIsInstance(get_commands()["flush"], Command)
            with mock.patch.object(flush.Command, "handle") as handle:
                call_command("flush", interactive=False, verbosity=0)
            handle.assert_called_once()

    def test_command_of_the_project(self):
        """A command of the project's own stays."""
        with mock.patch.dict(get_commands(), flush="theirs"), resetting_flush():
            self.assertEqual(get_commands()["flush"], "theirs")
        with resetting_flush():
            self.assertIsInstance(get_commands()["flush"], Command)


class SerializedRollbackTests(SimpleTestCase):
    def test_name(self):
        """Canary: Django's test cases look for the attribute that is set."""

        class Serialized(TransactionTestCase):
            serialized_rollback = True

        creation = type(connections["default"].creation)
        with mock.patch.object(creation, "serialize_db_to_string", return_value="[]"):
            keep_serialized_contents(["default"])
        self.addCleanup(delattr, connections["default"], "_test_serialized_contents")
        with mock.patch.object(creation, "deserialize_db_from_string") as loaded:
            Serialized._fixture_setup()
        loaded.assert_called_once_with("[]")
        with mock.patch("django.test.testcases.call_command") as called:
            Serialized()._fixture_teardown()
        self.assertIs(called.call_args.kwargs["inhibit_post_migrate"], True)


class RestrictedAppsTests(TransactionTestCase):
    """Of a class that restricts its apps, every test finds what migrating left."""

    available_apps = ["django.contrib.contenttypes", "django.contrib.auth", "users"]

    def check(self):
        from django.contrib.auth.models import Permission

        self.assertGreater(Permission.objects.count(), 0)
        Permission.objects.all().delete()

    def test_one(self):
        """First."""
        self.check()

    def test_two(self):
        """Second."""
        self.check()


class EmptiedTests(TransactionTestCase):
    serialized_rollback = True

    @classmethod
    def setUpClass(cls):
        # What is emptied by hand is there again after the class's set-up.
        ContentType.objects.all().delete()
        super().setUpClass()
        cls.found = ContentType.objects.count()

    def test_class_setup(self):
        """A class that empties tables gets the rows of migrations loaded."""
        self.assertGreater(self.found, 3)
