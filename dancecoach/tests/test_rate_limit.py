from concurrent.futures import ThreadPoolExecutor

import time_machine
from django.db import connection
from django.test import TestCase, TransactionTestCase

from dancecoach.errors import RateLimited
from dancecoach.models import RateBucket
from dancecoach.rate_limit import bucket_take, buckets_purge

NOON = "2026-05-01T12:00:00Z"


def passes(count, *, address="10.0.0.1", per_minute=60, burst=10):
    given = 0
    for _ in range(count):
        try:
            bucket_take(address=address, per_minute=per_minute, burst=burst)
        except RateLimited:
            continue
        given += 1
    return given


class BucketTests(TestCase):
    def test_burst_and_refill(self):
        """The burst passes at once, then what the rate refills, up to the burst."""
        with time_machine.travel(NOON, tick=False) as clock:
            self.assertEqual(passes(20), 10)
            clock.shift(3)
            self.assertEqual(passes(20), 3)
            clock.shift(3600)
            self.assertEqual(passes(20), 10)

    def test_wait(self):
        """The error tells when there will be a token."""
        with time_machine.travel(NOON, tick=False) as clock:
            passes(1, per_minute=2, burst=1)
            clock.shift(10)
            with self.assertRaises(RateLimited) as caught:
                bucket_take(address="10.0.0.1", per_minute=2, burst=1)
            self.assertEqual(caught.exception.wait, 20)

    def test_each_client_has_one(self):
        """Another address has its own bucket."""
        passes(10)
        self.assertEqual(passes(1, address="10.0.0.2"), 1)

    def test_refused_requests_cost_nothing(self):
        """Who asks too often waits no longer for it."""
        with time_machine.travel(NOON, tick=False) as clock:
            passes(100)
            clock.shift(1)
            self.assertEqual(passes(1), 1)

    def test_no_address_is_stored(self):
        """The table holds pseudonyms."""
        passes(1)
        self.assertNotIn("10.0.0.1", str(RateBucket.objects.values().get()))

    def test_purge(self):
        """Full buckets are removed, which changes nothing for their clients."""
        with time_machine.travel(NOON, tick=False) as clock:
            passes(10)
            self.assertEqual(buckets_purge(), 0)
            clock.shift(10)
            self.assertEqual([buckets_purge(), buckets_purge()], [1, 0])
            self.assertEqual(passes(20), 10)


class ConcurrencyTests(TransactionTestCase):
    def test_at_once(self):
        """Of many at once exactly the burst passes."""

        def take(_number):
            try:
                return passes(1, per_minute=1, burst=7)
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as threads:
            self.assertEqual(sum(threads.map(take, range(40))), 7)
