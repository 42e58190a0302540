"""Pools: how large they may get, and that all of a pool is on the schema."""

from unittest import TestCase

from testing.errors import SetupFailure
from testing.pools import cap, largest, sessions_of
from testing.tests.probe import ProbeCase


class SizeTests(TestCase):
    def test_largest(self):
        """The size is psycopg_pool's own reading of the options."""
        for options, size in (
            ({}, 0),
            ({"pool": False}, 0),
            ({"pool": {}}, 0),
            ({"pool": True}, 4),
            ({"pool": {"timeout": 5}}, 4),
            ({"pool": {"min_size": 7}}, 7),
            ({"pool": {"min_size": 7, "max_size": None}}, 7),
            ({"pool": {"max_size": 9}}, 9),
            ({"pool": {"min_size": 2, "max_size": 3}}, 3),
        ):
            with self.subTest(options=options):
                self.assertEqual(largest(options), size)

    def test_cap(self):
        """A capped pool keeps its other options, and never asks for more at once."""
        self.assertEqual(cap(True, size=3), {"min_size": 3, "max_size": 3})
        given = {"min_size": 1, "max_size": 50, "timeout": 5}
        self.assertEqual(
            cap(given, size=8), {"min_size": 1, "max_size": 8, "timeout": 5}
        )
        self.assertEqual(given["max_size"], 50)


class SessionsTests(ProbeCase):
    def pooled(self, pool):
        wrapper, lease = self.on_schema()
        wrapper.settings_dict["OPTIONS"]["pool"] = pool
        wrapper.settings_dict["CONN_MAX_AGE"] = 0
        return wrapper, lease

    def pids(self, wrapper):
        with sessions_of(wrapper) as wrappers:
            return [one.connection.info.backend_pid for one in wrappers]

    def test_without_pool(self):
        """Without a pool there is one session, fresh."""
        wrapper, _ = self.on_schema()
        first, second = self.pids(wrapper), self.pids(wrapper)
        self.assertEqual((len(first), len(second)), (1, 1))
        self.assertNotEqual(first, second)

    def test_two_of_a_pool(self):
        """Out of a pool two sessions are open at once; one where it has but one."""
        wrapper, _ = self.pooled({"min_size": 0, "max_size": 2})
        self.assertEqual(len(set(self.pids(wrapper))), 2)
        # They went back: the pool of two gives two again.
        self.assertEqual(len(set(self.pids(wrapper))), 2)

    def test_pool_of_one(self):
        """A pool of one session is not waited for to give a second."""
        wrapper, lease = self.pooled({"min_size": 1, "max_size": 1})
        self.assertEqual(len(self.pids(wrapper)), 1)
        lease.verify(wrapper)

    def test_second_session_elsewhere(self):
        """A pool whose second session is not on the schema is refused."""
        wrapper, lease = self.pooled({"min_size": 0, "max_size": 2})
        lease.verify(wrapper)
        with sessions_of(wrapper) as wrappers:
            wrappers[1].cursor().execute("SET search_path TO public")
            wrappers[1].connection.commit()
        with self.assertRaisesMessage(SetupFailure, "sets the path of each"):
            lease.verify(wrapper)
