"""`flush` on a leased schema goes back to the baseline; elsewhere it is Django's."""

from unittest import mock

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command, get_commands
from django.core.management.commands import flush
from django.db import connection
from django.test import SimpleTestCase, TransactionTestCase

from testing.flush import Command
from testing.occupancy import baseline_of

BEFORE = {}


def reset():
    """Call the command as test cases do after a test."""
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


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
        reset()
        self.check()

    def test_twice(self):
        """They are there again after another test has destroyed them."""
        reset()
        self.check()

    def test_content_types_stay(self):
        """Flushing keeps the ids of content types: they are not made anew."""
        before = list(ContentType.objects.order_by("id").values_list("id", "model"))
        remembered = ContentType.objects.get_for_model(ContentType)
        ContentType.objects.all().delete()
        reset()
        after = list(ContentType.objects.order_by("id").values_list("id", "model"))
        self.assertEqual(after, before)
        again = ContentType.objects.get_for_model(ContentType)
        self.assertEqual(again.pk, remembered.pk)
        self.assertIsNot(again, remembered)

    def test_by_hand(self):
        """A test that flushes by itself gets what Django does: empty tables."""
        Group.objects.create(name="x")
        before = set(ContentType.objects.values_list("id", flat=True))
        call_command("flush", interactive=False, verbosity=0)
        self.assertEqual(Group.objects.count(), 0)
        after = set(ContentType.objects.values_list("id", flat=True))
        self.assertEqual(len(after), len(before))

    def test_open_transaction(self):
        """What a test leaves open, in a block or without autocommit, is undone."""
        connection.set_autocommit(False)
        self.addCleanup(connection.set_autocommit, True)
        self.addCleanup(connection.rollback)
        Group.objects.create(name="left open")
        reset()
        self.assertEqual(Group.objects.count(), 0)


class ChoiceTests(SimpleTestCase):
    databases = {"default"}

    def test_command_is_ours(self):
        """The engine's command takes the place of Django's."""
        self.assertIsInstance(get_commands()["flush"], Command)
        self.assertTrue(issubclass(Command, flush.Command))

    def test_schema_that_is_not_leased(self):
        """On a database that is not leased Django's own command runs."""
        with (
            mock.patch("testing.flush.baseline_of", return_value=None),
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
        """Canary: Django resets by the command `flush`, with an option of its own."""
        with mock.patch("django.test.testcases.call_command") as called:
            test = TransactionTestCase()
            test._fixture_teardown()
        self.assertEqual(called.call_args.args, ("flush",))
        # By this they are told from a test that flushes by hand.
        self.assertIs(called.call_args.kwargs["reset_sequences"], False)
