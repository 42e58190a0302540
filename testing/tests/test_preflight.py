"""The look before a run: refused or capped with one line, never in silence."""

import io
from contextlib import redirect_stderr
from unittest import mock

from django.db import connections

from testing.capacity import Limits
from testing.errors import SetupFailure
from testing.pools import largest, use_pool
from testing.preflight import look_over
from testing.tests.bouncer import bouncer, program
from testing.tests.pooler_stand_in import stand_in
from testing.tests.probe import ProbeCase

SMALL = Limits(connections=30, reserved=3, in_use=2, locks_each=64, transactions=100)


class PreflightTests(ProbeCase):
    def look(self, alias="probe", *, workers=2, serves=False, limits=None, verbosity=1):
        """Look before a run on one database; returns pools and what was said."""
        said = io.StringIO()
        with redirect_stderr(said):
            reading = mock.patch.object(Limits, "read", return_value=limits)
            if limits is not None:
                self.enterContext(reading)
            pools = look_over(
                [alias],
                databases=[[alias]],
                workers=workers,
                serves=serves,
                verbosity=verbosity,
            )
        return pools, said.getvalue()

    def test_all_is_well(self):
        """A run that fits is let through without a word."""
        self.wrapper()
        self.assertEqual(self.look(serves=True), ({}, ""))

    def test_refused(self):
        """Too many workers are refused before anything is built."""
        self.wrapper()
        with self.assertRaises(SetupFailure) as caught:
            self.look(workers=13, limits=SMALL)
        self.assertThreeParts(str(caught.exception))
        self.assertIn("`--parallel 12`", str(caught.exception))

    def test_own_pool(self):
        """The engine's pool is kept smaller where many workers share a server."""
        self.wrapper()
        pools, said = self.look(workers=5, serves=True, limits=SMALL)
        self.assertEqual(pools, {"probe": {"min_size": 1, "max_size": 4}})
        self.assertEqual(
            said,
            "Each worker's pool for 'probe' has 4 connections at most instead of 16: "
            "5 workers share the 25 that the server has to give.\n",
        )

    def test_pool_of_the_project(self):
        """A project's pool keeps its options, and all workers' pools fit together."""
        wrapper = self.wrapper(CONN_MAX_AGE=0)
        wrapper.settings_dict["OPTIONS"]["pool"] = {"min_size": 9, "timeout": 5}
        pools, said = self.look(workers=5, limits=SMALL)
        self.assertEqual(pools, {"probe": {"min_size": 4, "max_size": 4, "timeout": 5}})
        self.assertIn("instead of 9", said)
        use_pool(wrapper, pools["probe"])
        self.assertEqual(largest(connections["probe"].settings_dict["OPTIONS"]), 4)
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT 1")
        self.assertEqual((wrapper.pool.min_size, wrapper.pool.max_size), (4, 4))

    def test_quiet(self):
        """Who wants to hear nothing gets the smaller pool without a word."""
        self.wrapper()
        pools, said = self.look(workers=5, serves=True, limits=SMALL, verbosity=0)
        self.assertEqual((pools["probe"]["max_size"], said), (4, ""))

    def test_pooler(self):
        """A pooler is refused here, before a journal is read or a worker starts."""
        pooler = bouncer if program() else stand_in
        plain = self.wrapper("plain")
        place = self.enterContext(pooler(plain, "transaction"))
        self.wrapper(**place)
        with self.assertRaisesMessage(SetupFailure, "lends one session of the server"):
            self.look()
