from django.test import SimpleTestCase

from dancecoach.models import Attempts, CacheEntry, RateBucket


class NamesTests(SimpleTestCase):
    def test_names(self):
        """In the panel and in a shell a row goes by its key."""
        rows = CacheEntry(cache_key="a"), RateBucket(key="b"), Attempts(key="c")
        self.assertEqual([str(row) for row in rows], ["a", "b", "c"])
