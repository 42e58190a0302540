import hashlib

from django.test import SimpleTestCase, override_settings

from users.signing import SigningSecret, primary_secret, secret_of_kid


@override_settings(SECRET_KEY="new key", SECRET_KEY_FALLBACKS=["old key"])
class SecretTests(SimpleTestCase):
    def test_derived_from_the_secret_key(self):
        """The primary follows from SECRET_KEY alone, and is not SECRET_KEY."""
        secret = primary_secret()
        self.assertEqual(secret, primary_secret())
        self.assertEqual(len(secret.value), 32)
        self.assertNotIn(b"new key", secret.value)
        with override_settings(SECRET_KEY="another"):
            self.assertNotEqual(primary_secret(), secret)

    def test_hkdf_vector(self):
        """The derivation stays as it is, or every token in use would die."""
        with override_settings(SECRET_KEY="0" * 50):
            digest = hashlib.sha256(primary_secret().value).hexdigest()
        self.assertEqual(digest[:16], "8012a25eb649dc6e")

    def test_kid_is_a_fingerprint(self):
        """The kid is the first 8 bytes of the secret's SHA-256."""
        secret = SigningSecret(b"x" * 32)
        self.assertEqual(secret.kid, hashlib.sha256(b"x" * 32).hexdigest()[:16])

    def test_former_keys_validate(self):
        """A secret of a fallback key is found by its kid."""
        with override_settings(SECRET_KEY="old key"):
            former = primary_secret()
        self.assertEqual(secret_of_kid(former.kid), former)
        with override_settings(SECRET_KEY_FALLBACKS=[]):
            self.assertIsNone(secret_of_kid(former.kid))

    def test_unknown_kid(self):
        """A kid that belongs to no key finds nothing."""
        for kid in ("", "0" * 16):
            with self.subTest(kid=kid):
                self.assertIsNone(secret_of_kid(kid))

    def test_secret_is_not_shown(self):
        """The repr of a secret does not give it away."""
        self.assertNotIn("xxxx", repr(SigningSecret(b"x" * 32)))
