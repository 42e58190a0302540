"""A small Django test suite with every outcome, and settings to run it by."""

SETTINGS = """
import os

os.environ.setdefault("PROBED", "settings")
globals().update(
    {
        name: value
        for name, value in vars(__import__("dancecoach.settings").settings).items()
        if name.isupper()
    }
)
TESTING = {**TESTING, "START_METHOD": os.environ.get("START", "auto")}
TEST_RUNNER = os.environ.get("RUNNER", TEST_RUNNER)
# Tests have no business in the project's own database.
NAME = DATABASES["default"]["NAME"]
DATABASES["default"] = {
    **DATABASES["default"],
    "NAME": "no_such_database",
    "TEST": {"NAME": f"test_{NAME}"},
}
SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"}
if os.environ.get("SQLITE") == "only":
    DATABASES = {"default": SQLITE}
elif os.environ.get("SQLITE"):
    DATABASES["other"] = SQLITE
if os.environ.get("MIRROR"):
    DATABASES["replica"] = {**DATABASES["default"], "TEST": {"MIRROR": "default"}}
if os.environ.get("WITHOUT_APP"):
    INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "testing"]
"""

RUNNERS = """
import os

from django.test.runner import DiscoverRunner, ParallelTestSuite
from testing.runner import SchemaRunnerMixin


def set_up_process(*arguments):
    os.environ["SET_UP_BY"] = "the project"
    import django
    django.setup()


class Suite(ParallelTestSuite):
    process_setup = set_up_process


class ProjectRunner(DiscoverRunner):
    def run_checks(self, databases):
        print("checks of the project")

    def setup_databases(self, **kwargs):
        made = super().setup_databases(**kwargs)
        print("set up by the project:", list(made), self.plan is not None)
        return made


class Combined(SchemaRunnerMixin, ProjectRunner):
    parallel_test_suite = Suite


class Lonely(SchemaRunnerMixin, DiscoverRunner):
    def setup_databases(self, **kwargs):
        return []


class Pooling(ParallelTestSuite):
    def init_worker(*arguments):
        pass


class Replacing(SchemaRunnerMixin, DiscoverRunner):
    parallel_test_suite = Pooling
"""

UNSENDABLE = """
import threading
from django.test import SimpleTestCase


class Unsendable(SimpleTestCase):
    def test_error(self):
        class Local(Exception):
            pass
        raise Local("cannot leave the worker")

    def test_failure(self):
        class LocalFailure(AssertionError):
            pass
        raise LocalFailure("cannot leave either")

    def test_subtest(self):
        self.lock = threading.Lock()
        with self.subTest(lock=self.lock):
            self.fail("a lock stays where it is")

    def test_attribute(self):
        self.lock = threading.Lock()
        with self.subTest(number=1):
            self.fail("a lock of the test stays there too")


class Sendable(SimpleTestCase):
    def test_pass(self):
        self.assertTrue(True)
"""

INTERRUPTING = """
import multiprocessing
import os
import signal
import time

from django.test import SimpleTestCase


class Interrupted(SimpleTestCase):
    def test_ctrl_c(self):
        is_alone = multiprocessing.parent_process() is None
        os.kill(os.getpid() if is_alone else os.getppid(), signal.SIGINT)


def wait(self):
    # A worker hears of the interruption while it is in one of these.
    time.sleep(0.05)


for number in range(40):
    setattr(Interrupted, f"test_left_{number}", wait)


class Other(SimpleTestCase):
    def test_pass(self):
        pass
"""

ALIASES = """
from django.db import connections
from django.test import TestCase, TransactionTestCase
from django.contrib.auth.models import Group


class Both(TransactionTestCase):
    databases = {"default", "other"}

    def check(self):
        for alias in self.databases:
            self.assertEqual(Group.objects.using(alias).count(), 0)
            Group.objects.using(alias).create(name="x")
        self.assertEqual(connections["other"].vendor, "sqlite")

    def test_one(self):
        self.check()

    def test_two(self):
        self.check()


class More(Both):
    pass


class Mirrored(TransactionTestCase):
    databases = {"default", "replica"}

    def test_replica(self):
        Group.objects.create(name="seen on the replica")
        self.assertEqual(Group.objects.using("replica").count(), 1)

    def test_again(self):
        self.test_replica()


class ReplicaAlone(TestCase):
    databases = {"replica"}

    def test_tables(self):
        self.assertEqual(Group.objects.using("replica").count(), 0)
"""

TESTS = """
import os
from unittest import skip

from django.apps import apps
from django.db import connection
from django.test import (
    LiveServerTestCase, SimpleTestCase, TestCase, TransactionTestCase
)


def groups():
    return apps.get_model("auth.Group").objects


def types():
    return apps.get_model("contenttypes.ContentType").objects


class Outcomes(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.group = groups().create(name="of the class")

    def test_pass(self):
        self.assertEqual(groups().get(), self.group)

    def test_first_id(self):
        self.assertIn("test_w", connection.settings_dict["OPTIONS"]["options"])

    def test_fail(self):
        self.fail("on purpose")

    def test_error(self):
        raise ValueError("on purpose")

    @skip("on purpose")
    def test_skip(self):
        pass

    def test_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)


class Committing(TransactionTestCase):
    def check(self):
        self.assertEqual(groups().count(), 0)
        groups().create(name="x")
        types().all().delete()
        types().clear_cache()

    def test_one(self):
        self.check()

    def test_two(self):
        self.check()

    def test_types(self):
        self.assertGreater(types().count(), 3)


class Served(LiveServerTestCase):
    def test_server(self):
        import urllib.request
        groups().create(name="seen by the server")
        url = self.live_server_url + "/no-such-page"
        with self.assertRaises(urllib.request.HTTPError) as caught:
            urllib.request.urlopen(url)
        self.assertEqual(caught.exception.code, 404)
        caught.exception.close()


class NoDatabase(SimpleTestCase):
    def test_process(self):
        expected = os.environ.get("EXPECT_SET_UP")
        self.assertEqual(os.environ.get("SET_UP_BY"), expected)
"""

CHECKING = """
from django.contrib.auth.models import Group
from django.core.checks import Tags, register
from django.test import SimpleTestCase, TestCase


@register(Tags.database)
def count_groups(app_configs, databases, **kwargs):
    print(f"checked: {Group.objects.count()} groups")
    return []


class A(TestCase):
    def test_a(self):
        self.assertEqual(Group.objects.count(), 0)


class B(A):
    pass
"""

MADE = """
from django.db import connection, models
from django.test import TransactionTestCase


class Made(models.Model):
    x = models.IntegerField()

    class Meta:
        app_label = "auth"


def count(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


class MakingTests(TransactionTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with connection.schema_editor() as editor:
            editor.create_model(Made)
            editor.execute("CREATE TABLE raw (x int)")
            editor.execute("INSERT INTO raw VALUES (1)")
        Made.objects.create(x=1)

    @classmethod
    def tearDownClass(cls):
        with connection.schema_editor() as editor:
            editor.delete_model(Made)
            editor.execute("DROP TABLE raw")
        super().tearDownClass()

    def test_1(self):
        self.assertEqual((Made.objects.count(), count("raw")), (1, 1))
        with connection.schema_editor() as editor:
            editor.execute("CREATE TABLE made_by_test (x int)")

    def test_2(self):
        self.assertEqual((Made.objects.count(), count("raw")), (0, 1))
        self.assertNotIn("made_by_test", connection.introspection.table_names())
        Made.objects.create(x=2)

    def test_3(self):
        self.assertEqual((Made.objects.count(), count("raw")), (0, 1))


class NextTests(TransactionTestCase):
    def test_gone(self):
        names = connection.introspection.table_names()
        self.assertIs({"raw", "auth_made"}.isdisjoint(names), True)

    def test_again(self):
        names = connection.introspection.table_names()
        self.assertIs({"raw", "auth_made"}.isdisjoint(names), True)
"""

FILES = {
    "made/__init__.py": "",
    "made/test_made.py": MADE,
    "tiny_settings.py": SETTINGS,
    "tiny_runners.py": RUNNERS,
    "tiny/__init__.py": "",
    "tiny/test_all.py": TESTS,
    "unsendable/__init__.py": "",
    "unsendable/test_all.py": UNSENDABLE,
    "interrupting/__init__.py": "",
    "interrupting/test_all.py": INTERRUPTING,
    "checking/__init__.py": "",
    "checking/test_all.py": CHECKING,
    "aliases/__init__.py": "",
    "aliases/test_all.py": ALIASES,
    "pure/__init__.py": "",
    "pure/test_pure.py": "from django.test import SimpleTestCase\n"
    "class A(SimpleTestCase):\n    def test_a(self):\n        self.assertTrue(True)\n"
    "class B(SimpleTestCase):\n    def test_b(self):\n        self.assertTrue(True)\n",
}
