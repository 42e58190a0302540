"""The project's URLs are there before workers are, and never break a run."""

import sys
import tempfile
from pathlib import Path

from django.test import SimpleTestCase, override_settings
from django.urls import clear_url_caches

from testing.bdd.urls import load_urls


class LoadUrlsTests(SimpleTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        sys.path.insert(0, str(self.folder))
        self.addCleanup(sys.path.remove, str(self.folder))
        self.addCleanup(clear_url_caches)

    def load(self, name, text):
        """Load URLs of that module; return whether it is imported then."""
        (self.folder / f"{name}.py").write_text(text)
        self.addCleanup(sys.modules.pop, name, None)
        with override_settings(ROOT_URLCONF=name):
            load_urls()
        return name in sys.modules

    def test_loaded(self):
        """The views are imported."""
        self.assertTrue(self.load("fine_urls", "urlpatterns = []\n"))

    def test_broken(self):
        """A module that cannot be imported here is left to the workers."""
        text = "from django.db import connection\nconnection.cursor()\n"
        self.assertFalse(self.load("broken_urls", text))

    def test_none(self):
        """A project without URLs has nothing to import."""
        with override_settings(ROOT_URLCONF=None):
            load_urls()
        self.assertIsNone(sys.modules.get("None"))
