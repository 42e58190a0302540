"""Test classes that ask for a database of their own."""

from unittest import TestCase as PlainTestCase

from django.test import SimpleTestCase, override_settings

from testing.conf import EngineSettings
from testing.isolation import needs_database, runs_alone
from testing.tests.clone_case import CloneCase
from testing.tests.probe import prefix
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
TESTING = {
    "SLOT_PREFIX": os.environ["PREFIX"],
    "EXTENSIONS_SCHEMA": os.environ["PREFIX"] + "_extensions",
    "CACHE_DIR": os.environ["CACHE"],
    "FALLBACK": os.environ["FALLBACK"],
}
"""

TESTS = """
import os
from django.db import connection
from django.test import TestCase, TransactionTestCase, tag
from testing.isolation import needs_database


def note(word):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(word + "\\n")


def where():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema()")
        return "{}.{}".format(*cursor.fetchone())


class Usual(TestCase):
    def test_place(self):
        note("usual " + where())


@needs_database
class Own(TransactionTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        note("class " + where())

    def check(self):
        from django.apps import apps
        groups = apps.get_model("auth.Group").objects
        self.assertEqual(groups.count(), 0)
        groups.create(name="x")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM public.auth_group")
            note("own {} {}".format(where(), cursor.fetchone()[0]))

    def test_one(self):
        self.check()

    def test_two(self):
        self.check()


@needs_database
class Within(TestCase):
    def test_place(self):
        note("within " + where())


class After(TestCase):
    def test_place(self):
        note("after " + where())


@tag("serial")
class Alone(TestCase):
    def test_place(self):
        note("alone " + where())
"""


class MarkTests(SimpleTestCase):
    def test_who_runs_alone(self):
        """Classes that need a database, where none can be had."""

        @needs_database
        class Own(PlainTestCase):
            pass

        class Child(Own):
            pass

        for given, expected in (
            ({}, [True, True, False]),
            ({"FALLBACK": "alone"}, [True, True, False]),
            ({"FALLBACK": "database"}, [False, False, False]),
            ({"ISOLATION": "database"}, [False, False, False]),
        ):
            with self.subTest(given=given), override_settings(TESTING=given):
                engine = EngineSettings.load()
                classes = (Own, Child, PlainTestCase)
                found = [runs_alone(one, engine=engine) for one in classes]
                self.assertEqual(found, expected)

    def test_without_workplace(self):
        """Under another runner the class is set up as ever."""
        order = []

        @needs_database
        class Own(PlainTestCase):
            @classmethod
            def setUpClass(cls):
                super().setUpClass()
                order.append(cls.__name__)

        class Child(Own):
            pass

        with override_settings(TESTING={}):
            Own.setUpClass()
            Child.setUpClass()
        self.assertEqual(order, ["Own", "Child"])
        Own.doClassCleanups()
        self.assertEqual(Own.tearDown_exceptions, [])


class WholeRunTests(CloneCase):
    def run_tests(self, *options, fallback="database"):
        place = self.folder()
        write_tree(
            place,
            {
                "isolation_settings.py": SETTINGS,
                "placed/__init__.py": "",
                "placed/test_all.py": TESTS,
            },
        )
        status, _, error = run(
            "test",
            "placed",
            *options,
            PYTHONPATH=str(place),
            DJANGO_SETTINGS_MODULE="isolation_settings",
            PREFIX=prefix(),
            CACHE=str(place / "cache"),
            NOTES=str(place / "notes"),
            FALLBACK=fallback,
        )
        self.assertEqual(status, 0, error)
        lines = (place / "notes").read_text().splitlines()
        return sorted(line.partition(" ")[::2] for line in lines)

    def test_database(self):
        """The class is on a clone, from its set-up on; the others are on schemas."""
        for options in ((), ("--parallel", "2")):
            with self.subTest(options=options):
                for who, where in self.run_tests(*options):
                    if who in ("own", "class", "within"):
                        self.assertRegex(where, rf"_{prefix()}_w[12]\.public")
                    else:
                        self.assertRegex(where, rf"\.{prefix()}_w[12]$")
                    if who == "own":
                        self.assertTrue(where.endswith(" 1"), where)
                self.assertEqual(self.own_databases(), ["template"])

    def test_alone(self):
        """By default the classes stay on their worker's schema."""
        with self.assertRaisesRegex(AssertionError, "public.auth_group"):
            # What the class does is only right in a database of its own.
            self.run_tests(fallback="alone")
        self.assertEqual(self.own_databases(), [])
