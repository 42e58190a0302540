"""One attempt at a scenario: whether it failed, and where it stands."""

from unittest import TestCase

from testing.tests.bdd.console_facts import scenario


class ScenarioFactTests(TestCase):
    def test_failed(self):
        """What makes a run red: all but what passed or did not run."""
        bad = ("failed", "error", "hook_error", "cleanup_error", "undefined", "pending")
        for status in (*bad, "lost", "timed out"):
            self.assertIs(scenario(status=status).has_failed, True, status)
        for status in ("passed", "skipped", "untested", "pending_warn"):
            self.assertIs(scenario(status=status).has_failed, False, status)
        self.assertEqual(scenario().location, "features/login.feature:14")
