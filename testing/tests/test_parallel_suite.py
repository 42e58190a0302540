"""Test classes on workers: a test that kills its process is named, the others run."""

import tempfile
from pathlib import Path
from unittest import TestCase

from django.test import SimpleTestCase

from testing.parallel_suite import ClassJob, ClassQueue
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


class QueueTests(TestCase):
    def test_order(self):
        """Classes go out in order; what is tried again waits, and runs alone."""
        first, second = ClassJob(0, (0, 1)), ClassJob(1, (0,))
        again = ClassJob(0, (1,), is_alone=True)
        queue = ClassQueue([first, second], [again])
        self.assertIs(queue.take([]), first)
        self.assertIs(queue.take([first]), second)
        self.assertIsNone(queue.take([second]))
        self.assertIs(queue.is_empty(), False)
        self.assertIs(queue.take([]), again)
        self.assertIs(queue.is_empty(), True)
        queue = ClassQueue([first], [again])
        self.assertIsNone(queue.take([again]))
        queue.clear()
        self.assertIsNone(queue.take([]))


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
