"""docs/troubleshooting.md has an entry for each error, and for no other."""

import re

from django.conf import settings
from django.test import SimpleTestCase

from testing.tests.error_texts import error_texts, key_of

DOCUMENT = settings.BASE_DIR / "docs" / "troubleshooting.md"
# A heading and what is below it, up to the next one.
ENTRY = re.compile(r"^### (?P<text>.+)\n\n(?P<body>(?:(?!^#).*\n?)*)", re.MULTILINE)


class TroubleshootingTests(SimpleTestCase):
    def setUp(self):
        super().setUp()
        self.entries = {
            key_of(found["text"]): found["body"].strip()
            for found in ENTRY.finditer(DOCUMENT.read_text())
        }
        self.raised = {place: key_of(text) for place, text in error_texts().items()}

    def found(self, raised):
        """Return the entry for an error: a heading may be cut where it is clear."""
        return [key for key in self.entries if raised.startswith(key)]

    def test_each_error_has_an_entry(self):
        self.assertGreater(len(self.raised), 50)
        missing = {
            place: key for place, key in self.raised.items() if not self.found(key)
        }
        self.assertEqual(missing, {}, "Next: describe it in docs/troubleshooting.md")

    def test_each_entry_has_an_error(self):
        used = {entry for key in self.raised.values() for entry in self.found(key)}
        self.assertEqual(set(self.entries) - used, set(), "Next: take the entry out")

    def test_each_entry_says_something(self):
        for key, body in self.entries.items():
            with self.subTest(entry=key):
                self.assertGreater(len(body), 5)

    def test_texts_are_read_whole(self):
        """A text over several lines, and one that a function makes, are found."""
        texts = error_texts().values()
        self.assertTrue(any("could not be reset: its rows" in text for text in texts))
        self.assertTrue(any(text.endswith("your own in DATABASES") for text in texts))
