"""Runs that follow runs: retried, repeated, what failed, replayed, bisected."""

import json

from django.db import connection

from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.probe import prefix

# Notes down what there is in the parent of behave's and the engine's when a run begins.
COUNTING_HOOK = """
import gc
import json
import sys
from collections import Counter
from pathlib import Path


def before_parallel(context):
    kinds = [f"{type(one).__module__}.{type(one).__name__}" for one in gc.get_objects()]
    ours = Counter(kind for kind in kinds if kind.startswith(("behave", "testing")))
    found = {**ours, "places of modules": len(sys.path)}
    with Path(__file__).with_name("found.jsonl").open("a") as lines:
        lines.write(json.dumps(found) + "\\n")
"""


class RetriesTests(EngineCase):
    def test_flaky(self):
        """What passes at a further attempt is flaky: green, unless told otherwise."""
        self.write({"a.feature": feature("A", "it fails once as x", "all is well")})
        status, record, error = self.record("--retries", "2")
        self.assertEqual(status, 0, error)
        attempts = [(s.name, s.attempt, s.status) for s in record.scenarios]
        self.assertEqual(attempts[0], ("A 1", 1, "failed"))
        self.assertEqual(
            sorted(attempts)[1:], [("A 1", 2, "passed"), ("A 2", 1, "passed")]
        )
        self.assertRegex(error, r"(?m)^ +FLAKY  .*A 1 \(passed at attempt 2\)$")
        (self.features / "x.once").unlink()
        status, out, error = self.behave("--retries", "1", "--fail-on-flaky")
        self.assertEqual(status, 1, error)
        self.assertIn("1 scenario is flaky", error)
        self.assertIn("2 scenarios passed, 0 failed", out)

    def test_failing_every_time(self):
        """What fails at every attempt has failed, once."""
        self.write({"a.feature": feature("A", "all is lost", "all is well")})
        status, record, error = self.record("--retries", "2")
        self.assertEqual(status, 1, error)
        tried = [(s.attempt, s.is_final) for s in record.scenarios if s.name == "A 1"]
        self.assertEqual(tried, [(1, False), (2, False), (3, True)])
        self.assertEqual(record.flaky_scenarios(), [])


class FailedAgainTests(EngineCase):
    def test_rerun_failed(self):
        """Only what failed runs again, until nothing has; removed files are ignored."""
        status, _, error = self.behave("--rerun-failed")
        self.assertEqual(status, 0, error)
        self.assertIn("Nothing failed last time", error)
        self.write(
            {
                "a.feature": feature("A", "I note a1", "I note a2; it fails once as x"),
                "b.feature": feature("B", "I note b1; all is lost"),
            }
        )
        self.assertEqual(self.behave()[0], 1)
        self.assertEqual(sorted(self.notes()), ["a1", "a2", "b1"])
        (self.features / "b.feature").unlink()
        status, _, error = self.behave("--rerun-failed")
        self.assertEqual((status, self.notes()), (0, ["a2"]), error)
        status, _, error = self.behave("--rerun-failed")
        self.assertEqual((status, self.notes()), (0, []), error)

    def test_repeat(self):
        """Each run is counted, and the worst one decides."""
        self.write({"a.feature": feature("A", "it fails once as x")})
        status, _, error = self.behave("--repeat", "2")
        self.assertEqual(status, 1, error)
        for line in ("Run 1/2 failed.", "Run 2/2 passed.", "1/2 runs passed."):
            self.assertIn(line, error)

    def test_repeat_keeps_nothing(self):
        """Of a run that is over nothing is in memory when the next one begins."""
        files = {f"{n}.feature": feature(n, *["all is well"] * 20) for n in "abc"}
        files["d.feature"] = feature("D", *["all is lost"] * 3)
        self.write({**files, "environment.py": COUNTING_HOOK})
        status, _, error = self.behave("--repeat", "4", "--format", "null")
        self.assertEqual(status, 1, error)
        lines = (self.features / "found.jsonl").read_text().splitlines()
        # What is loaded late comes with the first run.
        _, second, *later = map(json.loads, lines)
        self.assertEqual(later, [second, second])
        self.assertEqual(second["testing.bdd.feature_file.FeatureFile"], len("abcd"))
        self.assertEqual(second["testing.bdd.record.RunRecord"], 1)
        self.assertNotIn("testing.bdd.scenario_fact.ScenarioFact", second)


class OrderTests(EngineCase):
    def test_replay(self):
        """What a worker had run is run again in the same order, on one worker."""
        names = [f"n{n}" for n in range(8)]
        files = {
            f"{n}.feature": feature(n.upper(), f"I note {n}", f"I note {n}b")
            for n in names
        }
        self.write(files)
        _, record, error = self.record()
        self.notes()
        # On a busy machine one worker may have had nothing to do.
        worker = record.scenarios[0].worker
        mine = [s for s in record.scenarios if s.worker == worker]
        expected = [s.name for s in sorted(mine, key=lambda s: s.began)]
        again = self.place / "again.jsonl"
        path = self.place / "events.jsonl"
        status, _, error = self.behave(
            *("--replay", path, "--replay-worker", str(worker)),
            *("--events", again),
            paths=[],
        )
        self.assertEqual(status, 0, error)
        self.assertIn("on 1 worker", error)
        found = [word.upper() for word in self.notes()]
        wanted = [
            name.split()[0] + ("B" if name.endswith("2") else "") for name in expected
        ]
        self.assertEqual(found, wanted)

    def test_bisect(self):
        """A target that fails alone is said to; one that is not there is refused."""
        self.write(
            {
                "a.feature": feature("A", "all is well"),
                "b.feature": feature("B", "all is well", "all is lost"),
            }
        )
        target = f"{self.features}/b.feature:6"
        status, _, error = self.behave("-j", "1", "--bisect", target)
        self.assertEqual(status, 1, error)
        self.assertIn("fails by itself", error)
        status, _, error = self.behave(
            "-j", "1", "--bisect", f"{self.features}/b.feature:4"
        )
        self.assertEqual(status, 2, error)
        self.assertIn("is not among the selected scenarios", error)

    def test_bisect_of_a_pair(self):
        """A planted pair is found among many, and the command given repeats it."""
        steps = (
            "import sys\n"
            "from behave import step\n"
            "@step('the state is spoilt')\n"
            "def spoil(context):\n    sys.spoilt = True\n"
            "@step('the state is clean')\n"
            "def clean(context):\n"
            "    assert context.shared == {'x': 1}\n"
            "    assert not hasattr(sys, 'spoilt')\n"
        )
        environment = "def before_parallel(context):\n    context.shared['x'] = 1\n"
        files = {f"f{n}.feature": feature(f"F{n}", "all is well") for n in range(4)}
        self.write(
            {
                **files,
                "steps/state.py": steps,
                "environment.py": environment,
                "f2.feature": feature("F2", "all is well", "the state is spoilt"),
                "a.feature": feature("A", "the state is clean"),
            }
        )
        target = f"{self.features}/a.feature:3"
        status, _, error = self.behave("-j", "1", "--bisect", target)
        self.assertEqual(status, 1, error)
        self.assertRegex(error, r"a.feature:3 fails after \S+f2.feature:6\.")
        _, _, command = error.partition(" manage.py behave -j 1 ")
        paths = command.split()[:2]
        for order, expected in ((paths, 1), (paths[::-1], 0)):
            status, _, error = self.behave("-j", "1", paths=order)
            self.assertEqual(status, expected, error)

    def test_files_of_repeated_runs(self):
        """Each of several runs writes a record and reports of its own."""
        self.write({"a.feature": feature("A", "it fails once as x")})
        options = ("--events", self.place / "e.jsonl", "--report-junit")
        status, _, error = self.behave(
            "--repeat", "2", *options, self.place / "j.xml", "--keep-failed"
        )
        self.assertEqual(status, 1, error)
        for name in ("e-1.jsonl", "e-2.jsonl", "j-1.xml", "j-2.xml"):
            self.assertIs((self.place / name).exists(), True, name)
        # What the first run kept is still there after the second.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_namespace WHERE nspname = %s",
                [f"{prefix()}_failed_1"],
            )
            self.assertIsNotNone(cursor.fetchone())
