"""Keys that are left in caches, whatever keeps them."""

from types import SimpleNamespace

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.test import SimpleTestCase, override_settings

from testing.cache_keys import CacheKeys
from testing.tests.probe import ProbeCase

TABLE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "left_keys",
}
LOCMEM = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "cache keys",
}


class RefusingCache(LocMemCache):
    """A cache whose server is away."""

    def set(self, key, *arguments, **options):
        self.make_and_validate_key(key)
        raise ConnectionError("no such server")

    def has_key(self, key, version=None):
        raise ConnectionError("no such server")


class KeysCase(SimpleTestCase):
    def watch(self, workplace=None):
        """Begin to watch until the test ends; returns the keys and what is unseen."""
        keys = CacheKeys()
        unseen = keys.watch(workplace)
        self.addCleanup(keys.stop)
        return keys, unseen


@override_settings(CACHES={"default": LOCMEM})
class MemoryTests(KeysCase):
    def setUp(self):
        self.addCleanup(caches["default"].clear)

    def test_left(self):
        """What came and stayed is told once; what was there or went is not."""
        caches["default"].set("before", 1)
        keys, unseen = self.watch()
        self.assertEqual(unseen, [])
        cache = caches["default"]
        cache.set("before", 2)
        cache.set("gone", 1)
        cache.delete("gone")
        cache.set("left", 1, version=3)
        self.assertEqual(keys.left_behind(), [":3:left in 'default'"])
        self.assertEqual(keys.left_behind(), [])

    def test_refusal(self):
        """A cache that cannot be asked for a key has the code under test hear it."""
        backend = f"{__name__}.RefusingCache"
        with override_settings(CACHES={"default": {**LOCMEM, "BACKEND": backend}}):
            keys, _ = self.watch()
            with self.assertRaisesMessage(ConnectionError, "no such server"):
                caches["default"].set("a", 1)
            self.assertEqual(keys.left_behind(), [])
            keys.stop()

    def test_stop(self):
        """Afterwards keys are made as the project says, and stopping twice is fine."""
        keys, _ = self.watch()
        keys.stop()
        keys.stop()
        caches["default"].set("unseen", 1)
        self.assertEqual(keys.left_behind(), [])


@override_settings(CACHES={"default": LOCMEM, "table": TABLE})
class TableTests(ProbeCase, KeysCase):
    def test_shared(self):
        """Where the table is in a database that tests share, that is said."""
        keys, unseen = self.watch(SimpleNamespace(baseline_of=lambda alias: None))
        self.assertEqual(
            unseen,
            [
                "--check-leaks cannot see the keys of the cache 'table': its table is"
                " in the database 'default', which tests share."
            ],
        )
        self.assertEqual(keys.left_behind(), [])

    def test_rows(self):
        """Keys are looked up in the table; one that is not there holds none."""
        lease = self.lease()
        asked = []

        def baseline_of(alias):
            asked.append(alias)
            return SimpleNamespace(session=lease.session, schema=lease.schema)

        keys, unseen = self.watch(SimpleNamespace(baseline_of=baseline_of))
        self.assertEqual((unseen, asked), ([], [connection.alias]))
        self.assertEqual(keys.left_behind(), [])
        lease.session.execute(
            "CREATE TABLE left_keys (cache_key text, value text, expires timestamptz);"
            "INSERT INTO left_keys (cache_key) VALUES (':1:late')"
        )
        self.assertEqual(keys.left_behind(), [":1:late in 'table'"])
        self.assertEqual(keys.left_behind(), [])
