from datetime import timedelta

from django.conf import settings
from django.test import TestCase

from dancecoach.live_settings import live
from dancecoach.setting_tags import put_in_force
from testing.errors import UsageError


class PutInForceTests(TestCase):
    def test_both_kinds(self):
        """Live settings are written, the others are overridden until the end."""
        with put_in_force(JWT_TTL=60, PROXY_COUNT=2):
            self.assertEqual(live().jwt_ttl, timedelta(seconds=60))
            self.assertEqual(settings.PROXY_COUNT, 2)
        self.assertEqual(settings.PROXY_COUNT, 0)

    def test_unknown(self):
        """A setting that is neither is refused."""
        with self.assertRaises(UsageError), put_in_force(NO_SUCH_SETTING=1):
            self.fail("put in force")
