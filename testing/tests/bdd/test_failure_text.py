"""A failure told in full."""

from django.test import SimpleTestCase

from testing.bdd.console_text import Ink
from testing.bdd.failure_text import failure_lines, first_error_line, rerun_command
from testing.bdd.invocation import manage_command
from testing.bdd.scenario_fact import Exchange
from testing.tests.bdd.console_facts import TRACEBACK, failure, scenario, step


def told(fact, *, verbosity=1):
    text = "\n".join(failure_lines(fact, verbosity=verbosity, ink=Ink()))
    # How it is called differs from machine to machine; its own tests are elsewhere.
    return text.replace(manage_command(), "manage.py behave")


class FailureTests(SimpleTestCase):
    maxDiff = None

    def test_failed_step(self):
        """Steps up to the failing one, error, output, requests and command."""
        self.assertEqual(
            told(failure()),
            """\
    passed [  0.010s] Given an account
    failed [  0.125s] Then the answer is 429  features/steps/http.py:29
                       | code      | text  |
                       | throttled | later |
    (1 step after it did not run)
    Error:
      Traceback (most recent call last):
        File "features/steps/http.py", line 31, in step_status
          assert response.status == status
      AssertionError: 200 != 429
    Output:
      INFO login
    HTTP:
      POST  /api/users/  201  0.031s    7 SQL
      GET   /api/me/     200  0.004s   12 SQL
        < {"id": 1}
    Rerun: manage.py behave features/login.feature:14
""",
        )

    def test_lost_in_a_step(self):
        """The step in which a worker was lost has that as its status."""
        steps = [step(), step(keyword="When", status="untested"), step()]
        fact = failure(status="lost", steps=steps, error="Killed.", exchanges=[])
        self.assertEqual(
            told(fact).splitlines()[:4],
            [
                "    passed [  0.010s] Given an account",
                "    lost   [  0.010s] When an account  features/steps/accounts.py:12",
                "    (1 step after it did not run)",
                "    Error:",
            ],
        )

    def test_timed_out(self):
        """Of what a limit ended the step that hung is shown, or none in a hook."""
        steps = [step(), step(status="timed out", seconds=1.5), step(status="untested")]
        fact = failure(status="timed out", steps=steps, error="Long.", exchanges=[])
        self.assertEqual(
            told(fact).splitlines()[:3],
            [
                "    passed    [  0.010s] Given an account",
                "    timed out [  1.500s] Given an account"
                "  features/steps/accounts.py:12",
                "    (1 step after it did not run)",
            ],
        )
        steps = [step(status="untested"), step(status="untested")]
        fact = failure(status="timed out", steps=steps, error="Long.", exchanges=[])
        self.assertEqual(told(fact).splitlines()[0], "    (2 steps did not run)")

    def test_no_failing_step(self):
        """When a hook failed, the steps that ran are shown."""
        steps = [step(), step(status="skipped", location="")]
        fact = scenario(status="hook_error", steps=steps, error="HOOK-ERROR in x")
        self.assertEqual(
            told(fact),
            """\
    passed  [  0.010s] Given an account
    skipped [  0.010s] Given an account
    Error:
      HOOK-ERROR in x
    Rerun: manage.py behave features/login.feature:14
""",
        )

    def test_lost_after_all_steps(self):
        """A worker lost after the last step blames none of them."""
        self.assertIn(
            "    passed [", told(scenario(status="lost", steps=[step()], error="Gone."))
        )

    def test_lost_without_steps(self):
        """Of a worker that told nothing only the reason is known."""
        self.assertEqual(
            told(scenario(status="lost", error="Killed.")),
            "    Error:\n      Killed.\n"
            "    Rerun: manage.py behave features/login.feature:14\n",
        )

    def test_error_of_the_step(self):
        """Without an error of the scenario that of the step is shown."""
        self.assertIn("AssertionError: 200 != 429", told(failure(error="")))

    def test_text_of_the_step(self):
        """The text under a failing step is shown."""
        steps = [step(status="error", text="one\ntwo")]
        lines = told(failure(steps=steps)).splitlines()
        self.assertEqual(lines[1:3], [f"{' ' * 22}one", f"{' ' * 22}two"])

    def test_long_parts(self):
        """Long output is cut in the middle, unless everything is asked for."""
        fact = failure(output="\n".join(f"line {n}" for n in range(100)))
        self.assertIn("      … 76 lines left out, shown with -v 3 …", told(fact))
        self.assertIn("      line 50\n", told(fact, verbosity=3))

    def test_many_requests(self):
        """Of many requests the last ones are shown, unless all are asked for."""
        exchanges = [Exchange(1, "GET", f"/{n}", 200, 0.001, 1) for n in range(20)]
        fact = failure(exchanges=exchanges)
        self.assertIn("      … 8 earlier requests left out …\n      GET", told(fact))
        self.assertIn("  /0 ", told(fact, verbosity=3))

    def test_bodies(self):
        """Bodies are those of the failing step's last requests."""
        exchanges = [
            Exchange(0, "POST", "/a", 201, 0.001, 1, "before", ""),
            *(Exchange(1, "PUT", f"/{n}", 500, 0.001, 1, f"{n}", "") for n in range(4)),
            Exchange(2, "GET", "/b", 0, 0.001, 1, "after", ""),
        ]
        text = told(failure(exchanges=exchanges))
        shown = [
            line.strip() for line in text.splitlines() if line.startswith("  " * 4)
        ]
        self.assertEqual(
            [line for line in shown if line[0] == ">"], ["> 1", "> 2", "> 3"]
        )
        self.assertIn("GET   /b  ---  0.001s", text)

    def test_bodies_of_the_last_request(self):
        """When the failing step made no request, the last ones are shown."""
        exchanges = [Exchange(0, "POST", "/a", 201, 0.001, 1, '{\n"a": 1}', "")]
        self.assertIn(
            '        > {\n        > "a": 1}', told(failure(exchanges=exchanges))
        )

    def test_color(self):
        """Colours change no character of what is said."""
        colored = "\n".join(failure_lines(failure(), verbosity=1, ink=Ink(color=True)))
        self.assertIn("\x1b[1;31mfailed\x1b[0m [", colored)

    def test_rerun_is_quoted(self):
        """A path with blanks can be pasted into a shell."""
        command = rerun_command(scenario(path="features/my shop.feature"))
        self.assertEqual(command, f"{manage_command()} 'features/my shop.feature:14'")


class FirstLineTests(SimpleTestCase):
    def test_first_lines(self):
        """It is the message, wherever the traceback has it."""
        chained = (
            f"{TRACEBACK}\n\nDuring handling …:\n\n{TRACEBACK.replace('200', '5')}"
        )
        for error, expected in (
            ("", ""),
            (
                "\n ASSERT FAILED: no\nTraceback (most recent call last):",
                "ASSERT FAILED: no",
            ),
            (TRACEBACK, "AssertionError: 200 != 429"),
            (chained, "AssertionError: 5 != 429"),
            (
                'Traceback (most recent call last):\n  File "x"',
                "Traceback (most recent call last):",
            ),
        ):
            with self.subTest(error=error):
                self.assertEqual(first_error_line(failure(error=error)), expected)
