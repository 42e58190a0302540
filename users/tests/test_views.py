from datetime import UTC, datetime

import time_machine
from django.test import TestCase, override_settings
from django.utils import timezone

from users.models import User
from users.tokens import token_issue

PASSWORD = "correct horse 9"
JSON = "application/json"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
class AccountCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("Dancer", PASSWORD, description="Tango")

    def bearer(self, user=None):
        text = token_issue(user=user or self.user).text
        return {"Authorization": f"Bearer {text}"}

    def assertError(self, response, status, code):
        self.assertEqual(response.status_code, status, response.content)
        self.assertEqual(response.json()["error"], code)
        return response.json()


class RegisterViewTests(AccountCase):
    def register(self, **body):
        return self.client.post("/api/v1/auth/register", body, content_type=JSON)

    def test_created(self):
        """A new user is answered with 201 and without secrets."""
        response = self.register(username="Another1", password=PASSWORD)
        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.json()["username"], "Another1")
        self.assertNotIn("password", response.json())

    def test_taken(self):
        """A taken name in other case is a 409."""
        response = self.register(username="dancer", password=PASSWORD)
        self.assertError(response, 409, "user_exists")

    def test_broken_rules(self):
        """Details name the field, of the API's rules and of the model's."""
        bodies = (
            ({"username": "a b", "password": PASSWORD}, "username"),
            ({"username": "Another1", "password": "12345678"}, "password"),
            ({"username": "Another1"}, "password"),
            (
                {"username": "Another1", "password": PASSWORD, "is_superuser": True},
                "is_superuser",
            ),
            ({"username": "Another1", "password": "x" * 257}, "password"),
        )
        for body, field in bodies:
            with self.subTest(field=field):
                error = self.assertError(
                    self.register(**body), 400, "validation_failed"
                )
                self.assertEqual(list(error["details"]), [field])


class LoginViewTests(AccountCase):
    def login(self, username="Dancer", password=PASSWORD):
        body = {"username": username, "password": password}
        return self.client.post("/api/v1/auth/login", body, content_type=JSON)

    def test_token(self):
        """The right password gives a bearer token and its lifetime."""
        response = self.login(username="DANCER")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(set(response.json()), {"token", "token_type", "expires_in"})
        self.assertEqual(response.json()["token_type"], "Bearer")
        self.assertEqual(response.json()["expires_in"], 86400)

    def test_failures_are_the_same(self):
        """Wrong, unknown, inactive and deleted have one answer, to the byte."""
        User.objects.create_user("Inactive", PASSWORD, is_active=False)
        User.objects.create_user("Deleted", PASSWORD, deleted_at=timezone.now())
        answers = [
            self.login(password="wrong"),
            self.login(username="nobody"),
            self.login(username="not a name"),
            self.login(username="Inactive"),
            self.login(username="Deleted"),
        ]
        self.assertError(answers[0], 401, "invalid_credentials")
        self.assertEqual(len({answer.content for answer in answers}), 1)
        for answer in answers:
            del answer.headers["X-Request-ID"]
        self.assertEqual(len({str(answer.headers) for answer in answers}), 1)
        self.assertIn("WWW-Authenticate", answers[0].headers)

    def test_missing_field(self):
        """A body without a password is told so."""
        response = self.client.post(
            "/api/v1/auth/login", {"username": "x"}, content_type=JSON
        )
        error = self.assertError(response, 400, "validation_failed")
        self.assertEqual(list(error["details"]), ["password"])


class ValidateViewTests(AccountCase):
    URL = "/api/v1/auth/validate"

    @time_machine.travel(NOW, tick=False)
    def test_header_and_body(self):
        """A token in the header or the body is valid until it expires."""
        header = self.bearer()
        body = {"token": header["Authorization"].removeprefix("Bearer ")}
        answers = (
            self.client.generic("POST", self.URL, headers=header),
            self.client.post(self.URL, body, content_type=JSON),
        )
        for response in answers:
            self.assertEqual(response.status_code, 200)
            self.assertEqual(
                response.json(),
                {
                    "valid": True,
                    "user_id": self.user.pk,
                    "expires_at": "2026-05-02T12:00:00Z",
                },
            )

    def test_body_before_header(self):
        """The token in the body is the one that is asked about."""
        response = self.client.post(
            self.URL, {"token": "x"}, content_type=JSON, headers=self.bearer()
        )
        self.assertError(response, 401, "invalid_token")

    def test_no_token(self):
        """No token is not valid either."""
        self.assertError(self.client.generic("POST", self.URL), 401, "invalid_token")

    def test_deleted_user(self):
        """A deleted user's token is not valid."""
        header = self.bearer()
        User.objects.update(deleted_at=timezone.now())
        response = self.client.generic("POST", self.URL, headers=header)
        self.assertError(response, 401, "invalid_token")


class MeViewTests(AccountCase):
    URL = "/api/v1/users/me"

    def patch(self, body):
        return self.client.patch(
            self.URL, body, content_type=JSON, headers=self.bearer()
        )

    def test_profile(self):
        """The caller sees the own account."""
        response = self.client.get(self.URL, headers=self.bearer())
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["id"], self.user.pk)
        self.assertEqual(response.json()["description"], "Tango")

    def test_signed_out(self):
        """Without or with a bad token every method is a 401."""
        for method in ("get", "patch", "delete"):
            for headers in ({}, {"Authorization": "Bearer x"}):
                with self.subTest(method=method, headers=headers):
                    response = getattr(self.client, method)(self.URL, headers=headers)
                    self.assertError(response, 401, "unauthorized")
                    self.assertIn("WWW-Authenticate", response.headers)

    def test_change(self):
        """Description and goal change, and the answer is the new profile."""
        response = self.patch({"description": "Salsa ÿ", "current_goal": "Turn"})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["current_goal"], "Turn")
        self.user.refresh_from_db()
        self.assertEqual(self.user.description, "Salsa ÿ")

    def test_forbidden_fields(self):
        """A field that is not for users to change is named, and nothing changes."""
        response = self.patch({"description": "New", "is_staff": True})
        error = self.assertError(response, 400, "validation_failed")
        self.assertEqual(list(error["details"]), ["is_staff"])
        self.user.refresh_from_db()
        self.assertIs(self.user.is_staff, False)
        self.assertEqual(self.user.description, "Tango")

    def test_delete(self):
        """After the deletion the token is dead and the name still taken."""
        header = self.bearer()
        response = self.client.delete(self.URL, headers=header)
        self.assertEqual((response.status_code, response.content), (204, b""))
        after = self.client.get(self.URL, headers=header)
        self.assertError(after, 401, "unauthorized")
        self.assertIs(User.objects.named("dancer").exists(), True)

    def test_put_is_no_method(self):
        """A profile is changed, not replaced."""
        response = self.client.put(self.URL, {}, JSON, headers=self.bearer())
        self.assertError(response, 405, "method_not_allowed")
        self.assertIn("PATCH", response.headers["Allow"])
