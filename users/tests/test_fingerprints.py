from django.test import SimpleTestCase

from users.fingerprints import fingerprint


class FingerprintTests(SimpleTestCase):
    def test_known_value(self):
        """Tokens in circulation name their secret by it, so it never changes."""
        self.assertEqual(fingerprint(b"abc"), "ba7816bf8f01cfea")
