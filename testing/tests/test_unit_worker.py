"""What a worker tells of the tests it runs, and when."""

import pickle
import threading
from types import SimpleNamespace
from unittest import TestCase, TestSuite, expectedFailure, mock

from django.core.cache import cache
from django.test import SimpleTestCase, TransactionTestCase, override_settings
from django.test.runner import RemoteTestResult, RemoteTestRunner

from testing.class_queue import ClassJob
from testing.conf import EngineSettings
from testing.errors import SetupFailure
from testing.unit_worker import UnitTestRole, UnitTests, wants_database

RAN = []
IN_MEMORY = "django.core.cache.backends.locmem.LocMemCache"


class Sample(SimpleTestCase):
    """Run by the tests below alone: what it is called begins with no `test`."""

    def one(self):
        RAN.append("one")

    def two(self):
        RAN.append("two")
        self.fail("on purpose")


class Unsendable(SimpleTestCase):
    """Fails in ways that cannot be sent as they are."""

    @expectedFailure
    def as_expected(self):
        class Local(Exception):
            pass

        raise Local("on purpose")


class Caching(SimpleTestCase):
    def one(self):
        cache.set("left", "behind")


class ProjectResult(RemoteTestResult):
    pass


class ProjectRunner(RemoteTestRunner):
    resultclass = ProjectResult


class RoleTests(SimpleTestCase):
    def setUp(self):
        RAN.clear()
        self.reports = []

    def work(
        self,
        *cases,
        runner_class=RemoteTestRunner,
        report=None,
        wants=False,
        is_early=False,
    ):
        """Run tests in this process, by default two, as a worker would."""
        cases = cases or (Sample("one"), Sample("two"))
        plan = SimpleNamespace(engine=EngineSettings(), pools={}, databases=())
        tests = UnitTests(
            subsuites=[TestSuite(cases)],
            plan=plan,
            runner_class=runner_class,
            workers=1,
            is_forked=True,
        )
        self.role = UnitTestRole(tests, halt=threading.Event())
        report = report or self.reports.append
        self.role.set_up(1, report)
        try:
            job = ClassJob(
                0, tuple(range(len(cases))), wants_database=wants, is_early=is_early
            )
            self.role.work(job, report)
        finally:
            self.role.finish()

    def kinds(self):
        return [kind for kind, _ in self.reports]

    def test_told_at_once(self):
        """Each test's beginning is told before it runs, its events right after."""
        self.work()
        each = ["started", "events"]
        self.assertEqual(self.kinds(), [*each, *each, "events", "took"])
        begun = [content for kind, content in self.reports if kind == "started"]
        self.assertEqual(begun, [0, 1])
        # How long it took is told by unittest from Python 3.12 on.
        told = [
            [event[0] for event in content if event[0] != "addDuration"]
            for kind, content in self.reports
            if kind == "events"
        ]
        self.assertEqual(
            told,
            [
                ["startTest", "addSuccess", "stopTest"],
                ["startTest", "addFailure", "stopTest"],
                [],
            ],
        )

    def test_result_of_the_project(self):
        """A result of the project's own tells when the class is over, all at once."""
        self.work(runner_class=ProjectRunner)
        self.assertEqual(self.kinds(), ["events", "took"])
        names = [event[0] for event in self.reports[0][1]]
        self.assertEqual(names.count("startTest"), 2)
        self.assertIn("addFailure", names)

    @override_settings(CACHES={"default": {"BACKEND": IN_MEMORY}})
    def test_what_stays_in_caches(self):
        """A class that runs before its turn leaves nothing in in-memory caches."""
        cache.clear()
        self.addCleanup(cache.clear)
        self.work(Caching("one"))
        self.assertEqual(cache.get("left"), "behind")
        self.work(Caching("one"), is_early=True)
        self.assertIsNone(cache.get("left"))

    def test_expected_failure(self):
        """It is told in a form that reaches the parent, whatever was raised."""
        self.work(Unsendable("as_expected"))
        events = [
            event for kind, told in self.reports if kind == "events" for event in told
        ]
        (event,) = (event for event in events if event[0] == "addExpectedFailure")
        self.assertIn("on purpose", str(pickle.loads(pickle.dumps(event))))

    def test_halt(self):
        """When the run is halted the test that runs is the last one."""

        def report(told):
            self.reports.append(told)
            self.role.halt.set()

        self.work(report=report)
        self.assertEqual(RAN, ["one"])

    def test_set_up_that_fails(self):
        """Why it cannot work is told: a known reason as it is, else a traceback."""
        for error, words in (
            (SetupFailure("no slot is free"), "no slot is free"),
            (LookupError("a bug"), "Traceback"),
        ):
            with self.subTest(error=error):
                self.reports.clear()
                with (
                    mock.patch("testing.unit_worker.enter", side_effect=error),
                    self.assertRaises(type(error)),
                ):
                    self.work(wants=True)
                ((kind, text),) = self.reports
                self.assertEqual(kind, "refused")
                self.assertTrue(text.startswith(words), text)
        self.assertEqual(RAN, [])


class WantsDatabaseTests(SimpleTestCase):
    def test_classes(self):
        """Django's simple tests are kept away from databases, others are not."""

        class Named(SimpleTestCase):
            databases = {"default"}

        for test_class, expected in (
            (SimpleTestCase, False),
            (Named, True),
            (TransactionTestCase, True),
            (TestCase, True),
        ):
            with self.subTest(test_class=test_class):
                self.assertIs(wants_database([test_class()]), expected)
        self.assertIs(wants_database([SimpleTestCase(), Named()]), True)
