"""Test classes on workers: a test that kills its process is named, the others run."""

import logging
import tempfile
import time
import unittest
from pathlib import Path
from unittest import TestCase, TestSuite, mock

from django.test import SimpleTestCase
from django.test.runner import ParallelTestSuite

from testing.builds import Build
from testing.class_queue import ClassHistory, ClassJob, ClassQueue
from testing.errors import SetupFailure
from testing.parallel_suite import SchemaParallelSuite, suite_on_schemas
from testing.tests.project import (
    is_alive,
    press_ctrl_c,
    run,
    start_interruptible,
    write_tree,
)

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

WAITING = """
import os
import time
import unittest
from pathlib import Path
from django.test import SimpleTestCase

HERE = Path(__file__).parent


class Noting(unittest.TestResult):
    def stop(self):
        (HERE / "stopping").touch()


if "TEST_WORKER_ID" not in os.environ:
    # In the parent, beside Django's own result.
    noting = Noting()
    unittest.registerResult(noting)


class A(SimpleTestCase):
    def test_a(self):
        name = f"{type(self).__name__}_{self._testMethodName}"
        (HERE / f"{name}.begun").write_text(str(os.getpid()))
        deadline = time.monotonic() + 60
        while not (HERE / "go").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        (HERE / f"{name}.over").touch()

    test_b = test_a


class B(A):
    pass


class C(A):
    pass
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

    def test_short_classes(self):
        """Of the classes that take next to nothing, Django's order stays."""
        suite = self.suite(Short=0.1, Long=0.2)
        suite.subsuites.append(TestSuite([OrderTests("test_broken")]))
        suite.history.seconds[f"{OrderTests.__module__}.OrderTests"] = 20
        jobs = suite._jobs()
        self.assertEqual([job.subsuite for job in jobs], [2, 3, 0, 1])
        early = [job.subsuite for job in jobs if job.is_early]
        self.assertEqual(early, [3])

    def test_given_order(self):
        """Without one, or where an order was asked for, Django's stays."""
        jobs = self.suite()._jobs()
        self.assertEqual([job.subsuite for job in jobs], [0, 1, 2])
        self.assertIs(any(job.is_early for job in jobs), False)
        suite = self.suite(Short=1, Long=2)
        suite.keeps_order = True
        self.assertEqual([job.subsuite for job in suite._jobs()], [0, 1, 2])

    def test_broken(self):
        """Canary: unittest stands this in for a module that cannot be imported."""
        (test,) = unittest.defaultTestLoader.loadTestsFromName("no_such_module")
        self.assertIsInstance(test, unittest.loader._FailedTest)


class LostWorkerTests(SimpleTestCase):
    """What becomes of a class of three tests when its worker dies."""

    def setUp(self):
        class Three(TestCase):
            def test_it(self):
                self.fail("runs nowhere")

        tests = [Three("test_it") for _ in range(3)]
        self.suite = SchemaParallelSuite([TestSuite(tests)], 2)
        self.suite.queue = ClassQueue([])
        self.suite.result = unittest.TestResult()
        self.suite.turns = {}
        self.job = ClassJob(0, (0, 1, 2))

    def die(self, *, at, done, job=None):
        """Let a worker die in a test, or between two, after some that are over."""
        job = job or self.job
        self.suite.started(1, job)
        for number in range(done):
            self.suite.reported(1, job, ("started", number))
            self.suite.reported(1, job, ("events", []))
        if at is not None:
            self.suite.reported(1, job, ("started", at))
        self.suite.died(1, job, "was killed by SIGKILL")

    def errors(self):
        return [text.strip() for _, text in self.suite.result.errors]

    def test_idle(self):
        """A worker that had nothing to do takes nothing with it."""
        self.suite.died(1, None, "was killed by SIGKILL")
        self.assertIs(self.suite.queue.is_empty(), True)
        self.assertEqual(self.suite.result.testsRun, 0)

    def test_in_a_test(self):
        """The test is tried again alone; what follows goes on before all others."""
        self.die(at=1, done=1)
        (again,) = self.suite.queue.alone
        self.assertEqual((again.tests, again.is_retry), ((1,), True))
        self.assertEqual([job.tests for job in self.suite.queue.together], [(2,)])
        self.assertEqual(self.errors(), [])

    def test_in_the_retry(self):
        """A test that kills twice is an error."""
        self.die(at=0, done=0, job=self.job.again(1))
        self.assertIs(self.suite.queue.is_empty(), True)
        (text,) = self.errors()
        self.assertIn("Worker 1 was killed by SIGKILL in this test", text)
        self.assertEqual(self.suite.result.testsRun, 1)

    def test_in_set_up_of_the_class(self):
        """Before any test it is the first one that is tried again."""
        self.die(at=None, done=0)
        self.assertEqual([job.tests for job in self.suite.queue.alone], [(0,)])
        self.assertEqual([job.tests for job in self.suite.queue.together], [(1, 2)])

    def test_in_tear_down_of_the_class(self):
        """After all tests, each of them told, the last one stands for the class."""
        self.die(at=None, done=3)
        self.assertIs(self.suite.queue.is_empty(), True)
        self.assertEqual(len(self.errors()), 1)


class BuildsTests(SimpleTestCase):
    def test_refusal(self):
        """A worker that has no place ends the run: its tests would be left out."""
        suite = SchemaParallelSuite([], 2)
        with self.assertRaises(SetupFailure) as caught:
            suite.reported(2, ClassJob(0, (0,)), ("refused", "No slot. Next: wait."))
        self.assertEqual(
            str(caught.exception), "Worker 2 could not be set up. No slot. Next: wait."
        )

    def test_killed_at_start(self):
        """A worker that was killed before it had begun is named."""
        suite = SchemaParallelSuite([], 2)
        told = []
        suite.log = told.append
        suite.starts_again(2, "was killed by SIGKILL")
        self.assertEqual(
            told, ["Worker 2 was killed by SIGKILL while starting; it starts again."]
        )

    def test_note(self):
        """Why schemas cannot be replayed is told once, each build in detail."""
        suite = SchemaParallelSuite([], 2)
        suite.notes = set()
        told = []
        suite.log = lambda text, level=logging.INFO: told.append((level, text))
        for worker_id in (1, 2):
            place = Build("default", f"test_w{worker_id}", "migrated", "why")
            suite.reported(worker_id, ClassJob(0, (0,)), ("built", [place]))
        self.assertEqual(
            told,
            [
                (logging.DEBUG, "Worker 1: schema test_w1 migrated."),
                (logging.INFO, "Schemas of 'default' are migrated: why."),
                (logging.DEBUG, "Worker 2: schema test_w2 migrated."),
            ],
        )


class InterruptTests(SimpleTestCase):
    """Ctrl-C as Django has it: the first one waits, the second one does not."""

    databases = {"default"}

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.place = Path(folder) / "waiting"
        write_tree(self.place, {"__init__.py": "", "tests.py": WAITING})
        self.process = start_interruptible(
            "test", "waiting.tests", "--parallel", "2", PYTHONPATH=folder
        )
        self.wait_for("*.begun", 2)
        press_ctrl_c(self.process)
        self.wait_for("stopping", 1)

    def wait_for(self, pattern, count):
        # Patience with a busy machine, not a promise.
        deadline = time.monotonic() + 180
        while len(list(self.place.glob(pattern))) < count:
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(self.process.poll())
            time.sleep(0.02)

    def over(self):
        return {path.stem for path in self.place.glob("*.over")}

    def test_first(self):
        """What runs is finished and told; no other class begins."""
        (self.place / "go").touch()
        _, error = self.process.communicate(timeout=180)
        self.assertEqual(self.process.returncode, 1, error)
        # A class may begin its next test before its worker hears of it.
        self.assertLessEqual({"A_test_a", "B_test_a"}, self.over())
        self.assertLessEqual(self.over(), {f"{c}_test_{t}" for c in "AB" for t in "ab"})
        self.assertRegex(error, r"Interrupted: [234] of 6 tests did not run")

    def test_second(self):
        """It ends at once, workers included."""
        press_ctrl_c(self.process)
        _, error = self.process.communicate(timeout=180)
        self.assertNotEqual(self.process.returncode, 0, error)
        self.assertIn("KeyboardInterrupt", error)
        self.assertEqual(self.over(), set())
        pids = [int(path.read_text()) for path in self.place.glob("*.begun")]
        self.assertEqual([pid for pid in pids if is_alive(pid)], [])


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
