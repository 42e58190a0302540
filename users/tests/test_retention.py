from datetime import UTC, datetime, timedelta

from django.test import TestCase

from dancecoach.setting_tags import write_live
from users.models import JwtSecret
from users.retention import expires_at, is_expired, retention

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class RetentionTests(TestCase):
    def test_formula(self):
        """The lifetime times the factor, up to the maximum, as they are now."""
        self.assertEqual(retention(), 2 * DAY)
        write_live("JWT_RETENTION_FACTOR", 10.0)
        self.assertEqual(retention(), 3 * DAY)
        write_live("JWT_RETENTION_MAX", 5 * DAY)
        write_live("JWT_TTL", DAY / 4)
        self.assertEqual(retention(), 2.5 * DAY)

    def test_primary(self):
        """The primary has no end, whatever was asked for."""
        secret = JwtSecret(is_primary=True, created_at=NOON, expires_at=NOON)
        self.assertIsNone(expires_at(secret))
        self.assertIs(is_expired(secret, now=NOON + 1000 * DAY), False)

    def test_retired(self):
        """Retention begins with the retirement, and ends to the second."""
        secret = JwtSecret(created_at=NOON - 100 * DAY, retired_at=NOON)
        self.assertEqual(expires_at(secret), NOON + 2 * DAY)
        self.assertIs(is_expired(secret, now=NOON + 2 * DAY), True)
        self.assertIs(
            is_expired(secret, now=NOON + 2 * DAY - timedelta(seconds=1)), False
        )

    def test_earlier_end(self):
        """An end that was asked for counts if it is earlier."""
        secret = JwtSecret(retired_at=NOON, expires_at=NOON + DAY)
        self.assertEqual(expires_at(secret), NOON + DAY)
        secret.expires_at = NOON + 9 * DAY
        self.assertEqual(expires_at(secret), NOON + 2 * DAY)
