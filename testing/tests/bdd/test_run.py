"""Whole runs by `manage.py behave`: every source of failure reaches the exit code."""

import tempfile
from pathlib import Path

from django.test import SimpleTestCase

from testing.tests.project import run, start, write_tree

STEPS = """
import os
import signal
from behave import step


@step("all is well")
def well(context):
    pass


@step("all is lost")
def lost(context):
    assert False, "lost"


@step("a cleanup of the feature breaks")
def break_cleanup(context):
    def broken():
        raise RuntimeError("cleanup broke")
    context.add_cleanup(broken, layer="feature")


@step("the process dies")
def dies(context):
    os.kill(os.getpid(), signal.SIGKILL)


@step("the process exits")
def exits(context):
    os._exit(3)


@step("the step wants to exit")
def wants_to_exit(context):
    raise SystemExit(3)
"""
WELL = "Feature: Well\n  Scenario: Well\n    Given all is well\n"


class RunCase(SimpleTestCase):
    databases = {"default"}

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)
        files = {"steps/s.py": STEPS, "a.feature": WELL, "b.feature": WELL}
        write_tree(self.place, files)

    def run_features(self, *options, environment="", files=None, **variables):
        write_tree(self.place, {"environment.py": environment, **(files or {})})
        options = ("--parallel", "2", "--no-color", "-f", "plain", *options)
        return run("behave", *options, self.place, **variables)


class ExitCodeTests(RunCase):
    def test_passed(self):
        """When all pass the status is 0, with one line at the start and the end."""
        status, out, error = self.run_features()
        self.assertEqual(status, 0, error)
        self.assertIn("2 features passed, 0 failed", out)
        first = error.splitlines()[0]
        self.assertRegex(
            first,
            r"^Running 2 features \(2 scenarios\) on 2 workers \(fork\); "
            r"database test_\w+, schemas test_w…",
        )
        self.assertRegex(error, r"(?m)^ +PASSED \[")

    def test_failed_step(self):
        """A failed step, even one of many, makes the run fail; it says what to run."""
        files = {"c.feature": WELL.replace("is well", "is lost")}
        status, out, error = self.run_features(files=files)
        self.assertEqual(status, 1)
        self.assertIn("ASSERT FAILED: lost", out)
        self.assertRegex(error, r's.py", line 14, in lost\n +assert False, "lost"\n')
        self.assertRegex(error, r"Rerun:? +\S*python\S* manage.py behave \S*/c.feature")

    def test_undefined_step(self):
        """An undefined step makes the run fail, with a snippet to define it."""
        files = {"c.feature": WELL.replace("is well", "is new")}
        status, out, error = self.run_features(files=files)
        self.assertEqual(status, 1)
        self.assertIn("@given(u'all is new')", (out + error).replace('u"', "u'"))

    def test_before_all(self):
        """An error in before_all makes the run fail; no scenario runs."""
        broken = "def before_all(context):\n    raise RuntimeError('no start')\n"
        status, out, _ = self.run_features(environment=broken)
        self.assertEqual(status, 1)
        self.assertIn("HOOK-ERROR in before_all: RuntimeError: no start", out)
        self.assertIn("0 scenarios passed", out)

    def test_after_feature(self):
        """An error in after_feature makes the run fail though all steps passed."""
        broken = "def after_feature(context, feature):\n    raise RuntimeError('end')\n"
        status, out, _ = self.run_features(environment=broken)
        self.assertEqual(status, 1)
        self.assertIn("2 scenarios passed", out)

    def test_closing_hooks(self):
        """An error in after_all, after_worker or a parent's hook makes the run fail."""
        for name in ("after_all", "after_worker", "before_parallel", "after_parallel"):
            with self.subTest(name=name):
                broken = f"def {name}(context):\n    raise RuntimeError('broke')\n"
                status, out, error = self.run_features(environment=broken)
                self.assertEqual(status, 1)
                self.assertIn(f"HOOK-ERROR in {name}", out + error)

    def test_cleanups(self):
        """A cleanup that fails, of a feature or of the run, makes the run fail."""
        files = {
            "c.feature": WELL.replace("all is well", "a cleanup of the feature breaks")
        }
        status, out, _ = self.run_features(files=files)
        self.assertEqual(status, 1)
        self.assertIn("CLEANUP-ERROR in broken", out)
        (self.place / "c.feature").unlink()
        broken = (
            "def broken():\n    raise RuntimeError('broke')\n"
            "def before_all(context):\n    context.add_cleanup(broken)\n"
        )
        status, out, _ = self.run_features(environment=broken)
        self.assertEqual(status, 1)
        self.assertIn("CLEANUP-ERROR in broken", out)


class DeadWorkerTests(RunCase):
    def test_dead_worker(self):
        """A worker that dies is named with its feature; all others are run."""
        for step in ("the process dies", "the process exits"):
            with self.subTest(step=step):
                files = {"z.feature": WELL.replace("all is well", step)}
                status, out, error = self.run_features(files=files)
                self.assertEqual(status, 1)
                ends = r"Worker \d (was killed by SIGKILL|ended with status -?\d+)"
                self.assertRegex(error, rf"{ends}\s+in \S*/z.feature")
                self.assertIn("2 scenarios passed", out)

    def test_system_exit(self):
        """A step that raises SystemExit ends its feature, not the others."""
        files = {"z.feature": WELL.replace("all is well", "the step wants to exit")}
        status, out, error = self.run_features(files=files)
        self.assertEqual(status, 1)
        self.assertIn("2 scenarios passed", out)
        self.assertIn("SystemExit", error)


class TwoRunsTests(RunCase):
    def test_two_runs_at_once(self):
        """Two runs on one server never meet: both are green."""
        files = {f"{n}.feature": WELL for n in range(6)}
        write_tree(self.place, files)
        processes = [
            start("behave", "--parallel", "2", "-f", "progress", self.place)
            for _ in range(2)
        ]
        for process in processes:
            out, error = process.communicate()
            self.assertEqual(process.returncode, 0, error)
            self.assertIn("8 features passed", out)


class IsolationOffTests(RunCase):
    def test_one_worker(self):
        """With BDD_SCHEMA_ISOLATION=false one worker runs, on the shared schema."""
        write_tree(self.place, {"environment.py": ""})
        status, _, error = run(
            "behave", "-f", "plain", self.place, BDD_SCHEMA_ISOLATION="false"
        )
        self.assertEqual(status, 0, error)
        self.assertIn("on 1 worker (fork)", error)
        self.assertIn("schemas test_shared_w…", error)

    def test_more_workers(self):
        """With BDD_SCHEMA_ISOLATION=false several workers are refused."""
        status, _, error = self.run_features(BDD_SCHEMA_ISOLATION="false")
        self.assertEqual(status, 2)
        self.assertIn("Next: leave --parallel out", error)


class HooksTests(RunCase):
    def test_shared_data(self):
        """What before_parallel shares reaches every worker."""
        environment = (
            "import os\n"
            "def before_parallel(context):\n"
            "    context.shared['token'] = [1, {'a': 'b'}]\n"
            "    print(f'<parent {context.jobs}>')\n"
            "def before_all(context):\n"
            "    assert context.shared == {'token': [1, {'a': 'b'}]}\n"
            "    assert context.worker_id in (1, 2), context.worker_id\n"
            "    assert os.environ['TEST_WORKER_ID'] == str(context.worker_id)\n"
            "def before_worker(context):\n    print(f'<worker {context.worker_id}>')\n"
            "def after_parallel(context):\n    print('<parent again>')\n"
        )
        status, out, error = self.run_features(environment=environment)
        self.assertEqual(status, 0, out + error)
        for words in ("parent 2", "parent again", "worker 1", "worker 2"):
            self.assertEqual(out.count(f"<{words}>"), 1, out)
