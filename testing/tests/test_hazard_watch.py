"""The watch on connections: what it finds, what it lets pass, how it ends."""

import pickle
import threading

from django.db import connection, connections
from django.db.backends.postgresql.base import Cursor
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase, tag
from psycopg import sql

from testing.call_stack import Test, present_test
from testing.conf import EngineSettings
from testing.hazard_watch import HazardError, HazardWatch, watching
from testing.tests.probe import need_right

LOCK = "SELECT pg_advisory_xact_lock(1)"


class HazardWatchTests(TransactionTestCase):
    def setUp(self):
        connection.ensure_connection()
        self.before = connection.connection.cursor_factory

    def watch(self, *, own=False, test=present_test, **settings):
        watch = HazardWatch(
            EngineSettings(**settings), test=test, owns_database=lambda: own
        )
        self.enterContext(watching(watch))
        return watch

    def send(self, statement, params=None):
        with connection.cursor() as cursor:
            cursor.execute(statement, params)

    def test_finding(self):
        """A hazard is found once for each test, with who sent it."""
        watch = self.watch()
        for _ in range(3):
            self.send(LOCK)
        (found,) = watch.take()
        self.assertEqual(
            (found.hazard, found.statement, found.test),
            ("advisory lock", LOCK, self.id()),
        )
        self.assertTrue(found.path.endswith("testing/tests/test_hazard_watch.py"))
        self.assertEqual(pickle.loads(pickle.dumps(found)), found)
        self.send(LOCK)
        self.assertEqual(watch.take(), [])

    def test_composed(self):
        """Compositions of psycopg and bytes are looked at too."""
        watch = self.watch()
        self.send(sql.SQL("NOTIFY {}").format(sql.Identifier("x")))
        self.send(b"SELECT to_regclass('public.x')")
        self.assertEqual({f.hazard for f in watch.take()}, {"notification", "public"})

    def test_values(self):
        """A statement that was in order may not be so with other values."""
        watch = self.watch()
        statement = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"
        self.send(statement, ["test_w1"])
        self.assertEqual(watch.take(), [])
        self.send(statement, ["public"])
        self.assertEqual([found.hazard for found in watch.take()], ["public"])

    def test_new_connections(self):
        """Connections that other threads open are watched."""
        watch = self.watch()

        def ask():
            self.send(LOCK)
            connections.close_all()

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        self.assertEqual(len(watch.take()), 1)

    def test_copies(self):
        """A connection that a test has made by itself is what the test made it."""
        self.watch()
        copy = connection.copy()
        self.addCleanup(copy.close)
        copy.ensure_connection()
        self.assertIs(copy.connection.cursor_factory, Cursor)

    def test_wrappers_are_left_alone(self):
        """Tests that count Django's execute wrappers find those of their own."""
        self.watch()
        self.assertEqual(connection.execute_wrappers, [])
        with connection.execute_wrapper(lambda run, *args: run(*args)):
            self.send(LOCK)

    def test_many_and_procedures(self):
        """What executemany and callproc send is looked at too."""
        watch = self.watch()
        with connection.cursor() as cursor:
            cursor.executemany("SELECT pg_advisory_xact_lock(%s)", [(1,), (2,)])
            cursor.callproc("pg_advisory_xact_lock", [3])
        self.assertEqual({f.hazard for f in watch.take()}, {"advisory lock"})

    def test_end(self):
        """Afterwards nothing of it is left."""
        receivers = len(connection_created.receivers)
        with watching(HazardWatch(EngineSettings())) as watch:
            self.send(LOCK)
            self.assertEqual(len(watch.take()), 1)
        self.send(LOCK)
        self.assertEqual(watch.take(), [])
        self.assertIs(connection.connection.cursor_factory, self.before)
        self.assertEqual(len(connection_created.receivers), receivers)

    def test_off(self):
        """It does not look where that is not wanted."""
        watch = self.watch(hazards="off")
        self.assertIs(connection.connection.cursor_factory, self.before)
        self.send(LOCK)
        self.assertEqual(watch.take(), [])

    def test_error(self):
        """Where hazards are forbidden the statement is not sent."""
        watch = self.watch(hazards="error")
        with self.assertRaisesRegex(HazardError, r"test_error sends .* Next: name the"):
            self.send("CREATE TABLE public.x (id int)")
        with self.assertRaises(HazardError):
            self.send("CREATE TABLE public.x (id int)")
        self.assertEqual(len(watch.take()), 1)
        self.send("SELECT 1")

    def test_own_database(self):
        """On a database of its own, only what the server shares is a hazard."""
        need_right("rolcreaterole")
        watch = self.watch(own=True)
        self.send(LOCK)
        self.send("DROP ROLE IF EXISTS planted")
        self.assertEqual([found.hazard for found in watch.take()], ["role"])

    def test_wants_database(self):
        """A test that wants a database of its own has it, or runs alone."""
        need_right("rolcreaterole")
        wanting = Test("x", wants_database=True)
        watch = self.watch(test=lambda: wanting)
        self.send("DROP ROLE IF EXISTS planted")
        self.assertEqual(watch.take(), [])
        watch = self.watch(test=lambda: wanting, own=True)
        self.send(LOCK)
        self.send("DROP ROLE IF EXISTS planted")
        self.assertEqual([found.hazard for found in watch.take()], ["role"])

    def test_accepted(self):
        """What the project accepts is in order, also where the rest is forbidden."""
        watch = self.watch(
            hazards="error", hazards_accepted=("advisory lock: *_watch.py",)
        )
        self.send(LOCK)
        self.assertEqual(watch.take(), [])

    @tag("serial")
    def test_serial(self):
        """A test that runs alone disturbs nobody."""
        watch = self.watch(hazards="error")
        self.send(LOCK)
        self.assertEqual(watch.take(), [])

    def test_memory(self):
        """What was in order is remembered, up to a limit."""
        watch = self.watch()
        statement = "SELECT 1 WHERE 'a statement of some length' = %s"
        self.send(statement, ["x"])
        self.assertIn(statement, watch._clean)
        watch._clean.update(str(number) for number in range(5000))
        self.send(f"{statement} OR false", ["x"])
        self.assertEqual(watch._clean, {f"{statement} OR false"})
