"""Connections and locks: enough for a run, or refused with the numbers."""

from unittest import TestCase

from django.db import connection

from testing.capacity import Limits, Need, need_of, pool_to_cap, table_count
from testing.errors import SetupFailure
from testing.tests.probe import ProbeCase

USUAL = Limits(connections=100, reserved=3, in_use=7, locks_each=64, transactions=100)
PLACE = {"HOST": "db.example", "PORT": 5433}


def need(workers, **changes):
    fields = {"leases": 1, "aliases": 1, "least": 2, "tables": 30, **changes}
    return Need(workers=workers, **fields)


class NeedTests(TestCase):
    def test_enough(self):
        """What fits exactly is in order, one worker more is not."""
        self.assertEqual(USUAL.free, 90)
        self.assertEqual(need(18).locks_each, 340)
        self.assertEqual(need(18, least=4).fault(USUAL), "")
        self.assertIn("19 workers need 95, 5 each", need(19, least=4).fault(USUAL))
        # 18 * 340 is less than 6400, 19 * 340 is more.
        self.assertEqual(need(18).fault(USUAL), "")
        self.assertIn("19 workers with 30 tables may", need(19).fault(USUAL))

    def test_refusal(self):
        """The run is refused with server, numbers, and how many workers would fit."""
        with self.assertRaises(SetupFailure) as caught:
            need(40).require(USUAL, place=PLACE)
        self.assertEqual(
            str(caught.exception),
            "PostgreSQL at db.example, port 5433, has 90 connections to give "
            "(max_connections 100, less 3 reserved and 7 in use) and 40 workers need "
            "120, 3 each, so tests would fail with `too many clients`. Next: run with "
            "`--parallel 30`, or raise max_connections in postgresql.conf and restart "
            "the server.",
        )

    def test_refusal_for_locks(self):
        """A large schema needs locks for its resets, a small one for its build."""
        self.assertEqual(need(1, tables=3).locks_each, 51)
        self.assertEqual(need(1, tables=200).locks_each, 1200)
        message = need(8, tables=200).fault(USUAL)
        self.assertIn("has room for 6400 locks (max_locks_per_transaction 64", message)
        self.assertIn("8 workers with 200 tables may take 9600, 1200 each", message)
        self.assertIn("Next: run with `--parallel 5`, or raise max_locks", message)

    def test_not_even_one(self):
        """Where no number of workers fits, none is named."""
        message = need(1, tables=2000).fault(USUAL)
        self.assertIn("Next: raise max_locks_per_transaction", message)
        self.assertNotIn("--parallel", message)

    def test_pool_size(self):
        """The pools of all workers fit together, beside the leases."""
        self.assertEqual(need(2).pool_size(USUAL), 44)
        self.assertEqual(need(10, aliases=2).pool_size(USUAL), 4)
        self.assertLessEqual(10 * (1 + 2 * 4), USUAL.free)

    def test_pool_to_cap(self):
        """A pool of the project or the engine is capped where it is too large."""
        project = {"pool": {"min_size": 2, "max_size": 20}}
        self.assertIsNone(pool_to_cap({}, serves=False, size=4))
        self.assertIsNone(pool_to_cap(project, serves=False, size=20))
        self.assertEqual(
            pool_to_cap(project, serves=False, size=19), (project["pool"], 20)
        )
        self.assertEqual(pool_to_cap({"pool": True}, serves=True, size=3), (True, 4))
        self.assertEqual(pool_to_cap({}, serves=True, size=15)[1], 16)
        self.assertIsNone(pool_to_cap({}, serves=True, size=16))


class ServerTests(ProbeCase):
    def test_read(self):
        """The server's own numbers are read, this session left out."""
        before = Limits.read(self.open_session())
        held = [self.open_session() for _ in range(3)]
        after = Limits.read(held[0])
        shown = {
            name: int(held[0].execute(f"SHOW {name}").fetchone()[0])
            for name in (
                "max_connections",
                "max_locks_per_transaction",
                "max_prepared_transactions",
            )
        }
        self.assertEqual(after.connections, shown["max_connections"])
        self.assertEqual(
            after.locks,
            shown["max_locks_per_transaction"]
            * (shown["max_connections"] + shown["max_prepared_transactions"]),
        )
        # Others come and go; the first session and two of the three stay.
        self.assertGreaterEqual(after.in_use, 3)
        self.assertGreaterEqual(before.in_use, 0)

    def test_table_count(self):
        """Tables of all installed models are counted, those of relations too."""
        with connection.cursor() as cursor:
            names = connection.introspection.django_table_names(only_existing=True)
            self.assertGreater(len(names), 5)
            self.assertGreaterEqual(table_count("default"), len(names))
            cursor.execute("SELECT 1")

    def test_need_of(self):
        """A run in Django's own process counts as one worker."""
        asked = need_of(
            "default",
            databases=[["default", "replica"], ["audit"]],
            workers=0,
            serves=True,
        )
        self.assertEqual((asked.workers, asked.leases, asked.aliases), (1, 2, 3))
        self.assertEqual(asked.connections_each, 8)
