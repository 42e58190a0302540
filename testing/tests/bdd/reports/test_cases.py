"""Scenarios with their attempts."""

from django.test import SimpleTestCase

from testing.bdd.reports.cases import cases_of, reason_of, without_escapes
from testing.tests.bdd.reports.sample_record import (
    LOGIN,
    SampleRun,
    login_run,
    step,
)


class CasesTests(SimpleTestCase):
    def test_outcomes(self):
        """The last attempt decides; failures before it make it flaky."""
        cases = cases_of(login_run())
        self.assertEqual(
            [(case.outcome, len(case.attempts)) for case in cases],
            [("passed", 1), ("failed", 2), ("flaky", 2), ("skipped", 1)],
        )
        self.assertEqual(cases[1].seconds, 0.5)


class ReasonTests(SimpleTestCase):
    def reason(self, steps=(), **changes):
        run = SampleRun()
        feature = run.feature("features/auth/login.feature", LOGIN)
        return reason_of(run.scenario(feature, 2, 9, "A", list(steps), **changes))

    def test_last_exception(self):
        """Of a chain of exceptions the last one is the reason."""
        error = (
            "Traceback (most recent call last):\n  File\nKeyError: 'a'\n\n"
            "During handling of the above exception, another exception occurred:\n"
            "Traceback (most recent call last):\n  File\n"
            "users.errors.LoginError: first line\nsecond: line"
        )
        reason = self.reason(status="error", error=error)
        self.assertEqual(
            (reason.kind, reason.message), ("users.errors.LoginError", "first line")
        )
        self.assertEqual(reason.text, error)

    def test_exception_without_text(self):
        """An exception that says nothing is its own message."""
        reason = self.reason(status="error", error="Traceback:\nNotImplementedError")
        self.assertEqual(reason.message, "NotImplementedError")

    def test_assertion_as_behave_tells_it(self):
        """An assertion has no class in what behave says; the status tells."""
        reason = self.reason(status="failed", error="\x1b[31mASSERT FAILED: 1\x1b[0m")
        self.assertEqual(
            (reason.kind, reason.message), ("AssertionError", "ASSERT FAILED: 1")
        )

    def test_step_without_text(self):
        """A step that failed without a text is named."""
        steps = [step("When", "I dance", 9, status="undefined")]
        reason = self.reason(steps, status="undefined")
        self.assertEqual(reason.text, "undefined: When I dance")

    def test_nothing_is_known(self):
        """Even without any text there is a reason."""
        self.assertEqual(self.reason(status="lost").message, "lost")

    def test_escapes(self):
        """Colours, links and cursor moves leave no trace."""
        text = "\x1b[1;31ma\x1b[0m\x1b]8;;http://x\x1b\\b\x1b]0;t\x07c\x1b[2K"
        self.assertEqual(without_escapes(text), "abc")
