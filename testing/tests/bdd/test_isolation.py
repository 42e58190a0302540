"""How scenarios are kept apart: what is entered, put back, and given back."""

from types import SimpleNamespace
from unittest import mock

from behave_django.runner import (
    BehaviorDrivenTestRunner,
    ExistingDatabaseTestRunner,
    SimpleTestRunner,
)
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import SimpleTestCase, override_settings

from testing.bdd.isolation import (
    ExistingDatabase,
    SchemaBehaveRunner,
    SchemaIsolation,
    choose_hooks,
)
from testing.errors import SetupFailure
from testing.surroundings import Surroundings
from testing.tests.workplace_case import WorkplaceCase

LOCMEM = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}


class HooksTests(SimpleTestCase):
    def test_choice(self):
        """The user's class wins; the engine's takes the place of the default alone."""

        class Theirs(BehaviorDrivenTestRunner):
            pass

        usual = {
            "runner_class": None,
            "simple": False,
            "existing": False,
            "isolated": True,
        }
        for changes, expected in (
            ({}, SchemaBehaveRunner),
            ({"isolated": False}, BehaviorDrivenTestRunner),
            ({"simple": True}, SimpleTestRunner),
            ({"existing": True}, ExistingDatabaseTestRunner),
            ({"runner_class": Theirs, "existing": True, "simple": True}, Theirs),
        ):
            with self.subTest(changes=changes):
                self.assertIs(choose_hooks(**{**usual, **changes}), expected)


class ExistingDatabaseTests(SimpleTestCase):
    databases = {"default"}

    def test_everything_stays(self):
        """What scenarios do to the database stays; only connections are closed."""
        isolation = ExistingDatabase()
        self.assertEqual(isolation.enter(1), [])
        isolation.settle()
        isolation.push()
        with connection.cursor() as cursor:
            # Gone with the session, and with nothing else.
            cursor.execute("CREATE TEMPORARY TABLE kept AS SELECT 1 AS row")
        with isolation.on_clones():
            isolation.reset()
        isolation.pop()
        with connection.cursor() as cursor:
            cursor.execute("SELECT row FROM kept")
            self.assertEqual(cursor.fetchall(), [(1,)])
        isolation.leave()
        self.assertIsNone(connection.connection)

    def test_nothing_to_tell(self):
        """There is no server, no copy and no watch of its own."""
        isolation = ExistingDatabase()
        self.assertIsNone(isolation.exchanges())
        self.assertIsNone(isolation.leak_watch(workers=1))
        self.assertEqual(isolation.busy_with() + isolation.keep_failed(), [])


class SchemaIsolationTests(WorkplaceCase):
    def isolation(self, *, hooks=BehaviorDrivenTestRunner, resets=True):
        made = SchemaIsolation(self.plan(), hooks, resets=resets)
        self.addCleanup(made.leave)
        return made

    def test_entered_and_left(self):
        """It resets to what hooks have loaded; at the end nothing is left."""
        isolation = self.isolation()
        (build,) = isolation.enter(1)
        self.assertEqual((build.way, self.schemas()), ("replayed", ["w1"]))
        types = ContentType.objects.using("probe")
        count = types.count()
        types.create(app_label="x", model="of a hook")
        isolation.push()
        types.all().delete()
        isolation.reset()
        self.assertEqual(types.count(), count + 1)
        isolation.pop()
        self.assertEqual(types.count(), count)
        with isolation.on_clones() as workplace:
            self.assertIs(workplace, isolation.workplace)
        self.assertEqual(isolation.keep_failed(), [])
        isolation.leave()
        self.assertEqual(self.schemas(), [])

    def test_old_way(self):
        """Without resets data, caches and mail are left to behave-django."""
        isolation = self.isolation(resets=False)
        isolation.enter(1)
        ContentType.objects.using("probe").create(app_label="x", model="stays")
        mail.outbox.append("stays")
        isolation.reset()
        types = ContentType.objects.using("probe")
        self.assertIs(types.filter(app_label="x").exists(), True)
        self.assertEqual(mail.outbox, ["stays"])
        self.assertIsNone(isolation.exchanges())

    def test_what_it_is_busy_with(self):
        """Statements that run are told, and whom they wait for."""
        isolation = self.isolation()
        isolation.enter(1)
        with self.probe.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE django_content_type")
            (line,) = isolation.busy_with()
            cursor.execute("ROLLBACK")
        self.assertRegex(line, "idle in transaction.*LOCK TABLE django_content_type")

    def test_refused_half_way(self):
        """What was entered before a refusal is given back, and nothing else is."""
        isolation = self.isolation()
        isolation.leave()
        with (
            mock.patch.object(Surroundings, "enter", side_effect=SetupFailure("no")),
            self.assertRaisesMessage(SetupFailure, "no"),
        ):
            isolation.enter(1)
        self.assertEqual(self.schemas(), ["w1"])
        isolation.leave()
        self.assertEqual(self.schemas(), [])


@override_settings(
    CACHES={
        "default": {**LOCMEM, "LOCATION": "isolation"},
        "shared": {"BACKEND": "testing.tests.test_surroundings.SharedCache"},
    }
)
class MemoryTests(SimpleTestCase):
    def setUp(self):
        plan = SimpleNamespace(databases=())
        self.isolation = SchemaIsolation(plan, BehaviorDrivenTestRunner, resets=True)
        self.isolation.workplace = mock.Mock()

    def test_caches_and_outbox(self):
        """In-memory caches and the outbox are emptied; what is shared is not."""
        for cache in caches.all(initialized_only=False):
            cache.set("key", "value")
        mail.outbox.append("a mail")
        self.isolation.reset()
        self.assertIsNone(caches["default"].get("key"))
        self.assertEqual(caches["shared"].get("key"), "value")
        self.assertEqual(mail.outbox, [])

    def test_no_outbox(self):
        """A project that sends real mail while it is tested has no outbox."""
        del mail.outbox
        self.addCleanup(setattr, mail, "outbox", [])
        self.isolation.reset()
        self.isolation.workplace.reset.assert_called_once_with()
        self.assertIs(hasattr(mail, "outbox"), False)
