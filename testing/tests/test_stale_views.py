"""Going back by way of earlier states: done whole, or not at all."""

import psycopg

from testing.stale_views import go_by_earlier_states
from testing.tests.baseline_case import BaselineCase


class EarlierStatesTests(BaselineCase):
    statements = (
        "CREATE TABLE t (x int)",
        "CREATE MATERIALIZED VIEW m AS SELECT x FROM t",
        "INSERT INTO t VALUES (1)",
    )

    def setUp(self):
        super().setUp()
        self.start()

    def test_empty_tables(self):
        """A view that was empty is so again, and the rows of its table come back."""
        self.execute("REFRESH MATERIALIZED VIEW m")
        store, levels = self.baseline.store, self.baseline.levels
        self.assertIs(go_by_earlier_states(store, levels), True)
        self.assertEqual(self.look(), self.remembered)
        self.assertEqual(store.made, {levels[-1].number})

    def test_another_error(self):
        """What is no matter of views comes through, and leaves nothing behind."""
        self.execute("DROP TABLE t CASCADE")
        store, levels = self.baseline.store, self.baseline.levels
        with self.assertRaises(psycopg.errors.UndefinedTable):
            go_by_earlier_states(store, levels)
        self.assertEqual(store.made, set())
