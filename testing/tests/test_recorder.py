"""Recording: which statements end up in a journal, in which transactions."""

import datetime
import uuid
from decimal import Decimal

from django.db import DatabaseError, transaction
from psycopg import sql
from psycopg.types.json import Jsonb

from testing.recorder import Recorder
from testing.tests.probe import ProbeCase, extensions


class RecorderCase(ProbeCase):
    def setUp(self):
        super().setUp()
        self.probe, self.leased = self.on_schema()
        self.leased.session.execute("CREATE TABLE t (x int, y text)")
        self.recorder = Recorder(
            self.probe, fingerprint="probe", extensions_schema=extensions()
        )
        self.enterContext(self.probe.execute_wrapper(self.recorder))

    def atomic(self, **options):
        return transaction.atomic(using="probe", **options)

    def execute(self, statement, params=None):
        with self.probe.cursor() as cursor:
            cursor.execute(statement, params)

    def recorded(self):
        return self.recorder.finish().transactions


class TransactionBordersTests(RecorderCase):
    def test_autocommit(self):
        """A statement outside of a transaction stands alone."""
        self.execute("INSERT INTO t VALUES (1)")
        self.execute("INSERT INTO t VALUES (2)")
        self.assertEqual(
            self.recorded(),
            [
                (True, ["INSERT INTO t VALUES (1)"]),
                (True, ["INSERT INTO t VALUES (2)"]),
            ],
        )

    def test_transaction(self):
        """The statements of one transaction stay together."""
        for first in (1, 3):
            with self.atomic():
                self.execute("INSERT INTO t VALUES (%s)", [first])
                self.execute("INSERT INTO t VALUES (%s)", [first + 1])
        lines = [lines for _, lines in self.recorded()]
        self.assertEqual(
            lines,
            [
                ["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"],
                ["INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (4)"],
            ],
        )
        self.assertEqual([alone for alone, _ in self.recorded()], [False, False])

    def test_rolled_back_transaction(self):
        """A transaction that was rolled back leaves nothing, whatever follows."""
        with self.atomic():
            self.execute("INSERT INTO t VALUES (1)")
            transaction.set_rollback(True, using="probe")
        with self.atomic():
            self.execute("INSERT INTO t VALUES (2)")
        self.assertEqual(self.recorded(), [(False, ["INSERT INTO t VALUES (2)"])])

    def test_rolled_back_transaction_at_the_end(self):
        """A rollback that nothing follows is noticed when recording finishes."""
        with self.atomic():
            self.execute("INSERT INTO t VALUES (1)")
            transaction.set_rollback(True, using="probe")
        self.assertEqual(self.recorded(), [])

    def test_rolled_back_savepoint(self):
        """A savepoint's rollback is replayed like everything in its transaction."""
        with self.atomic():
            self.execute("INSERT INTO t VALUES (1)")
            with self.assertRaises(DatabaseError), self.atomic():
                self.execute("INSERT INTO t VALUES (2)")
                self.execute("INSERT INTO no_such_table VALUES (3)")
            self.execute("INSERT INTO t VALUES (4)")
        other = self.lease(2)
        other.session.execute("CREATE TABLE t (x int, y text)")
        self.recorder.finish().replay(other.session)
        rows = other.session.execute("SELECT x FROM t ORDER BY x").fetchall()
        self.assertEqual(rows, [(1,), (4,)])

    def test_savepoint_first(self):
        """A transaction whose first statement is in a savepoint rolled back."""
        with self.atomic():
            with self.assertRaises(DatabaseError), self.atomic():
                self.execute("INSERT INTO no_such_table VALUES (1)")
            self.execute("INSERT INTO t VALUES (2)")
        ((alone, lines),) = self.recorded()
        self.assertIs(alone, False)
        self.assertEqual(lines[-1], "INSERT INTO t VALUES (2)")

    def test_transactions_by_hand(self):
        """Transactions that Django does not know of cannot be recorded."""
        self.probe.set_autocommit(False)
        self.execute("INSERT INTO t VALUES (1)")
        self.probe.rollback()
        self.probe.set_autocommit(True)
        self.assertIn("transactions by hand", self.recorder.finish().refusal)

    def test_shape_of_commit_hooks(self):
        """Canary: Django keeps commit hooks as tuples with the function second."""
        with self.atomic():
            transaction.on_commit(print, using="probe")
            (entry,) = self.probe.run_on_commit
            self.assertIs(entry[1], print)
            transaction.set_rollback(True, using="probe")


class ParamsTests(RecorderCase):
    def test_values(self):
        """Values are written so that the statement alone says the same."""
        values = (
            "100 %",
            "it's %s and %%",
            'say "hi"',
            "back\\slash",
            "{braces}",
            "zeilen\numbruch ü 日本",
            b"\x00\xff'%",
            None,
            True,
            5,
            Decimal("1.50"),
            [1, 2, None],
            ["a", "b'c"],
            Jsonb({"a": ["%s", "'", None]}),
            datetime.date(2020, 2, 29),
            datetime.timedelta(days=1, microseconds=3),
            uuid.UUID(int=7),
        )
        session = self.leased.session
        for value in values:
            with self.subTest(value=repr(value)):
                self.recorder.journal.transactions.clear()
                with self.probe.cursor() as cursor:
                    cursor.execute("CREATE TABLE v AS SELECT %s AS x", [value])
                    cursor.execute("SELECT x::text, pg_typeof(x)::text FROM v")
                    expected = cursor.fetchone()
                    session.execute("DROP TABLE v")
                    self.recorder.finish().replay(session)
                    cursor.execute("SELECT x::text, pg_typeof(x)::text FROM v")
                    self.assertEqual(cursor.fetchone(), expected)
                session.execute("DROP TABLE v")

    def test_percent_without_params(self):
        """Without params a per cent sign is a per cent sign."""
        self.execute("INSERT INTO t (y) VALUES ('100 % %s %%')")
        ((_, lines),) = self.recorded()
        self.assertEqual(lines, ["INSERT INTO t (y) VALUES ('100 % %s %%')"])

    def test_percent_with_empty_params(self):
        """With params, even empty ones, a doubled per cent sign is a single one."""
        self.execute("INSERT INTO t (y) VALUES ('100 %%')", [])
        ((_, lines),) = self.recorded()
        self.assertEqual(lines, ["INSERT INTO t (y) VALUES ('100 %')"])

    def test_executemany(self):
        """Each set of params of executemany becomes a statement."""
        with self.probe.cursor() as cursor:
            cursor.executemany("INSERT INTO t (x) VALUES (%s)", [(1,), (2,)])
        lines = [line for _, lines in self.recorded() for line in lines]
        self.assertEqual(
            lines, ["INSERT INTO t (x) VALUES (1)", "INSERT INTO t (x) VALUES (2)"]
        )

    def test_composed_statement(self):
        """Psycopg's composed statements are recorded as the text they make."""
        self.execute(
            sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier("t"), 5)
        )
        ((_, lines),) = self.recorded()
        self.assertEqual(lines, ['INSERT INTO "t" VALUES (5)'])


class SelectionTests(RecorderCase):
    def test_failed_statements(self):
        """A statement that failed is not recorded."""
        with self.assertRaises(DatabaseError):
            self.execute("INSERT INTO no_such_table VALUES (1)")
        self.assertEqual(self.recorded(), [])

    def test_reads(self):
        """A statement that only reads is left out."""
        for statement in (
            "SELECT 1",
            "SELECT count(*) FROM t WHERE y = 'delete from t'",
            'SELECT x AS "insert" FROM t WHERE x IN (1, 2)',
            "SELECT x FROM t FOR UPDATE",
            "WITH a AS (SELECT max(x) FROM t) SELECT * FROM a",
            "SELECT current_setting('search_path'), coalesce(max(x), 0) FROM t",
            "SHOW search_path",
            "EXPLAIN SELECT 1",
        ):
            with self.subTest(statement=statement):
                self.execute(statement)
                self.assertEqual(self.recorded(), [])

    def test_reads_that_write(self):
        """A SELECT that may have written is kept."""
        self.leased.session.execute("CREATE SEQUENCE s")
        self.leased.session.execute(
            "CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql"
            " AS 'INSERT INTO t VALUES (n) RETURNING x'"
        )
        for statement in (
            "SELECT setval('s', 5)",
            "SELECT nextval('s')",
            "SELECT f(1)",
            "SELECT max(f(2))",
            "SELECT set_config('work_mem', '1MB', false)",
            "SELECT x INTO u FROM t",
            "WITH a AS (INSERT INTO t VALUES (1) RETURNING x) SELECT * FROM a",
            "WITH a AS (DELETE FROM t RETURNING x) SELECT * FROM a",
            "  \n select setval('s', 6)",
        ):
            with self.subTest(statement=statement):
                self.recorder.journal.transactions.clear()
                self.execute(statement)
                self.assertEqual(self.recorded(), [(True, [statement])])


class ExtensionTests(RecorderCase):
    def test_extension_is_redirected(self):
        """An extension goes into the schema that all workers share."""
        statements = (
            "CREATE EXTENSION plpgsql",
            'create extension IF NOT EXISTS "plpgsql" SCHEMA public',
            "  CREATE  EXTENSION\nIF NOT EXISTS plpgsql;",
        )
        for statement in statements:
            with self.subTest(statement=statement):
                self.execute(statement)
                journal = self.recorder.finish()
                self.assertEqual(journal.extensions, ["plpgsql"])
                self.assertEqual(journal.transactions, [])
        found = self.leased.session.execute(
            "SELECT 1 FROM pg_namespace WHERE nspname = %s", [extensions()]
        )
        self.assertEqual(found.fetchone(), (1,))


class PublicTests(RecorderCase):
    def names_public(self):
        return self.recorder.finish().names_public

    def test_first_statement(self):
        """The first statement that names public is kept, with its params in it."""
        query = "SELECT 1 FROM pg_tables WHERE schemaname = %s"
        self.execute(query, ["private"])
        self.assertEqual(self.names_public(), "")
        self.execute(query, ["public"])
        self.execute("SELECT 'public.t'::text, current_schema()")
        self.execute("SELECT to_regclass('public.t')")
        self.assertEqual(self.names_public(), query.replace("%s", "'public'"))

    def test_failed_statement(self):
        """A statement that fails counts: where public has the tables it does not."""
        with self.assertRaises(DatabaseError):
            self.execute("SELECT * FROM public.no_such_table")
        self.assertEqual(self.names_public(), "SELECT * FROM public.no_such_table")

    def test_value_of_a_row(self):
        """A value is a value."""
        self.execute("INSERT INTO t (y) VALUES (%s)", ["public"])
        with self.probe.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO t (y) VALUES (%s)", iter([("public.t",), ("b",)])
            )
        self.assertEqual(self.names_public(), "")
        self.assertEqual(len(self.recorded()), 3)

    def test_wrong_params(self):
        """A statement that cannot be composed fails as it does without a recorder."""
        with self.assertRaises(DatabaseError):
            self.execute("INSERT INTO t (y) VALUES (%s)", [])
        self.assertEqual(self.recorded(), [])
