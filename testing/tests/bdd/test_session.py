"""A run from outside: interrupted, killed, and over with nothing left behind."""

import os
import signal
import time
from unittest import mock

from behave.configuration import Configuration
from django.db import connection
from django.test import SimpleTestCase

from testing.bdd.session import Session
from testing.database import connect
from testing.orphans import sweep_orphans
from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.probe import extensions, prefix
from testing.tests.project import are_gone, press_ctrl_c


class SignalCase(EngineCase):
    # Scenarios that do not end, with something that must not be left over.
    steps = "a program runs; it waits for never"

    def schemas(self):
        with connect(connection) as session:
            rows = session.execute(
                "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)",
                [f"{prefix()}_w"],
            )
            return sorted(row[0] for row in rows)


class QuietRunTests(SimpleTestCase):
    def test_interrupted(self):
        """Half a try is no result; what formatters there are is as it was."""
        session = mock.Mock(features=[], method="fork")
        config = Configuration(["-f", "plain"], load_config=False)
        session.runner.config = config
        before = config.format, config.reporters
        with mock.patch("testing.bdd.session.FeaturePool") as pool:
            pool.return_value.run.return_value = True
            with self.assertRaises(KeyboardInterrupt):
                Session.run_quietly(session, [], mock.Mock())
        self.assertEqual(pool.call_args.kwargs["replay"].formatters, [])
        self.assertEqual((config.format, config.reporters), before)


class InterruptTests(SignalCase):
    def test_first(self):
        """What runs is finished and reported, nothing else begins, schemas go."""
        names = ("a", "b", "c", "d")
        steps = "a program runs; it waits for go; the program still runs; I note "
        texts = {
            f"{n}.feature": feature(n, f"{steps}{n}", f"I note {n}2") for n in names
        }
        self.write(texts)
        junit = self.place / "junit.xml"
        process = self.start("--report-junit", junit)
        pids = self.pids(4)
        press_ctrl_c(process)
        (self.features / "go").touch()
        out, error = process.communicate(timeout=180)
        self.assertEqual(process.returncode, 130, error)
        self.assertIs(are_gone(pids), True)
        self.assertRegex(error, r"(?m)^ +INTERRUPTED")
        self.assertEqual(self.schemas(), [])
        self.assertIs(junit.exists(), True)
        self.assertLess(len(self.notes()), 5)
        self.assertIn("I note a", out)

    def test_second(self):
        """The second one ends the run at once, workers included."""
        self.write({f"{n}.feature": feature(n, self.steps) for n in "ab"})
        process = self.start()
        pids = self.pids(4)
        press_ctrl_c(process)
        time.sleep(0.3)
        self.assertIsNone(process.poll())
        press_ctrl_c(process)
        _, error = process.communicate(timeout=180)
        self.assertEqual(process.returncode, 130, error)
        self.assertIs(are_gone(pids), True)
        self.assertEqual(error.count("Ctrl-C again ends at once."), 1, error)
        self.assertEqual(
            error.splitlines()[-1],
            "Interrupted: ended at once, without summary or reports.",
        )


class KilledTests(SignalCase):
    def test_parent(self):
        """When the parent is killed workers end, and their slots can be swept."""
        self.write({f"{n}.feature": feature(n, self.steps) for n in "ab"})
        process = self.start()
        pids = self.pids(4)
        self.assertEqual(len(self.schemas()), 2)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=180)
        self.assertIs(are_gone(pids), True)
        for _ in range(100):
            sweep_orphans(connection, extensions_schema=extensions())
            if not self.schemas():
                break
            time.sleep(0.02)
        self.assertEqual(self.schemas(), [])
