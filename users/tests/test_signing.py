import hashlib

from django.db import connection
from django.test import TestCase, override_settings

from users.models import JwtSecret
from users.rotation import secret_rotate
from users.signing import SigningSecret, primary_secret, secret_of_kid


class SecretTests(TestCase):
    def test_first_secret_is_made_when_needed(self):
        """The first token makes the first secret; the next ones use it."""
        self.assertIs(JwtSecret.objects.exists(), False)
        secret = primary_secret()
        self.assertGreaterEqual(len(secret.value), 32)
        self.assertEqual(primary_secret(), secret)
        self.assertEqual(JwtSecret.objects.get().kid, secret.kid)

    def test_stored_encrypted(self):
        """No column of the table holds the secret."""
        value = primary_secret().value
        with connection.cursor() as cursor:
            cursor.execute("SELECT s::text FROM users_jwtsecret s")
            (row,) = cursor.fetchone()
        self.assertNotIn(value.hex(), row)
        self.assertNotIn(repr(value), row)

    def test_kid_is_a_fingerprint(self):
        """The kid is the first 8 bytes of the secret's SHA-256."""
        secret = SigningSecret(b"x" * 32)
        self.assertEqual(secret.kid, hashlib.sha256(b"x" * 32).hexdigest()[:16])

    def test_rotated_secrets_are_found(self):
        """A secret is found by its kid when it signs no more."""
        former = primary_secret()
        secret_rotate()
        self.assertNotEqual(primary_secret(), former)
        self.assertEqual(secret_of_kid(former.kid), former)

    def test_unknown_kid(self):
        """A kid that belongs to no secret, or to no database, finds nothing."""
        for kid in ("", "0" * 16, "x" * 100, "\0" * 16, "\ud800"):
            with self.subTest(kid=kid):
                self.assertIsNone(secret_of_kid(kid))

    def test_lost_key(self):
        """Where SECRET_KEY is lost, signing goes on with a new secret."""
        former = primary_secret()
        with (
            override_settings(SECRET_KEY="n" * 50),
            self.assertLogs("users.signing", "ERROR") as logs,
        ):
            renewed = primary_secret()
            self.assertNotEqual(renewed, former)
            self.assertEqual(primary_secret(), renewed)
            self.assertIsNone(secret_of_kid(former.kid))
        self.assertIn("DJANGO_SECRET_KEY_FALLBACKS", "".join(logs.output))

    def test_secret_is_not_shown(self):
        """The repr of a secret does not give it away."""
        self.assertNotIn("xxxx", repr(SigningSecret(b"x" * 32)))
