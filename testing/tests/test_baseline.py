"""Rows and sequences after a reset: exactly those of the baseline."""

from unittest import mock

import psycopg

from testing.baseline import Baseline
from testing.errors import SetupFailure
from testing.tests.baseline_case import BaselineCase
from testing.tests.probe import kill


class BareRowsTests(BaselineCase):
    statements = (
        "CREATE TABLE bare ()",
        "CREATE TABLE computed (x int GENERATED ALWAYS AS (1 + 1) STORED)",
        "INSERT INTO bare SELECT FROM generate_series(1, 3)",
        "INSERT INTO computed DEFAULT VALUES",
    )

    def test_rows_without_columns(self):
        """Rows of which nothing can be written come back, as many as there were."""
        self.start()
        for statement in (
            "DELETE FROM bare; DELETE FROM computed",
            "INSERT INTO bare DEFAULT VALUES; INSERT INTO computed DEFAULT VALUES",
            "DELETE FROM bare WHERE ctid = (SELECT min(ctid) FROM bare)",
        ):
            with self.subTest(statement=statement):
                self.execute(statement)
                self.assertReset()
                self.assertEqual(self.value("SELECT count(*) FROM bare"), 3)
                self.assertEqual(self.value("SELECT count(*) FROM computed"), 1)


class RowsTests(BaselineCase):
    statements = (
        "CREATE TABLE t (id int PRIMARY KEY, x text UNIQUE, y int)",
        "CREATE TABLE empty (id serial PRIMARY KEY, x int)",
        "INSERT INTO t VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30), (4, NULL, 0)",
    )

    def setUp(self):
        super().setUp()
        self.start()

    def versions(self):
        return self.execute("SELECT id, ctid, xmin FROM t ORDER BY id").fetchall()

    def test_empty_tables_are_emptied(self):
        """A table that was empty is empty again."""
        self.execute("INSERT INTO empty (x) SELECT generate_series(1, 1000)")
        self.assertReset()

    def test_nothing_changed(self):
        """A reset without a change leaves every row's version as it is."""
        before = self.versions()
        self.assertReset()
        self.assertEqual(self.versions(), before)

    def test_untouched_rows_keep_their_version(self):
        """Only rows that changed are written again."""
        before = self.versions()
        self.execute("UPDATE t SET y = 21 WHERE id = 2")
        self.execute("DELETE FROM t WHERE id = 3")
        self.assertReset()
        after = self.versions()
        self.assertEqual([after[0], after[3]], [before[0], before[3]])
        self.assertNotEqual(after[1], before[1])

    def test_changes(self):
        """Whatever happened to the rows of the baseline, they come back."""
        changes = {
            "updated": ["UPDATE t SET y = 0 WHERE id = 1"],
            "updated to null": ["UPDATE t SET x = NULL, y = NULL"],
            "updated without effect": ["UPDATE t SET y = y"],
            "deleted": ["DELETE FROM t WHERE id = 2"],
            "all deleted": ["DELETE FROM t"],
            "truncated": ["TRUNCATE t, empty RESTART IDENTITY"],
            "added": ["INSERT INTO t VALUES (5, 'e', 50)"],
            "one gone and another there": [
                "DELETE FROM t WHERE id = 1",
                "INSERT INTO t VALUES (7, 'a', 10)",
            ],
            "key changed": ["UPDATE t SET id = id + 100"],
            "keys moved along": [
                "DELETE FROM t WHERE id = 4",
                "UPDATE t SET id = 4 WHERE id = 3",
            ],
            "unique values swapped": [
                "UPDATE t SET x = '_' WHERE id = 1",
                "UPDATE t SET x = 'a' WHERE id = 2",
                "UPDATE t SET x = 'b' WHERE id = 1",
            ],
            "unique values rotated": [
                "UPDATE t SET x = '_' WHERE id = 1",
                "UPDATE t SET x = 'a' WHERE id = 2",
                "UPDATE t SET x = 'b' WHERE id = 3",
                "UPDATE t SET x = 'c' WHERE id = 1",
            ],
            "unique value taken by a new row": [
                "UPDATE t SET x = 'z' WHERE id = 1",
                "INSERT INTO t VALUES (9, 'a', 0)",
            ],
            "rolled back": ["BEGIN", "DELETE FROM t", "ROLLBACK"],
            "deleted and inserted the same": [
                "DELETE FROM t WHERE id = 1",
                "INSERT INTO t VALUES (1, 'a', 10)",
            ],
        }
        for name, statements in changes.items():
            with self.subTest(name=name):
                for statement in statements:
                    self.execute(statement)
                self.assertReset()

    def test_again_and_again(self):
        """The tenth reset is as exact as the first."""
        for number in range(10):
            self.execute("UPDATE t SET y = y + %s", [number])
            self.execute("DELETE FROM t WHERE id = %s", [number % 4 + 1])
            self.execute("INSERT INTO empty (x) VALUES (1)")
            self.assertReset()

    def test_tables_that_have_grown_are_vacuumed(self):
        """Every so many resets the space of dead rows is given back."""
        with (
            mock.patch("testing.baseline.RESETS_BETWEEN_VACUUMS", 2),
            mock.patch("testing.reset_session.PAGES_TO_VACUUM", 1),
        ):
            # How much a vacuum gives back depends on who else looks at the server,
            # so that it ran is what is asked.
            count = "SELECT pg_stat_get_vacuum_count('empty'::regclass)"
            before = self.value(count)
            for _ in range(2):
                self.execute("INSERT INTO empty (x) SELECT generate_series(1, 3000)")
                self.assertReset()
        self.execute("SELECT pg_stat_clear_snapshot()")
        self.assertGreater(self.value(count), before)


class SequenceTests(BaselineCase):
    statements = (
        "CREATE SEQUENCE called START 5 INCREMENT 5",
        "SELECT nextval('called'), nextval('called')",
        "CREATE SEQUENCE never_called START 3",
        "CREATE SEQUENCE set_aside",
        "SELECT setval('set_aside', 50, false)",
        "CREATE SEQUENCE backwards INCREMENT -1 MINVALUE -100",
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, s serial)",
        "INSERT INTO t DEFAULT VALUES",
    )

    def setUp(self):
        super().setUp()
        self.start()

    def test_sequences_are_rewound(self):
        """Every sequence hands out what it would have handed out."""
        expected = {
            "called": 15,
            "never_called": 3,
            "set_aside": 50,
            "backwards": -1,
            "t_id_seq": 2,
            "t_s_seq": 2,
        }
        for _ in range(2):
            for name, value in expected.items():
                with self.subTest(name=name):
                    self.assertEqual(self.value(f"SELECT nextval('{name}')"), value)
            self.assertReset()

    def test_sequences_that_went_back(self):
        """A sequence that a test set to an earlier value is put forward again."""
        self.execute("SELECT setval('called', 5, false), setval('set_aside', 50, true)")
        self.execute("ALTER SEQUENCE never_called RESTART WITH 9")
        self.assertReset()


class RefusalTests(BaselineCase):
    statements = (
        "CREATE TABLE t (id int PRIMARY KEY)",
        "INSERT INTO t VALUES (1)",
    )

    def setUp(self):
        super().setUp()
        self.start()

    def test_other_schema(self):
        """A reset on a session that has left the schema is refused."""
        self.execute("INSERT INTO t VALUES (2)")
        self.leased.session.execute("SET search_path TO pg_catalog")
        with self.assertRaisesMessage(
            psycopg.errors.RaiseException, f"reset of {self.leased.schema} refused"
        ):
            self.baseline.reset()
        self.assertEqual(self.value("SELECT count(*) FROM t"), 2)

    def test_locked_rows(self):
        """Who keeps a reset waiting is named, with its last statement."""
        self.leased.session.execute("SET lock_timeout TO '50ms'")
        self.execute("SET application_name TO 'straggler'")
        self.execute("INSERT INTO t VALUES (2)")
        self.execute("BEGIN")
        self.execute("UPDATE t SET id = 3 WHERE id = 2")
        with self.assertRaises(SetupFailure) as caught:
            self.baseline.reset()
        message = str(caught.exception)
        self.assertThreeParts(message)
        pid = self.user.info.backend_pid
        self.assertIn(f"session {pid} (straggler, idle in transaction)", message)
        self.assertIn("is: UPDATE t SET id = 3 WHERE id = 2", message)
        self.execute("ROLLBACK")
        self.assertReset()

    def test_locker_that_is_gone(self):
        """A lock whose owner has ended by now is reported as such."""
        blocked = psycopg.errors.LockNotAvailable()
        session = mock.Mock(wraps=self.leased.session)
        session.execute.side_effect = [blocked, mock.Mock(fetchone=lambda: None)]
        self.baseline.session = self.baseline.store.session = session
        with self.assertRaisesMessage(SetupFailure, "a session that is gone by now"):
            self.baseline.reset()

    def test_nothing_survives_the_session(self):
        """Copies and functions of the baseline end with the lease's session."""
        kept = "SELECT count(*) FROM pg_class WHERE relname ~ '^level_[0-9]+_'"
        ours = f"{kept} AND pg_table_is_visible(oid)"
        self.assertEqual(self.leased.session.execute(ours).fetchone(), (1,))
        (place,) = self.leased.session.execute("SELECT pg_my_temp_schema()").fetchone()
        kill(self.user, self.leased.session)
        self.assertEqual(self.value(f"{kept} AND relnamespace = {place}"), 0)


class EmptySchemaTests(BaselineCase):
    def test_schema_without_anything(self):
        """A schema without tables and sequences has a baseline like any other."""
        self.start()
        self.baseline.push()
        self.baseline.pop()
        self.assertReset()
        self.assertIsInstance(self.baseline, Baseline)
