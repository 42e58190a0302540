"""The console at a terminal, as somebody in front of it sees it."""

import subprocess
import sys
import threading

from django.test import SimpleTestCase

from testing.bdd.console_text import Ink
from testing.bdd.live_console import LiveConsole
from testing.bdd.screen import Screen
from testing.tests.bdd.console_facts import (
    Clock,
    failure,
    record_of,
    run_fact,
    scenario,
    worker_fact,
)
from testing.tests.bdd.fake_terminal import FakeTerminal

PATIENCE = 30
LOGIN = {"path": "features/login.feature", "line": 14, "name": "A dancer\nlogs in"}


class LiveTests(SimpleTestCase):
    maxDiff = None

    def setUp(self):
        self.clock = Clock()
        self.terminal = FakeTerminal(columns=80, rows=40)

    def console(self, *, verbosity=1, interval=PATIENCE):
        console = LiveConsole(
            stream=self.terminal,
            verbosity=verbosity,
            ink=Ink(),
            clock=self.clock,
            screen=Screen(self.terminal, size=lambda: (80, self.terminal.height)),
            interval=interval,
        )
        self.addCleanup(console.close)
        return console

    def begun(self, **options):
        console = self.console(**options)
        console.begin(run_fact(), features=3, place="here", estimate=None)
        return console

    def seen(self, console):
        console.refresh()
        return self.terminal.text.split("\n")

    def test_workers(self):
        """Each worker's line follows what it does."""
        console = self.begun()
        setting_up = [" w1   0.0s  setting up", " w2   0.0s  setting up"]
        self.assertEqual(
            self.seen(console),
            [
                "Running 3 features (12 scenarios) on 2 workers (fork); here",
                "",
                f" {' ' * 72}  0/12",
                " 0 passed in 0.0s",
                *setting_up,
            ],
        )
        console.worker_ready(worker_fact())
        self.clock.now += 1
        console.scenario_began(worker=2, **LOGIN)
        self.clock.now += 1
        self.assertEqual(
            self.seen(console)[4:],
            [
                " w1   2.0s  idle",
                " w2   1.0s  features/login.feature:14  A dancer logs in",
            ],
        )
        console.scenario_ended(scenario())
        console.unit_ended(worker=2, path="x", scenarios=1, failed=0, seconds=1.0)
        self.assertEqual(self.seen(console)[5], " w2   0.0s  idle")
        console.scenario_began(worker=2, **LOGIN)
        console.scenario_ended(failure(status="lost"))
        self.assertEqual(self.seen(console)[-1], " w2   0.0s  being replaced")
        self.assertEqual(self.seen(console)[-3], " 1 passed, 1 lost in 2.0s")

    def test_failure_above(self):
        """A failure is told at once, above the view, which stays whole."""
        console = self.begun()
        before = self.seen(console)[1:]
        console.scenario_ended(failure(is_final=False))
        lines = self.terminal.text.split("\n")
        self.assertEqual(lines[1][:24], "        FAIL [  0.500s] ")
        self.assertEqual(lines[-len(before) :], before)

    def test_formatters(self):
        """What formatters write in a pause stands above the view."""
        console = self.begun()
        console.refresh()
        for _ in range(2):
            with console.pause():
                self.terminal.write("...")
        self.assertEqual(self.terminal.text.split("\n")[1], "......")

    def test_end(self):
        """At the end the view is gone, and what was said is all there is."""
        console = self.begun()
        console.scenario_ended(scenario())
        console.refresh()
        console.end(record_of(scenario()), exit_code=0, rerun="")
        self.assertEqual(
            self.terminal.text.split("\n"),
            [
                "Running 3 features (12 scenarios) on 2 workers (fork); here",
                "      PASSED [  0.000s] 1 scenario: 1 passed",
                "    Speed-up  0.00 on 0 workers, efficiency 0%",
                "       Bound  0.000s, all units over 0 workers",
            ],
        )

    def test_problem_after_the_end(self):
        """Text after the end only scrolls."""
        console = self.begun()
        console.refresh()
        console.close()
        console.problem("The history could not be written.")
        self.assertEqual(
            self.terminal.text.split("\n")[1:], ["The history could not be written."]
        )

    def test_second_run(self):
        """A run that is repeated is shown from its beginning."""
        console = self.begun()
        console.scenario_ended(scenario())
        console.end(record_of(), exit_code=0, rerun="")
        console.begin(run_fact(), features=3, place="here", estimate=None)
        self.assertEqual(self.seen(console)[-3], " 0 passed in 0.0s")

    def test_refreshes_by_itself(self):
        """The view is drawn without anybody asking for it."""
        drawn = threading.Event()
        write = self.terminal.write

        def notice(text):
            write(text)
            if "setting up" in text:
                drawn.set()

        self.terminal.write = notice
        console = self.begun(interval=0.001)
        self.assertIs(drawn.wait(PATIENCE), True)
        console.close()
        self.assertIs(console._ticker.is_running, False)

    def test_process_that_forgets(self):
        """A process that ends by an exception takes the view away as well."""
        program = (
            "import sys\n"
            "from testing.bdd.console_text import Ink\n"
            "from testing.bdd.live_console import LiveConsole\n"
            "from testing.tests.bdd.console_facts import run_fact\n"
            "console = LiveConsole(stream=sys.stdout, verbosity=1, ink=Ink())\n"
            "console.begin(run_fact(), features=3, place='here', estimate=None)\n"
            "console.refresh()\n"
            "raise KeyboardInterrupt\n"
        )
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertTrue(ended.stdout.endswith("\x1b[?2026h\x1b[J\x1b[?2026l"))
        self.assertIn("KeyboardInterrupt", ended.stderr)
        self.assertNotIn("Exception ignored", ended.stderr)
