from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import time_machine
from django.db import connection
from django.test import TestCase, TransactionTestCase

from dancecoach.attempts import AttemptLimit, attempts_purge
from dancecoach.errors import RateLimited
from dancecoach.models import Attempts

LIMIT = AttemptLimit(purpose="test", most=3, window=timedelta(minutes=10))
NOON = "2026-05-01T12:00:00Z"


class AttemptLimitTests(TestCase):
    def assertLimited(self, function, *caller):
        with self.assertRaises(RateLimited) as caught:
            function(*caller)
        return caught.exception.wait

    def test_any_window(self):
        """The oldest of the last attempts says when there may be another."""
        with time_machine.travel(NOON, tick=False) as clock:
            for _ in range(3):
                LIMIT.check("Ann")
                LIMIT.note("Ann")
                clock.shift(60)
            self.assertEqual(self.assertLimited(LIMIT.check, "Ann"), 420)
            self.assertEqual(self.assertLimited(LIMIT.note, "Ann"), 420)
            clock.shift(420)
            LIMIT.note("Ann")
            self.assertEqual(self.assertLimited(LIMIT.check, "Ann"), 60)

    def test_callers_and_purposes(self):
        """Each caller and each purpose has a count of its own."""
        other = AttemptLimit(purpose="other", most=3, window=timedelta(minutes=10))
        for _ in range(3):
            LIMIT.note("Ann", "10.0.0.1")
        LIMIT.check("Ann", "10.0.0.2")
        other.check("Ann", "10.0.0.1")
        self.assertLimited(LIMIT.check, "Ann", "10.0.0.1")

    def test_forget(self):
        """What is forgotten does not count."""
        for _ in range(3):
            LIMIT.note("Ann")
        self.assertLimited(LIMIT.check, "Ann")
        LIMIT.forget("Ann")
        LIMIT.check("Ann")
        self.assertEqual(Attempts.objects.count(), 0)

    def test_no_name_is_stored(self):
        """The table holds pseudonyms."""
        LIMIT.note("Ann", "10.0.0.1")
        row = str(Attempts.objects.values().get())
        self.assertNotIn("Ann", row)
        self.assertNotIn("10.0.0.1", row)

    def test_purge(self):
        """Only what counts no more is removed, and a second time nothing."""
        with time_machine.travel(NOON, tick=False) as clock:
            LIMIT.note("Ann")
            clock.shift(300)
            LIMIT.note("Bob")
            clock.shift(300)
            self.assertEqual([attempts_purge(), attempts_purge()], [1, 0])
            self.assertEqual(Attempts.objects.count(), 1)


class ConcurrencyTests(TransactionTestCase):
    def test_at_once(self):
        """Of many at once exactly as many are noted as may be."""

        def attempt(_number):
            try:
                LIMIT.note("Ann")
            except RateLimited:
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(8) as threads:
            self.assertEqual(sum(threads.map(attempt, range(24))), 3)
