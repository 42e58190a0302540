"""What is said without a terminal, line by line."""

import io

from django.test import SimpleTestCase

from testing.bdd.console_text import Ink
from testing.bdd.invocation import manage_command
from testing.bdd.plain_console import PlainConsole
from testing.tests.bdd.console_facts import (
    Clock,
    failure,
    record_of,
    run_fact,
    scenario,
    worker_fact,
)


class PlainTests(SimpleTestCase):
    maxDiff = None

    def setUp(self):
        self.clock = Clock()

    def console(self, verbosity, **changed):
        self.stream = io.StringIO()
        return PlainConsole(
            stream=self.stream,
            verbosity=verbosity,
            ink=Ink(),
            clock=self.clock,
            **changed,
        )

    def begun(self, verbosity):
        """Return a console that has said its first lines already."""
        console = self.console(verbosity)
        console.begin(run_fact(), features=3, place="schemas test_w…", estimate=None)
        self.forget()
        return console

    def forget(self):
        self.stream.seek(0)
        self.stream.truncate()

    def assertSaid(self, *lines):
        self.assertEqual(self.stream.getvalue(), "".join(f"{x}\n" for x in lines))

    def test_first_line(self):
        """The first line has the facts that reproduce a run."""
        console = self.console(1)
        console.begin(run_fact(), features=3, place="schemas test_w…", estimate=None)
        self.assertSaid(
            "Running 3 features (12 scenarios) on 2 workers (fork); schemas test_w…"
        )

    def test_first_line_with_all(self):
        """Seed, shard and what history predicts are there if there are any."""
        for estimate, text in ((12.4, "12s"), (1.44, "1.4s")):
            with self.subTest(estimate=estimate):
                console = self.console(2)
                run = run_fact(method="", workers=1, seed=0, shard="1/4", selected=1)
                console.begin(run, features=1, place="here", estimate=estimate)
                self.assertSaid(
                    "Running 1 feature (1 scenario) on 1 worker; here; "
                    f"random order, seed 0; shard 1/4; about {text} by history",
                    "manage.py behave --name 'a b'; Python 3.11.7, Django 5.2.1, "
                    "behave 1.3.3; on ci-1",
                )

    def test_workers(self):
        """A worker's line is shown in detail, or when there is something to note."""
        console = self.begun(1)
        console.worker_ready(worker_fact())
        self.assertSaid()
        console.worker_ready(
            worker_fact(worker=10, schemas=["a", "b"], note="the journal\nwas old")
        )
        self.assertSaid(
            "       READY [  0.250s] w10 schemas a, b replayed: the journal was old"
        )
        console = self.begun(2)
        console.worker_ready(worker_fact())
        self.assertSaid("       READY [  0.250s] w1  schema test_w1 replayed")

    def test_scenarios(self):
        """Scenarios that pass are shown at 3; flaky and slow ones at 2."""
        facts = (
            scenario(),
            scenario(status="skipped"),
            scenario(attempt=2),
            scenario(seconds=12.0, schema=""),
        )
        lines = [
            "        PASS [  0.500s] ( 1/12) w2  "
            "features/login.feature:14  A dancer logs in",
            "        SKIP [  0.500s] ( 2/12) w2  "
            "features/login.feature:14  A dancer logs in",
            "       FLAKY [  0.500s] ( 3/12) w2  "
            "features/login.feature:14  A dancer logs in (schema test_w2, attempt 2)",
            "        SLOW [ 12.000s] ( 4/12) w2  "
            "features/login.feature:14  A dancer logs in",
        ]
        for verbosity, expected in ((1, []), (2, lines[2:]), (3, lines)):
            with self.subTest(verbosity=verbosity):
                console = self.begun(verbosity)
                for fact in facts:
                    console.scenario_began(worker=2, path="x", line=1, name="y")
                    console.scenario_ended(fact)
                self.assertSaid(*expected)

    def test_failure(self):
        """A failure is told whole at every verbosity, in one write."""
        for verbosity in range(4):
            with self.subTest(verbosity=verbosity):
                console = self.begun(verbosity)
                writes = []
                self.stream.write = writes.append
                console.scenario_ended(failure())
                (text,) = writes
                lines = text.splitlines()
                self.assertEqual(
                    lines[0],
                    "        FAIL [  0.500s] ( 1/12) w2  features/login.feature:14  "
                    "A dancer logs in (schema test_w2, attempt 1)",
                )
                self.assertEqual(
                    lines[-2:],
                    [f"    Rerun: {manage_command('features/login.feature:14')}", ""],
                )
                self.assertTrue(all(x[:4] in ("", "    ") for x in lines))

    def test_attempt_that_is_not_the_last(self):
        """A failure that is tried again is told, and not counted as done."""
        console = self.begun(1)
        console.scenario_ended(failure(is_final=False, schema="", status="timed out"))
        self.assertEqual(
            self.stream.getvalue().splitlines()[0],
            "     TIMEOUT [  0.500s] ( 0/12) w2  features/login.feature:14  "
            "A dancer logs in (attempt 1, to be tried again)",
        )

    def unit_line(self, *facts, failed=0, scenarios=6):
        console = self.begun(2)
        for fact in facts:
            console.scenario_ended(fact)
        self.forget()
        console.unit_ended(
            worker=2,
            path="features/login.feature",
            scenarios=scenarios,
            failed=failed,
            seconds=1.204,
        )
        return self.stream.getvalue()

    def test_unit(self):
        """A unit's line has fixed columns."""
        self.assertEqual(
            self.unit_line(scenario()),
            "        PASS [  1.204s] ( 1/12) w2  "
            "features/login.feature                    6 scenarios\n",
        )

    def test_unit_without_a_scenario(self):
        """Where nothing was to run, nothing has passed."""
        self.assertEqual(
            self.unit_line(scenarios=0),
            "        SKIP [  1.204s] ( 0/12) w2  "
            "features/login.feature                    0 scenarios\n",
        )

    def test_failed_unit(self):
        """A unit that failed says how much of it did."""
        self.assertEqual(
            self.unit_line(failure(), failed=1, scenarios=1),
            "        FAIL [  1.204s] ( 1/12) w2  "
            "features/login.feature                    1 of 1 scenario failed\n",
        )

    def test_word_of_a_unit(self):
        """The word is the one that tells most; a failing hook has no scenario."""
        passed, lost = scenario(), failure(status="lost")
        skipped = scenario(status="skipped")
        for word, facts, failed in (
            ("PASS", (), 0),
            ("FAIL", (passed,), 1),
            ("LOST", (passed, failure(), lost), 2),
            ("FLAKY", (scenario(attempt=2), scenario(seconds=20.0)), 0),
            ("SLOW", (skipped, passed, scenario(seconds=20.0)), 0),
            ("SKIP", (skipped,), 0),
            ("PASS", (scenario(worker=1, attempt=2),), 0),
        ):
            with self.subTest(word=word, facts=len(facts)):
                self.assertEqual(self.unit_line(*facts, failed=failed).split()[0], word)

    def test_units_of_one_worker(self):
        """Each unit has the word of its own scenarios."""
        console = self.begun(2)
        console.scenario_ended(failure())
        for _ in range(2):
            self.forget()
            console.unit_ended(worker=2, path="a", scenarios=1, failed=0, seconds=1.0)
        self.assertEqual(self.stream.getvalue().split()[0], "PASS")

    def test_problem(self):
        """A problem is told at every verbosity, and moves no cursor."""
        console = self.begun(0)
        console.problem("Worker 1 ended.\nNext: look.\x1b[2J\n")
        self.assertSaid("Worker 1 ended.", "Next: look.")

    def test_end(self):
        """The end is told from verbosity 1 on, with the wall time of this run."""
        console = self.begun(1)
        self.clock.now += 2.5
        console.end(record_of(scenario()), exit_code=0, rerun="")
        self.assertEqual(
            self.stream.getvalue().splitlines()[0],
            "      PASSED [  2.500s] 1 scenario: 1 passed",
        )
        console = self.begun(0)
        console.end(record_of(scenario()), exit_code=0, rerun="")
        self.assertSaid()

    def test_second_run(self):
        """A run that is repeated counts anew."""
        console = self.begun(3)
        console.scenario_ended(scenario())
        console.begin(run_fact(), features=3, place="", estimate=None)
        self.forget()
        console.scenario_ended(scenario())
        self.assertIn("( 1/12)", self.stream.getvalue())

    def test_nothing_to_step_aside(self):
        """Pausing and closing write nothing."""
        console = self.begun(3)
        with console.pause():
            pass
        console.close()
        self.assertSaid()
