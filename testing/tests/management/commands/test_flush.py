"""`flush` on a leased schema goes back to the baseline; elsewhere it is Django's."""

from unittest import mock

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command, get_commands
from django.core.management.commands import flush
from django.db import connection
from django.test import SimpleTestCase, TransactionTestCase

from testing.management.commands.flush import Command
from testing.workplace import baseline_of

BEFORE = {}


class ResetTests(TransactionTestCase):
    """Two tests that each destroy what migrating left: both find it there."""

    def check(self):
        types = dict(ContentType.objects.values_list("id", "model"))
        self.assertGreater(len(types), 3)
        self.assertEqual(BEFORE.setdefault("types", types), types)
        created = ContentType.objects.create(app_label="x", model="y")
        self.assertEqual(BEFORE.setdefault("id", created.pk), created.pk)
        ContentType.objects.filter(pk=min(types)).delete()
        ContentType.objects.filter(pk=max(types)).update(model="z")

    def test_once(self):
        """Rows of migrations and their ids are there before the test."""
        # A test that was rolled back may have moved the sequence on.
        call_command("flush", interactive=False, verbosity=0)
        self.check()

    def test_twice(self):
        """They are there again after another test has destroyed them."""
        call_command("flush", interactive=False, verbosity=0)
        self.check()

    def test_content_types_stay(self):
        """Flushing keeps the ids of content types: they are not made anew."""
        before = list(ContentType.objects.order_by("id").values_list("id", "model"))
        ContentType.objects.all().delete()
        call_command("flush", interactive=False, verbosity=0)
        ContentType.objects.clear_cache()
        after = list(ContentType.objects.order_by("id").values_list("id", "model"))
        self.assertEqual(after, before)


class ChoiceTests(SimpleTestCase):
    databases = {"default"}

    def test_command_is_ours(self):
        """The engine's command takes the place of Django's."""
        self.assertEqual(get_commands()["flush"], "testing")
        self.assertTrue(issubclass(Command, flush.Command))

    def test_schema_that_is_not_leased(self):
        """On a database that is not leased Django's own command runs."""
        with (
            mock.patch(
                "testing.management.commands.flush.baseline_of", return_value=None
            ),
            mock.patch.object(flush.Command, "handle") as handle,
        ):
            call_command("flush", interactive=False, database="default")
        handle.assert_called_once()

    def test_leased_schema(self):
        """The process of a test works on a leased schema with a baseline."""
        baseline = baseline_of("default")
        self.assertIn(baseline.schema, connection.settings_dict["OPTIONS"]["options"])


class CanaryTests(SimpleTestCase):
    def test_fixture_teardown(self):
        """Canary: Django resets by the command `flush`, from this very method."""
        with mock.patch("django.test.testcases.call_command") as called:
            test = TransactionTestCase()
            test._fixture_teardown()
        self.assertEqual(called.call_args.args, ("flush",))
