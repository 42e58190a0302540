from django.conf import settings
from django.test import SimpleTestCase

from dancecoach.live_fields import FIELDS, FIELDSETS, live_config
from dancecoach.live_settings import LiveSettings


class DeclarationTests(SimpleTestCase):
    def test_complete(self):
        """Each live setting has a field, a place in the panel and a typed name."""
        names = set(settings.CONSTANCE_CONFIG)
        self.assertEqual(names, {n for _, group in FIELDSETS for n in group})
        self.assertEqual({n.lower() for n in names}, set(LiveSettings.__annotations__))
        for _, text, kind in settings.CONSTANCE_CONFIG.values():
            self.assertIn(kind, FIELDS)
            self.assertTrue(text)

    def test_missing_default(self):
        """A live setting without a default is refused."""
        with self.assertRaises(KeyError):
            live_config(API_V2_ENABLED=True)
