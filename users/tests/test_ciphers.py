from django.test import SimpleTestCase, override_settings

from users.ciphers import Unreadable, decrypt, encrypt

VALUE = b"squeamish ossifrage"


@override_settings(SECRET_KEY="new key", SECRET_KEY_FALLBACKS=[])
class CipherTests(SimpleTestCase):
    def test_round_trip(self):
        """What is encrypted is unreadable, never the same twice, and comes back."""
        first, second = encrypt(VALUE), encrypt(VALUE)
        self.assertNotEqual(first, second)
        self.assertNotIn("squeamish", first)
        self.assertEqual([decrypt(first), decrypt(second)], [VALUE, VALUE])

    def test_former_key(self):
        """A former key opens what it has encrypted, as long as it is kept."""
        with override_settings(SECRET_KEY="old key"):
            text = encrypt(VALUE)
        with override_settings(SECRET_KEY_FALLBACKS=["old key"]):
            self.assertEqual(decrypt(text), VALUE)
        with self.assertRaisesMessage(Unreadable, "DJANGO_SECRET_KEY_FALLBACKS"):
            decrypt(text)

    def test_tampered(self):
        """What was changed in the database opens nothing."""
        text = encrypt(VALUE)
        with self.assertRaises(Unreadable):
            decrypt(text[:-6] + "AAAAA=")

    def test_derivation_is_stable(self):
        """The derivation stays as it is, or every stored secret would be lost."""
        text = (
            "gAAAAABrA-22HRnsXhHxATqRd67Ke3e3kODl3_jdWYDvPRrqm9zDWGJVyMpx"
            "vAJv1O1IzrDlRbMQL6kYU8VrUMDKKw0FUQl_Tf9mlX2cDUL5XmTbZqdR_F8="
        )
        with override_settings(SECRET_KEY="0" * 50):
            self.assertEqual(decrypt(text), VALUE)
