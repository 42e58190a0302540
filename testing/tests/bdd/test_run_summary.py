"""The last lines of a run."""

from django.test import SimpleTestCase

from testing.bdd.console_text import Ink
from testing.bdd.record import Lost
from testing.bdd.run_summary import summary_lines
from testing.tests.bdd.console_facts import (
    failure,
    feature,
    record_of,
    run_end,
    run_fact,
    scenario,
    unit,
)

SUCCESS = """\
      PASSED [  2.000s] 12 scenarios: 12 passed
     Slowest  1.500s  features/login.feature:12  A dancer logs in
              1.375s  features/login.feature:11  A dancer logs in
              1.250s  features/login.feature:10  A dancer logs in
              1.125s  features/login.feature:9  A dancer logs in
              1.000s  features/login.feature:8  A dancer logs in
        Bill     build scenarios     steps      HTTP     reset      idle
         all    0.500s    3.000s    2.500s    2.000s    0.250s    0.750s
    Speed-up  4.88 on 2 workers, efficiency 244%
       Bound  1.500s, the longest unit, features/login.feature"""
RERUN = "manage.py behave features/login.feature:14"


def summary(*facts, exit_code=1, verbosity=1, rerun=RERUN, width=None):
    return summary_lines(
        record_of(*facts),
        exit_code=exit_code,
        rerun=rerun,
        wall=9.0,
        verbosity=verbosity,
        ink=Ink(),
        width=width,
    )


class SummaryTests(SimpleTestCase):
    maxDiff = None

    def test_success(self):
        """A green run is told in ten lines, and nothing is to be run again."""
        several = [scenario(place=n, line=n, seconds=n / 8) for n in range(1, 13)]
        lines = summary(run_fact(), feature(), *several, unit(), run_end(), exit_code=0)
        self.assertEqual("\n".join(lines), SUCCESS)

    def test_width(self):
        """On a terminal names are cut where lines would wrap, locations never."""
        name = "A dancer with a rather long story signs up for the next lesson"
        facts = [
            failure(name=name, error="wrong " * 40),
            scenario(place=2, line=20, name=name, attempt=2),
        ]
        facts.insert(1, failure(place=2, line=20, name=name, is_final=False))
        lines = summary(run_fact(selected=2), feature(), *facts, width=80)
        self.assertEqual([line for line in lines if len(line) > 80], [])
        told = [line for line in lines if line.endswith(("…", "at attempt 2)"))]
        self.assertEqual(len(told), 5, lines)
        for line in told:
            self.assertRegex(line, r"features/login.feature:\d+  A dancer|^ +wrong")
        whole = summary(run_fact(), feature(), *facts)
        self.assertTrue(any(line.endswith(name) for line in whole), whole)

    def test_failures(self):
        """What failed, was lost or flaky is named again, and last what to run."""
        lines = summary(
            run_fact(selected=8),
            failure(),
            failure(place=2, line=20, status="timed out", error="No end in 3 s."),
            failure(place=3, line=30, status="lost", error=""),
            failure(place=4, line=40, is_final=False),
            scenario(place=4, line=40, attempt=2),
            scenario(place=5, line=50, status="skipped"),
            scenario(place=6, line=60, seconds=11.0),
            Lost(1, 0, 3, "was killed by SIGKILL", 1.0),
            run_end(hook_failures=1, problems=["\nA leak.\nNext: look.", "\n"]),
        )
        self.assertEqual(
            lines[:10],
            [
                "────────────",
                "      FAILED [  2.000s] 6 scenarios: 2 passed (1 flaky, 1 slow), "
                "1 failed, 1 timed out, 1 lost, 1 skipped; "
                "2 did not run; 1 hook failed",
                "        FAIL  features/login.feature:14  A dancer logs in",
                "              AssertionError: 200 != 429",
                "     TIMEOUT  features/login.feature:20  A dancer logs in",
                "              No end in 3 s.",
                "        LOST  features/login.feature:30  A dancer logs in",
                "       FLAKY  features/login.feature:40  A dancer logs in "
                "(passed at attempt 2)",
                "     Problem  A leak.",
                "     Slowest  11.000s  features/login.feature:60  A dancer logs in",
            ],
        )
        self.assertEqual(lines[-1], f"       Rerun  {RERUN}")

    def test_losses(self):
        """A worker that died without failing a scenario in the end is named."""
        lines = summary(
            feature(feature=4, path="features/other.feature"),
            scenario(attempt=2),
            Lost(1, 0, 1, "was killed by SIGKILL", 1.0),
            Lost(2, 4, None, "ended with status 3", 1.0),
            Lost(3, None, None, "ended with status 0", 1.0),
        )
        self.assertEqual(
            [line for line in lines if "LOST" in line],
            [
                "        LOST  worker 1 in features/login.feature:14: "
                "was killed by SIGKILL",
                "        LOST  worker 2 in features/other.feature: ended with status 3",
                "        LOST  worker 3 between two features: ended with status 0",
            ],
        )

    def test_many_failures(self):
        """Of many failures the first are named and the rest counted."""
        several = [failure(place=n, line=n, error="") for n in range(60)]
        note = "              … and 10 more, shown with -v 3"
        self.assertIn(note, summary(*several))
        self.assertNotIn(note, summary(*several, verbosity=3))

    def test_one_scenario(self):
        """One scenario is the slowest by itself, so nothing is said about it."""
        self.assertNotIn("Slowest", "".join(summary(scenario())))

    def test_interrupted(self):
        """An interrupted run says so, and what did not run."""
        lines = summary(run_fact(), scenario(), exit_code=130, rerun="")
        self.assertEqual(
            lines[1],
            " INTERRUPTED [  9.000s] 1 scenario: 1 passed; 11 did not run",
        )
        self.assertNotIn("Rerun", "".join(lines))

    def test_names_of_several_lines(self):
        """A name never breaks a line or moves the cursor."""
        lines = summary(failure(name="a\nb\x1b[2J"))
        self.assertIn("        FAIL  features/login.feature:14  a b", lines)
