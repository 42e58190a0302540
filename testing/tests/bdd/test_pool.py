"""Workers that die, and what is told of scenarios that were not selected."""

import re
import time
from unittest import mock

from behave.configuration import Configuration
from django.test import SimpleTestCase

from testing.bdd.assembly import Assembly
from testing.bdd.pool import FeaturePool
from testing.bdd.posts import GRACE, Post
from testing.bdd.record import RunRecord
from testing.bdd.replay import Replay
from testing.bdd.units import Unit, UnitQueue
from testing.tests.bdd.console_facts import unit
from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.bdd.unit_cases import MIXED, parse

SAID = re.compile(r"([A-Z]+) \[ *[\d.]+s\] \( *(\d+/\d+)\) w1 +\S*/(\S+)  +(.*)")


class SelectionTests(EngineCase):
    def said(self, *options, **more):
        """Return what the console says of scenarios and units, in its order."""
        self.write(
            {
                "a.feature": feature("A", "I note a1", "@on: I note a2", "I note a3"),
                "b.feature": feature("B", "I note b1", "@on: I note b2"),
                "c.feature": feature("C", "I note c1"),
            }
        )
        status, out, error = self.behave("-j", "1", "-v", "3", *options, **more)
        self.assertEqual(status, 0, error)
        self.assertIn("Scenario: A 1", out)
        self.assertIn("(2 scenarios)", error)
        return SAID.findall(error)

    def test_tags(self):
        """The console counts what is selected; formatters tell of all."""
        self.assertEqual(
            self.said("--tags", "@on"),
            [
                ("PASS", "1/2", "a.feature:7", "A 2"),
                ("PASS", "1/2", "a.feature", "1 scenario"),
                ("PASS", "2/2", "b.feature:7", "B 2"),
                ("PASS", "2/2", "b.feature", "1 scenario"),
                ("SKIP", "2/2", "c.feature", "0 scenarios"),
            ],
        )

    def test_lines(self):
        """Line numbers leave out as tags do."""
        paths = [f"{self.features}/{name}.feature:7" for name in "ab"]
        self.assertEqual(
            [place for _, _, place, _ in self.said(paths=paths)],
            ["a.feature:7", "a.feature", "b.feature:7", "b.feature"],
        )


class PoolCase(SimpleTestCase):
    def pool(self, *texts, **options):
        """Return a pool that is not running, and the two that it tells."""
        assemblies = [Assembly(feature) for feature in parse(*texts)]
        config = Configuration(["-f", "null"], load_config=False)
        self.console, self.crew = mock.Mock(), mock.Mock()
        self.crew.jobs.return_value = []
        return FeaturePool(
            assemblies=assemblies,
            queue=UnitQueue([]),
            replay=Replay(config, assemblies),
            console=self.console,
            record=RunRecord(),
            began=0.0,
            crew=self.crew,
            **options,
        )


class IdleTests(PoolCase):
    def test_death_between_units(self):
        """A worker that dies with nothing to do is told, and makes the run fail."""
        pool = self.pool()
        pool.died(3, None, "was killed by SIGKILL")
        self.console.problem.assert_called_once_with(
            "Worker 3 was killed by SIGKILL between two units."
        )
        self.assertEqual(pool.replay.outcome.lost, ["worker 3"])
        (lost,) = pool.record.losses
        self.assertEqual((lost.worker, lost.feature, lost.place), (3, None, None))

    def test_deadlines(self):
        """Of several workers the nearest deadline counts; who is past it is ended."""
        pool = self.pool()
        now = time.monotonic()
        for worker_id, limit in ((1, 50.0), (2, 500.0), (3, -100.0), (4, None)):
            pool.posts[worker_id] = Post()
            pool.posts[worker_id].begin_scenario(0, at=now, limit=limit)
        self.crew.is_interrupted = False
        nearest = pool.tick()
        self.assertLessEqual(nearest, 50.0 + GRACE)
        self.assertGreater(nearest, 0)
        self.crew.kill.assert_called_once_with(3)
        self.assertIn("did not answer", pool.posts[3].timed_out)

    def test_what_is_not_waited_for(self):
        """After a failure that stops the run, features begun are complete as is."""
        pool = self.pool(MIXED, MIXED, MIXED)
        begun, running, waiting = pool.assemblies
        for assembly in pool.assemblies:
            assembly.expected, assembly.open_units = {3, 5}, 2
        begun.add_unit(unit())
        running.add_unit(unit(feature=1))
        self.crew.jobs.return_value = [Unit(feature=1, places=(3,))]
        pool._forget_waiting()
        self.assertEqual([one.open_units for one in pool.assemblies], [0, 1, 0])
        self.assertEqual((begun.expected, begun.is_complete), (set(), True))
        self.assertEqual((running.expected, waiting.expected), ({3, 5}, {3, 5}))


class DeathTests(EngineCase):
    def test_killed_while_starting(self):
        """A worker that is killed before its first unit starts again; all passes."""
        self.write(
            {
                "environment.py": "import os, pathlib, signal\n"
                "def before_worker(context):\n"
                "    mark = pathlib.Path(__file__).with_name('killed')\n"
                "    if not mark.exists():\n"
                "        mark.touch()\n"
                "        os.kill(os.getpid(), signal.SIGKILL)\n",
                "a.feature": feature("A", "I note a1", "I note a2"),
            }
        )
        status, record, error = self.record("-j", "1")
        self.assertEqual(status, 0, error)
        self.assertIn(
            "Worker 1 was killed by SIGKILL while starting; it starts again.", error
        )
        self.assertEqual(len(record.final_scenarios()), 2)

    def test_every_death(self):
        """Each way to die names its scenario; the others pass, once each."""
        self.write(
            {
                "a.feature": feature(
                    "A",
                    "I note a1",
                    "the process dies by SIGKILL",
                    "I note a3",
                    "the process dies by SIGSEGV",
                    "I note a5",
                ),
                "b.feature": feature("B", "the process exits", "I note b2"),
                "c.feature": feature("C", "the step wants to exit", "I note c2"),
                "d.feature": feature("D", "it dies once", "I note d2"),
            }
        )
        status, record, error = self.record()
        self.assertEqual(status, 1, error)
        self.assertEqual(sorted(self.notes()), ["a1", "a3", "a5", "b2", "c2", "d2"])
        found = {s.name: s for s in record.final_scenarios()}
        self.assertEqual(len(found), 11)
        for name, words in (
            ("A 2", "was killed by SIGKILL"),
            ("A 4", "was killed by SIGSEGV"),
            ("B 1", "ended with status 3"),
        ):
            self.assertEqual(found[name].status, "lost")
            self.assertIn(words, found[name].error)
        self.assertEqual(found["C 1"].status, "error")
        self.assertIn("SystemExit: 3", found["C 1"].error)
        self.assertEqual(found["D 1"].status, "passed")
        self.assertEqual(len(record.losses), 7)

    def test_forgiven(self):
        """Who dies once and then passes leaves the run green."""
        self.write({"a.feature": feature("A", "it dies once", "I note a2")})
        status, record, error = self.record()
        self.assertEqual(status, 0, error)
        self.assertEqual(self.notes(), ["a2"])
        self.assertEqual(len(record.losses), 1)
        self.assertRegex(error, r"was killed by SIGKILL\n  in \S*a.feature:3 A 1;")

    def test_hook(self):
        """A feature whose hook kills is named and has failed; the others pass."""
        environment = (
            "import os, signal\n"
            "def before_feature(context, feature):\n"
            "    if feature.name == 'A':\n"
            "        os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        self.write(
            {
                "environment.py": environment,
                "a.feature": feature("A", "I note a1", "I note a2"),
                "b.feature": feature("B", "I note b1", "I note b2"),
            }
        )
        status, record, error = self.record()
        self.assertEqual(status, 1, error)
        self.assertEqual(sorted(self.notes()), ["b1", "b2"])
        found = {s.name: s.status for s in record.final_scenarios()}
        expected = {"A 1": "lost", "A 2": "lost", "B 1": "passed", "B 2": "passed"}
        self.assertEqual(found, expected)
        self.assertRegex(error, r"a.feature, between two scenarios; it counts as")
