from datetime import timedelta
from unittest import mock

from django.db import DatabaseError, connection
from django.test import TestCase

from dancecoach.live_settings import live, live_scope
from dancecoach.setting_tags import write_live


class LiveTests(TestCase):
    def test_defaults(self):
        """Until somebody changes them they are what the settings module says."""
        now = live()
        self.assertIs(now.api_v2_enabled, False)
        self.assertEqual(now.jwt_ttl, timedelta(days=1))
        self.assertEqual(now.jwt_retention_max, timedelta(hours=72))
        self.assertEqual((now.rate_limit_per_minute, now.rate_limit_burst), (60, 10))

    def test_read_each_time(self):
        """Outside of requests each look is a new one, of one query."""
        with self.assertNumQueries(2):
            live()
            live()

    def test_read_once_in_a_request(self):
        """Within a scope there is one query at most, and the next scope asks again."""
        with self.assertNumQueries(0), live_scope():
            pass
        with self.assertNumQueries(1), live_scope():
            self.assertEqual(live(), live())
        write_live("RATE_LIMIT_BURST", 3)
        with live_scope():
            self.assertEqual(live().rate_limit_burst, 3)

    def test_one_query_for_a_request(self):
        """A request reads them once, however many of them it needs."""
        # Live settings, the bucket, and the kept answer, which is not there.
        with mock.patch("dancecoach.answer_cache.cache.set"), self.assertNumQueries(3):
            self.client.get("/api/v1/greet?name=Ann")

    def test_no_database(self):
        """A failing database is told, and no default stands in for a value."""
        with (
            mock.patch.object(connection, "cursor", side_effect=DatabaseError),
            self.assertRaises(DatabaseError),
        ):
            live()
