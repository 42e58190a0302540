from unittest import mock

from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import TestCase, override_settings

from dancecoach import readiness as module
from dancecoach.readiness import readiness


class ReadyTests(TestCase):
    def test_everything_works(self):
        """All checks pass, and the database names its schema."""
        is_ready, checks = readiness()
        self.assertIs(is_ready, True, checks)
        self.assertEqual(set(checks), {"database", "cache", "migrations"})
        self.assertGreaterEqual(checks["database"]["latency_ms"], 0)
        self.assertTrue(checks["database"]["schema"])

    def test_database_is_away(self):
        """A lost database fails its checks; its address stays in the log."""
        error = OperationalError("connection to 10.1.2.3 as boss failed")
        away = mock.Mock()
        away.cursor.side_effect = error
        with (
            mock.patch.object(module, "connection", away),
            self.assertLogs("dancecoach.readiness", "WARNING") as logs,
        ):
            is_ready, checks = readiness()
        self.assertIs(is_ready, False)
        self.assertEqual(
            checks["database"],
            {"ok": False, "error": "The database check failed. See the log."},
        )
        for name in ("cache", "migrations"):
            self.assertIn("Not checked", checks[name]["error"])
        self.assertNotIn("10.1.2.3", str(checks))
        self.assertIn("10.1.2.3", "".join(logs.output))

    @override_settings(
        CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    )
    def test_cache_forgets(self):
        """A cache that keeps nothing is not ready."""
        is_ready, checks = readiness()
        self.assertIs(is_ready, False)
        self.assertIn("does not keep", checks["cache"]["error"])

    def test_cache_is_left_clean(self):
        """The check leaves nothing in the cache."""
        with mock.patch.object(module, "default_cache") as cache:
            cache.get.side_effect = lambda _key: cache.set.call_args.args[1]
            self.assertIs(readiness()[1]["cache"]["ok"], True)
            cache.delete.assert_called_once_with(cache.set.call_args.args[0])


class MigrationCheckTests(TestCase):
    def migrations(self):
        return readiness()[1]["migrations"]

    def test_all_applied(self):
        """Nothing is missing in a migrated database."""
        self.assertEqual(self.migrations(), {"ok": True, "unapplied": 0})

    def test_missing(self):
        """A migration that is not applied is counted."""
        MigrationRecorder.Migration.objects.filter(app="users").delete()
        answer = self.migrations()
        self.assertIs(answer["ok"], False)
        self.assertRegex(answer["error"], r"^Migrations not applied: \d+\.")

    def test_squashed(self):
        """A squash counts as applied once all that it replaces is."""
        replaced = frozenset({("users", "0001_initial")})
        for those, expected in ((replaced, True), (replaced | {("a", "b")}, False)):
            disk = {("users", "0001_squashed"): those}
            with (
                self.subTest(those=those),
                mock.patch.object(module, "migrations_on_disk", return_value=disk),
            ):
                self.assertIs(self.migrations()["ok"], expected)

    def test_files_are_read_once(self):
        """The second request reads no migration file."""
        self.migrations()
        with mock.patch("django.db.migrations.loader.MigrationLoader") as loader:
            self.migrations()
        loader.assert_not_called()
