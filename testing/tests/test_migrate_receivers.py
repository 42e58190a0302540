"""Receivers of post_migrate: called after a reset as after Django's own flush."""

from functools import partial
from unittest import mock

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.test import SimpleTestCase, TestCase, TransactionTestCase

from testing.migrate_receivers import call_receivers
from testing.tests.workplace_case import WorkplaceCase

NAME = "made by a receiver"
FLUSH = {"interactive": False, "verbosity": 0, "reset_sequences": False}


class Hearing:
    """A receiver that keeps what it is called with."""

    def __init__(self, test, **connected):
        self.calls = []
        post_migrate.connect(self.hear, **connected)
        test.addCleanup(post_migrate.disconnect, self.hear)

    def hear(self, **given):
        self.calls.append(given)


async def hear_later(*, using, **_):
    """Do what only a coroutine of a project's would."""
    LATER.append(using)


LATER = []


class CallTests(TestCase):
    """What is called, and with what."""

    def test_as_django_calls(self):
        """Senders, order and arguments are those of Django's own signal."""
        hearing = Hearing(self)
        with transaction.atomic():
            emit_post_migrate_signal(0, False, "default")
            transaction.set_rollback(True)
        expected = list(hearing.calls)
        hearing.calls.clear()
        self.assertTrue(call_receivers("default"))
        self.assertEqual(hearing.calls, expected)
        self.assertGreater(len(expected), 3)
        self.assertLess(len(expected), len(apps.app_configs))

    def test_sender(self):
        """A receiver for one app hears of that app alone."""
        hearing = Hearing(self, sender=apps.get_app_config("auth"))
        call_receivers("default", verbosity=2, interactive=True)
        ((given),) = hearing.calls
        self.assertEqual(given["sender"].label, "auth")
        self.assertEqual((given["verbosity"], given["interactive"]), (2, True))

    def test_coroutine(self):
        """A coroutine is waited for."""
        sender = apps.get_app_config("auth")
        post_migrate.connect(hear_later, sender=sender)
        self.addCleanup(post_migrate.disconnect, hear_later, sender=sender)
        LATER.clear()
        call_receivers("default")
        self.assertEqual(LATER, ["default"])

    def test_connected_and_disconnected(self):
        """A receiver that comes or goes later is noticed."""
        call_receivers("default")
        hearing = Hearing(self)
        call_receivers("default")
        heard = len(hearing.calls)
        self.assertGreater(heard, 0)
        post_migrate.disconnect(hearing.hear)
        call_receivers("default")
        self.assertEqual(len(hearing.calls), heard)

    def test_apps_of_the_moment(self):
        """Only apps that are installed at the moment send."""
        hearing = Hearing(self)
        call_receivers("default")
        hearing.calls.clear()
        with self.modify_settings(INSTALLED_APPS={"remove": "django.contrib.sessions"}):
            call_receivers("default")
        labels = {given["sender"].label for given in hearing.calls}
        self.assertIn("auth", labels)
        self.assertNotIn("sessions", labels)

    def test_djangos_own(self):
        """Django's own are spared: the baseline has their rows."""
        again = partial(partial(create_permissions), verbosity=0)
        post_migrate.connect(again)
        self.addCleanup(post_migrate.disconnect, again)
        Permission.objects.all().delete()
        call_receivers("default")
        self.assertFalse(Permission.objects.exists())

    def test_error(self):
        """The error of a receiver comes through."""
        failing = mock.Mock(side_effect=ValueError("no such cache"))
        post_migrate.connect(failing, weak=False)
        self.addCleanup(post_migrate.disconnect, failing)
        with self.assertRaisesMessage(ValueError, "no such cache"):
            call_receivers("default")


class NothingToDoTests(TestCase):
    def test_no_receivers(self):
        """Without receivers the database is asked nothing."""
        with (
            mock.patch.object(post_migrate, "receivers", []),
            self.assertNumQueries(0),
        ):
            self.assertFalse(call_receivers("default"))

    def test_no_tables(self):
        """A database without tables of models is left alone, as by the flush."""
        hearing = Hearing(self)
        with mock.patch.object(
            type(connection.introspection), "django_table_names", return_value=[]
        ) as asked:
            self.assertFalse(call_receivers("default"))
            self.assertFalse(call_receivers("default"))
        asked.assert_called_once_with(only_existing=True, include_views=False)
        self.assertEqual(hearing.calls, [])

    def test_asked_once(self):
        """Whether there are tables is asked once for all resets to come."""
        Hearing(self)
        call_receivers("default")
        with self.assertNumQueries(0):
            call_receivers("default")


def make_group(*, using, **_):
    """Make a row once, as a project's receiver would."""
    Group.objects.using(using).get_or_create(name=NAME)


class FlushTests(TransactionTestCase):
    """What a test case finds after a reset in place of its flush."""

    def setUp(self):
        sender = apps.get_app_config("auth")
        post_migrate.connect(make_group, sender=sender)

    def tearDown(self):
        # Before Django resets: later tests know nothing of the group.
        sender = apps.get_app_config("auth")
        post_migrate.disconnect(make_group, sender=sender)

    def test_rows(self):
        """A receiver's rows are there after each reset, and not twice."""
        for _ in range(3):
            call_command("flush", **FLUSH)
            self.assertEqual(Group.objects.filter(name=NAME).count(), 1)

    def test_put_back(self):
        """What a test does to a receiver's rows is undone by the next reset."""
        call_command("flush", **FLUSH)
        made = Group.objects.get(name=NAME).pk
        Group.objects.filter(pk=made).update(name="altered")
        call_command("flush", **FLUSH)
        self.assertEqual(list(Group.objects.values_list("pk", "name")), [(made, NAME)])

    def test_inhibited(self):
        """Where a test case inhibits the signal, no receiver is called."""
        call_command("flush", inhibit_post_migrate=True, **FLUSH)
        self.assertFalse(Group.objects.filter(name=NAME).exists())


class ScenarioTests(WorkplaceCase):
    """Between two scenarios the same holds: stock flushes there, too."""

    def test_reset_and_pop(self):
        """A workplace calls receivers after each reset, and closes what they opened."""
        entered = self.enter(self.plan())
        hearing = Hearing(self, sender=apps.get_app_config("auth"))
        entered.push()
        for put_back in (entered.reset, entered.pop):
            with self.subTest(put_back=put_back.__name__):
                hearing.calls.clear()
                put_back()
                self.assertEqual([one["using"] for one in hearing.calls], ["probe"])
                self.assertIsNone(self.probe.connection)


class CanaryTests(SimpleTestCase):
    def test_live_receivers(self):
        """Canary: Django gives the receivers of a sender, coroutines apart."""
        sender = apps.get_app_config("auth")
        hearing = Hearing(self, sender=sender)
        post_migrate.connect(hear_later, sender=sender)
        self.addCleanup(post_migrate.disconnect, hear_later, sender=sender)
        plain, coroutines = post_migrate._live_receivers(sender)
        self.assertIn(hearing.hear, plain)
        self.assertEqual(coroutines, [hear_later])
        self.assertIn(create_permissions, plain)
