"""In-memory caches, and those that others share."""

import tempfile

from django.core.cache import caches
from django.test import SimpleTestCase, override_settings

from testing.process_caches import empty_process_caches

BACKENDS = "django.core.cache.backends"


class EmptyTests(SimpleTestCase):
    def test_which(self):
        """All that live in this process are emptied; what others see stays."""
        shared = self.enterContext(tempfile.TemporaryDirectory())
        settings = {
            "default": {"BACKEND": f"{BACKENDS}.locmem.LocMemCache"},
            "second": {"BACKEND": f"{BACKENDS}.locmem.LocMemCache", "LOCATION": "2"},
            "shared": {
                "BACKEND": f"{BACKENDS}.filebased.FileBasedCache",
                "LOCATION": shared,
            },
        }
        with override_settings(CACHES=settings):
            for alias in settings:
                caches[alias].set("key", alias)
            empty_process_caches()
            found = {alias: caches[alias].get("key") for alias in settings}
        self.assertEqual(found, {"default": None, "second": None, "shared": "shared"})
