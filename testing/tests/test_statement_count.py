"""Statements are counted as they pass, and pass unchanged."""

from unittest import TestCase

from testing.statement_count import StatementCount


class StatementCountTests(TestCase):
    def test_passing(self):
        """Arguments and answers stay what they are."""
        count = StatementCount()
        self.assertEqual(
            count(lambda *given: given, "SELECT 1", None), ("SELECT 1", None)
        )
        count(lambda: None)
        self.assertEqual(count.total, 2)
