"""Rows that policies hide from the very role that resets."""

from testing.baseline import Baseline
from testing.tests.apart_case import ApartCase
from testing.tests.probe import prefix, role

# A superuser would see all rows: only a plain owner can tell.
STATEMENTS = """
CREATE TABLE t (id int PRIMARY KEY, x int);
INSERT INTO t VALUES (1, 1), (2, 2);
ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY ones ON t USING (x = 1) WITH CHECK (x < 9)
"""


class RowSecurityTests(ApartCase):
    def setUp(self):
        # Before the database, since it can be dropped only after what it owns.
        owner = self.enterContext(role(f"{prefix()}_owner"))
        super().setUp()
        self.session.execute(f'GRANT CREATE ON DATABASE "{self.database}" TO "{owner}"')
        wrapper = self.wrapper("owner", USER=owner, PASSWORD="secret-of-the-probe")
        self.leased = self.lease(wrapper=wrapper)
        self.leased.session.execute(STATEMENTS)
        self.table = f'"{self.leased.schema}".t'

    def rows(self, session):
        return session.execute(f"SELECT * FROM {self.table} ORDER BY id").fetchall()

    def test_hidden_rows(self):
        """They are put back as well, and the policies are in force afterwards."""
        self.assertEqual(self.rows(self.leased.session), [(1, 1)])
        baseline = Baseline(self.leased.session, schema=self.leased.schema)
        for change in (
            "DELETE FROM {}",
            "DELETE FROM {} WHERE id = 2",
            "INSERT INTO {} VALUES (3, 3)",
            "UPDATE {} SET x = 7",
        ):
            with self.subTest(change=change):
                self.session.execute(change.format(self.table))
                baseline.reset()
                self.assertEqual(self.rows(self.session), [(1, 1), (2, 2)])
                self.assertEqual(self.rows(self.leased.session), [(1, 1)])
