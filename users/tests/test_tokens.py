import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import time_machine
from django.conf import settings
from django.test import TestCase, override_settings
from django.utils import timezone

from dancecoach.setting_tags import write_live
from users.errors import InvalidToken
from users.models import User
from users.signing import primary_secret
from users.tokens import Claims, token_decode, token_issue, token_user

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def forged(key=None, *, algorithm="HS256", headers=None, **claims):
    """Return a token that is like a real one but for what is given."""
    secret = primary_secret()
    now = timezone.now()
    real = {
        "sub": "7",
        "iat": now,
        "exp": now + timedelta(hours=1),
        "jti": "x",
        "cred": "y",
    }
    payload = {k: v for k, v in (real | claims).items() if v is not None}
    return jwt.encode(
        payload,
        secret.value if key is None else key,
        algorithm=algorithm,
        headers=headers or {"kid": secret.kid},
    )


def segment(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@time_machine.travel(NOW, tick=False)
class IssueTests(TestCase):
    def test_claims(self):
        """A token says who, since when and until when, and names itself."""
        claims = token_decode(text=token_issue(user=User(pk=7)).text)
        self.assertEqual(claims.user_id, 7)
        self.assertEqual(claims.issued_at, NOW)
        self.assertEqual(claims.expires_at, NOW + timedelta(days=1))
        self.assertGreater(len(claims.token_id), 10)

    def test_header(self):
        """The header names the algorithm and the secret, by its fingerprint."""
        header = jwt.get_unverified_header(token_issue(user=User(pk=7)).text)
        self.assertEqual(header["alg"], "HS256")
        self.assertEqual(header["kid"], primary_secret().kid)

    def test_two_tokens_differ(self):
        """Two tokens of one user and one moment differ."""
        user = User(pk=7)
        self.assertNotEqual(token_issue(user=user).text, token_issue(user=user).text)

    def test_lifetime_is_read_at_each_call(self):
        """JWT_TTL as it is now decides, to the second."""
        write_live("JWT_TTL", timedelta(minutes=5))
        token = token_issue(user=User(pk=7))
        self.assertEqual(token.expires_in, 300)
        expires_at = token_decode(text=token.text).expires_at
        self.assertEqual(expires_at, NOW + timedelta(minutes=5))


class DecodeTests(TestCase):
    def assertInvalid(self, text):
        with self.assertRaises(InvalidToken):
            token_decode(text=text)

    def test_forgery_helper_is_good(self):
        """A token made by the helper is valid, so what breaks it is the change."""
        self.assertEqual(token_decode(text=forged()).user_id, 7)

    def test_expiry(self):
        """A token is valid until its last second and not in the next."""
        with time_machine.travel(NOW, tick=False) as traveller:
            text = token_issue(user=User(pk=7)).text
            traveller.shift(timedelta(days=1, seconds=-1))
            self.assertEqual(token_decode(text=text).user_id, 7)
            traveller.shift(timedelta(seconds=1))
            self.assertInvalid(text)

    def test_former_key(self):
        """A token outlives a change of SECRET_KEY where the old one is kept."""
        text = forged()
        with override_settings(
            SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]
        ):
            self.assertEqual(token_decode(text=text).user_id, 7)
        with (
            override_settings(SECRET_KEY="n" * 50),
            self.assertLogs("users.signing", "ERROR"),
        ):
            self.assertInvalid(text)

    def test_other_secret(self):
        """Another secret under our kid is refused."""
        self.assertInvalid(forged(b"y" * 32))

    def test_kid(self):
        """A kid that is unknown, missing or no text is refused."""
        self.assertInvalid(forged(headers={"kid": "0" * 16}))
        self.assertInvalid(forged(headers={"x": "y"}))
        header = {"alg": "HS256", "typ": "JWT", "kid": ["a"]}
        rest = forged().partition(".")[2]
        self.assertInvalid(f"{segment(json.dumps(header).encode())}.{rest}")

    def test_algorithms(self):
        """No algorithm but HS256 is accepted, least of all none."""
        self.assertInvalid(forged("", algorithm="none"))
        self.assertInvalid(forged(primary_secret().value * 2, algorithm="HS512"))
        _, payload, signature = forged().split(".")
        header = {"alg": "none", "kid": primary_secret().kid}
        none = segment(json.dumps(header).encode())
        self.assertInvalid(f"{none}.{payload}.")
        self.assertInvalid(f"{none}.{payload}.{signature}")

    def test_claims_are_required(self):
        """A token without one of its claims is refused."""
        for claim in ("sub", "iat", "exp", "jti", "cred"):
            with self.subTest(claim=claim):
                self.assertInvalid(forged(**{claim: None}))

    def test_claims_that_say_nothing(self):
        """A subject that is no number and a moment out of time are refused."""
        self.assertInvalid(forged(sub="admin"))
        self.assertInvalid(forged(exp=10**17))

    def test_issued_in_the_future(self):
        """A token that is not issued yet is refused."""
        self.assertInvalid(forged(iat=timezone.now() + timedelta(hours=1)))

    def test_malformed(self):
        """Text that is no token is refused, whatever it is."""
        good = forged()
        texts = (
            "",
            "x",
            "a.b.c",
            "..",
            good[:-4],
            good + "x" * 2000,
            f"{segment(b'[' * 500)}.e30.",
            f"{segment(b'[]')}.e30.",
            f"{segment(bytes([255]))}.e30.",
            "\ud800.e30.",
            "ü.é.ö",
        )
        for text in texts:
            with self.subTest(text=text[:20]):
                self.assertInvalid(text)


class TokenUserTests(TestCase):
    def claims(self, user, **fields):
        given = {"user_id": user.pk, "token_id": "x", "issued_at": NOW}
        given |= {"expires_at": NOW, "credential": user.get_session_auth_hash()[:22]}
        return Claims(**given | fields)

    def test_the_user(self):
        """The token's user is found."""
        user = User.objects.create_user("Dancer")
        self.assertEqual(token_user(claims=self.claims(user)), user)

    def test_users_who_left(self):
        """A deleted, an inactive and an unknown user make the token invalid."""
        deleted = User.objects.create_user("Deleted", deleted_at=timezone.now())
        inactive = User.objects.create_user("Inactive", is_active=False)
        for user in (deleted, inactive, User(pk=0), User(pk=10**30)):
            with self.subTest(user_id=user.pk), self.assertRaises(InvalidToken):
                token_user(claims=self.claims(user))

    def test_another_password(self):
        """Every new password ends the tokens before, within the same second too."""
        user = User.objects.create_user("Dancer", "correct horse 9")
        claims = token_decode(text=token_issue(user=user).text)
        self.assertEqual(token_user(claims=claims), user)
        user.set_password("correct horse 9")
        user.save()
        with self.assertRaises(InvalidToken):
            token_user(claims=claims)
        later = token_decode(text=token_issue(user=user).text)
        self.assertEqual(token_user(claims=later), user)

    def test_changed_key(self):
        """The mark of the password outlives a change of SECRET_KEY like the token."""
        user = User.objects.create_user("Dancer", "correct horse 9")
        claims = token_decode(text=token_issue(user=user).text)
        fallbacks = [settings.SECRET_KEY]
        with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=fallbacks):
            self.assertEqual(token_user(claims=claims), user)
