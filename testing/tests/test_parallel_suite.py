"""Test classes on workers: a test that kills its process is named, the others run."""

import tempfile
import unittest
from pathlib import Path
from unittest import TestCase, TestSuite, mock

from django.test import SimpleTestCase
from django.test.runner import ParallelTestSuite

from testing.class_queue import ClassHistory
from testing.parallel_suite import SchemaParallelSuite, suite_on_schemas
from testing.tests.project import run, write_tree

TESTS = """
import os
import signal
from pathlib import Path
from django.test import SimpleTestCase

HERE = Path(__file__).parent


class Deadly(SimpleTestCase):
    def test_a(self):
        (HERE / "a").touch(exist_ok=False)

    def test_b(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def test_c(self):
        (HERE / "c").touch(exist_ok=False)

    def test_d(self):
        if not (HERE / "once").exists():
            (HERE / "once").touch()
            os._exit(3)

    def test_e(self):
        (HERE / "e").touch(exist_ok=False)


class Other(SimpleTestCase):
    def test_one(self):
        self.assertTrue(True)

    def test_two(self):
        self.assertTrue(True)
"""

KEEPING = """
import weakref
from django.test import SimpleTestCase


class Thing:
    pass


class Keeping(SimpleTestCase):
    kept = []

    def setUp(self):
        self.assertEqual([thing() for thing in self.kept], [None] * len(self.kept))
        self.thing = Thing()
        self.kept.append(weakref.ref(self.thing))

    def test_one(self):
        self.assertIsNotNone(self.kept[-1]())

    test_two = test_three = test_one


class More(Keeping):
    kept = []
"""


class OrderTests(SimpleTestCase):
    def suite(self, **seconds):
        """Return a suite of three classes and the order in which they would run."""

        class Short(TestCase):
            def test_it(self):
                self.assertIs(True, True)

        class Long(Short):
            pass

        broken = unittest.loader._FailedTest("broken", ImportError("x"))
        tests = [Short("test_it"), Long("test_it"), broken]
        suite = SchemaParallelSuite([TestSuite([test]) for test in tests], 2)
        names = [f"{type(test).__module__}.{type(test).__qualname__}" for test in tests]
        known = {name: seconds.get(name.rsplit(".", 1)[-1], 0.1) for name in names}
        suite.history = ClassHistory(Path("unused"), known if seconds else {})
        return suite

    def test_longest_first(self):
        """With a history, long classes start first, after what could not be loaded."""
        suite = self.suite(Short=1, Long=2)
        self.assertEqual([job.subsuite for job in suite._jobs()], [2, 1, 0])

    def test_given_order(self):
        """Without one, or where an order was asked for, Django's stays."""
        self.assertEqual([job.subsuite for job in self.suite()._jobs()], [0, 1, 2])
        suite = self.suite(Short=1, Long=2)
        suite.keeps_order = True
        self.assertEqual([job.subsuite for job in suite._jobs()], [0, 1, 2])

    def test_broken(self):
        """Canary: unittest stands this in for a module that cannot be imported."""
        (test,) = unittest.defaultTestLoader.loadTestsFromName("no_such_module")
        self.assertIsInstance(test, unittest.loader._FailedTest)


class SuiteClassTests(SimpleTestCase):
    def test_attributes_set_on_the_class(self):
        """What a script sets on Django's suite, as its own does, is in force."""
        with mock.patch.object(ParallelTestSuite, "process_setup_args", (1, 2)):
            chosen = suite_on_schemas(ParallelTestSuite)
        self.assertTrue(issubclass(chosen, SchemaParallelSuite))
        self.assertEqual(chosen.process_setup_args, (1, 2))

    def test_project_class(self):
        """A class of the project's keeps what it adds."""

        class Theirs(ParallelTestSuite):
            process_setup_args = (3,)

        chosen = suite_on_schemas(Theirs)
        self.assertTrue(issubclass(chosen, Theirs))
        self.assertEqual(chosen.process_setup_args, (3,))
        self.assertIs(suite_on_schemas(chosen), chosen)


class DeathTests(SimpleTestCase):
    databases = {"default"}

    def run_tests(self, *labels):
        with tempfile.TemporaryDirectory() as folder:
            write_tree(folder, {"deadly/__init__.py": "", "deadly/tests.py": TESTS})
            result = run("test", *labels, "--parallel", "2", PYTHONPATH=folder)
            noted = {path.name for path in (Path(folder) / "deadly").iterdir()}
        return *result, noted

    def test_deaths(self):
        """The killer is an error by name; its class goes on; one death is forgiven."""
        status, _, error, noted = self.run_tests("deadly.tests")
        self.assertEqual(status, 1, error)
        self.assertIn("FAILED (errors=1)", error)
        self.assertIn("ERROR: test_b (deadly.tests.Deadly.test_b)", error)
        self.assertRegex(error, r"Worker \d was killed by SIGKILL in this test")
        self.assertIn("Ran 7 tests", error)
        self.assertLessEqual({"a", "c", "e", "once"}, noted)

    def test_forgiven(self):
        """A test that kills once and then passes leaves the run green."""
        names = [f"deadly.tests.Deadly.test_{name}" for name in "cde"]
        status, _, error, _ = self.run_tests(*names, "deadly.tests.Other")
        self.assertEqual(status, 0, error)
        self.assertIn("Ran 5 tests", error)


class LettingGoTests(SimpleTestCase):
    databases = {"default"}

    def test_attributes(self):
        """What a test keeps in itself is gone when the next one begins, as in stock."""
        with tempfile.TemporaryDirectory() as folder:
            write_tree(folder, {"keeping/__init__.py": "", "keeping/tests.py": KEEPING})
            arguments = ("test", "keeping.tests", "--parallel", "2")
            status, _, error = run(*arguments, PYTHONPATH=folder)
        self.assertEqual(status, 0, error)
        self.assertIn("Ran 6 tests", error)
