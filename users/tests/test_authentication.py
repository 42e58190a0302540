from django.test import RequestFactory, TestCase
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from users.authentication import BearerAuthentication, bearer_token
from users.models import User
from users.tokens import token_issue


def request_with(header):
    headers = {} if header is None else {"Authorization": header}
    return Request(RequestFactory().get("/", headers=headers))


class BearerTokenTests(TestCase):
    def test_scheme_in_any_case(self):
        """The scheme is not case-sensitive, and spaces around the token go."""
        for header in ("Bearer abc", "bearer abc", "BEARER  abc "):
            with self.subTest(header=header):
                self.assertEqual(bearer_token(request_with(header)), "abc")

    def test_no_token(self):
        """No header and other schemes hold no token."""
        for header in (None, "", "Basic abc", "Bearerabc", "Token abc"):
            with self.subTest(header=header):
                self.assertIsNone(bearer_token(request_with(header)))

    def test_scheme_alone(self):
        """The scheme without a token is an empty token, not none."""
        self.assertEqual(bearer_token(request_with("Bearer")), "")


class BearerAuthenticationTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("Dancer")
        cls.token = token_issue(user=cls.user).text

    def authenticate(self, header):
        return BearerAuthentication().authenticate(request_with(header))

    def test_valid_token(self):
        """A valid token gives the user and the token's claims."""
        user, claims = self.authenticate(f"Bearer {self.token}")
        self.assertEqual(user, self.user)
        self.assertEqual(claims.user_id, self.user.pk)

    def test_no_token(self):
        """Without a token the caller is nobody, which is no failure."""
        self.assertIsNone(self.authenticate(None))

    def test_invalid_token(self):
        """An empty, a broken and a divided token fail."""
        for header in ("Bearer", "Bearer x", f"Bearer {self.token} x"):
            with (
                self.subTest(header=header),
                self.assertRaisesMessage(AuthenticationFailed, "not valid"),
            ):
                self.authenticate(header)

    def test_deleted_user(self):
        """A deleted user's token fails."""
        User.objects.update(deleted_at=timezone.now())
        with self.assertRaises(AuthenticationFailed):
            self.authenticate(f"Bearer {self.token}")

    def test_challenge(self):
        """The view can tell how to authenticate, so the answer is a 401."""
        challenge = BearerAuthentication().authenticate_header(request_with(None))
        self.assertEqual(challenge, 'Bearer realm="dancecoach"')
