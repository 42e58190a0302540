"""Time limits: what hung is named, with what it waited for."""

import threading
import traceback
from unittest import TestCase, mock

from testing.bdd.watchdog import (
    FRAMES_SHOWN,
    TIMED_OUT,
    Watchdog,
    limit_from_tags,
    own_frames,
)
from testing.tests.bdd.engine_case import EngineCase, feature

STEPS = """
import threading
import urllib.request
from behave import step
from django.db import connection


@step("a request that waits for a lock")
def locked(context):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE django_migrations")
        other = connection.copy()
        with other.cursor() as second:
            second.execute("SELECT count(*) FROM django_migrations")


@step("a request without an answer")
def unanswered(context):
    urllib.request.urlopen(context.base_url + "/hang/")


@step("the worker stops")
def stops(context):
    import os, signal
    os.kill(os.getpid(), signal.SIGSTOP)
"""
URLS = """
import threading
from django.urls import path


def hang(request):
    threading.Event().wait()


urlpatterns = [path("hang/", hang)]
"""


class LimitTests(TestCase):
    def test_tags(self):
        """The shortest limit of the tags goes before the default."""
        for tags, expected in (
            ([], 9.0),
            (["timeout.30"], 30.0),
            (["timeout.0.3", "timeout.5"], 0.3),
            (["timeout", "timeout.x", "timeout.-1", "my.timeout.3"], 9.0),
        ):
            with self.subTest(tags=tags):
                self.assertEqual(limit_from_tags(tags, default=9.0), expected)
        self.assertIsNone(limit_from_tags(["slow"], default=None))

    def test_own_frames(self):
        """Frames are shown from where the project's code begins, if it does."""

        def frame(name):
            return traceback.FrameSummary(name, 1, "f")

        plumbing, own = frame(traceback.__file__), frame("features/steps/s.py")
        self.assertEqual(own_frames([plumbing, own, plumbing]), [own, plumbing])
        self.assertEqual(own_frames([frame("<string>"), plumbing, own]), [own])
        self.assertEqual(own_frames([plumbing]), [])
        self.assertEqual(own_frames([]), [])
        self.assertGreater(FRAMES_SHOWN, 5)


class BarkTests(TestCase):
    """A watchdog in this process, which is kept from ending it."""

    def setUp(self):
        self.ended = threading.Event()
        process = self.enterContext(mock.patch("testing.bdd.watchdog.os"))
        process._exit.side_effect = lambda status: self.ended.set()
        self.process = process
        self.reports = []

    def watchdog(self, details=list, so_far=dict):
        return Watchdog(report=self.reports.append, details=details, so_far=so_far)

    def heard(self):
        """Wait for the bark; returns the lines of its report."""
        self.assertIs(self.ended.wait(60), True)
        self.process._exit.assert_called_once_with(TIMED_OUT)
        (report,) = self.reports
        self.assertEqual(report["kind"], "timed out")
        return report["text"].splitlines()

    def hang(self, path):
        """Let a thread wait in code of the project's."""
        begun, over = threading.Event(), threading.Event()
        code = compile("begun.set(); over.wait()", path, "exec")
        scope = {"begun": begun, "over": over}
        thread = threading.Thread(target=exec, args=(code, scope), name="hung")
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(over.set)
        self.assertIs(begun.wait(60), True)

    def test_what_is_told(self):
        """The limit, what the place of work knows, and threads that are at work."""
        self.hang("features/steps/own.py")
        self.watchdog(lambda: ["It waits for a lock."]).watch("step", 0.0, "The step")
        lines = self.heard()
        self.assertEqual(
            lines[:2], ["The step took longer than 0 s.", "It waits for a lock."]
        )
        self.assertIn('  File "features/steps/own.py", line 1, in <module>', lines)
        threads = [line for line in lines if line.startswith("Thread ")]
        self.assertIn("Thread hung:", threads)
        self.assertNotIn("Thread watchdog:", threads)

    def test_details_that_fail(self):
        """Where nobody can say what it waits for, that is told beside the stacks."""
        self.hang("features/steps/own.py")
        details = mock.Mock(side_effect=ValueError("no server"))
        self.watchdog(details).watch("step", 0.0, "The step")
        lines = self.heard()
        self.assertEqual(
            lines[1], "(What it waits for could not be found out: no server)"
        )
        self.assertIn("Thread hung:", lines)

    def test_scenario_so_far(self):
        """What is known of the scenario goes with the text; its loss is told."""
        self.watchdog(so_far=lambda: {"steps": [1]}).watch("step", 0.0, "The step")
        self.heard()
        self.assertEqual(self.reports[0]["steps"], [1])
        self.reports.clear()
        self.ended.clear()
        self.process._exit.reset_mock()
        so_far = mock.Mock(side_effect=IndexError("no such step"))
        self.watchdog(so_far=so_far).watch("step", 0.0, "The step")
        self.assertEqual(
            self.heard()[1],
            "(Which steps had run could not be found out: no such step)",
        )
        self.assertEqual(self.reports[0].keys(), {"kind", "text"})

    def test_limits_that_are_over(self):
        """What was taken away, or all that was, bites nobody; the next limit does."""
        dog = self.watchdog()
        # Its thread cannot look in between.
        with dog._changed:
            dog.watch("scenario", -2.0, "The first scenario")
            dog.rest()
            dog.watch("step", -1.0, "The first step")
            dog.watch("step", None, "")
            dog.watch("scenario", 60.0, "The second scenario")
            dog.watch("step", 0.0, "The second step")
        self.assertEqual(self.heard()[0], "The second step took longer than 0 s.")


class TimeoutTests(EngineCase):
    def setUp(self):
        super().setUp()
        (self.place / "hang_urls.py").write_text(URLS)
        settings = self.place / "engine_settings.py"
        settings.write_text(settings.read_text() + 'ROOT_URLCONF = "hang_urls"\n')
        self.write({"steps/hang.py": STEPS})

    def test_limits(self):
        """Each limit names its scenario or step, stack, request, SQL and blocker."""
        self.write(
            {
                "a.feature": feature("A", "@timeout.0.3: it waits", "I note a2"),
                "b.feature": feature("B", "a request that waits for a lock"),
                "c.feature": feature(
                    "C", "I note c1", "I note c2; a request without an answer; it waits"
                ),
            }
        )
        status, record, error = self.record("--step-timeout", "1.5")
        self.assertEqual(status, 1, error)
        found = {s.name: s for s in record.final_scenarios()}
        statuses = {name: s.status for name, s in found.items()}
        self.assertEqual(
            statuses,
            {
                "A 1": "timed out",
                "A 2": "passed",
                "B 1": "timed out",
                "C 1": "passed",
                "C 2": "timed out",
            },
        )
        self.assertIn("Scenario 'A 1' took longer than 0.3 s.", found["A 1"].error)
        self.assertRegex(found["A 1"].error, r"steps/s.py\", line \d+, in waits")
        self.assertRegex(found["B 1"].error, r"The step at .*hang.py:\d+ took longer")
        self.assertIn("SELECT count(*) FROM django_migrations", found["B 1"].error)
        self.assertIn("LOCK TABLE django_migrations", found["B 1"].error)
        self.assertIn("The live server answers GET /hang/.", found["C 2"].error)
        self.assertRegex(found["C 2"].error, r"hang_urls.py\", line \d+, in hang")
        steps = found["C 2"].steps
        self.assertEqual(
            [step.status for step in steps], ["passed", "timed out", "untested"]
        )
        self.assertRegex(steps[1].location, r"hang.py:\d+$")
        self.assertGreater(steps[1].seconds, 1.0)
        self.assertRegex(
            error,
            r" passed    \[.*\] \* I note c2\n"
            r" +timed out \[.*\] \* a request without an answer  .*hang.py:\d+\n"
            r" +\(1 step after it did not run\)",
        )
        self.assertEqual(sorted(self.notes()), ["a2", "c1", "c2"])

    def test_formatters(self):
        """Behave's formatters tell the steps that ran, and the one that hung."""
        self.write({"a.feature": feature("A", "I note a1; it waits; I note a3")})
        status, out, error = self.behave("--timeout", "0.5")
        self.assertEqual(status, 1, error)
        self.assertRegex(
            out,
            r"  \* I note a1 \.\.\. passed in \d+\.\d+s\n"
            r" +\* it waits \.\.\. error in \d+\.\d+s\n"
            r"Scenario 'A 1' took longer than 0\.5 s\.\n",
        )
        self.assertIn("1 step passed, 0 failed, 1 error, 0 skipped, 1 untested", out)
        self.assertEqual(self.notes(), ["a1"])

    def test_hook(self):
        """A hook that hangs is blamed on none of the steps."""
        hook = (
            "import threading\n"
            "def before_scenario(context, scenario):\n"
            "    threading.Event().wait()\n"
        )
        self.write({"environment.py": hook, "a.feature": feature("A", "I note a1")})
        status, record, error = self.record("--timeout", "0.5")
        self.assertEqual(status, 1, error)
        (fact,) = record.final_scenarios()
        self.assertEqual([step.status for step in fact.steps], ["untested"])
        self.assertIn("\n    (1 step did not run)\n", error)
        self.assertEqual(self.notes(), [])

    def test_stopped_worker(self):
        """A worker that cannot even bark is ended by the parent."""
        self.write(
            {"a.feature": feature("A", "@timeout.0.1: the worker stops", "I note a2")}
        )
        status, record, error = self.record()
        self.assertEqual(status, 1, error)
        found = {s.name: s for s in record.final_scenarios()}
        self.assertEqual(found["A 1"].status, "timed out")
        self.assertIn("did not answer", found["A 1"].error)
        self.assertEqual(self.notes(), ["a2"])
