from unittest import mock

from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.test import TestCase
from django.utils import timezone

from users.backends import AccountBackend
from users.models import User

PASSWORD = "correct horse 9"


class AuthenticateTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("Dancer", PASSWORD)

    def close(self, **fields):
        User.objects.filter(pk=self.user.pk).update(**fields)

    def test_name_in_any_case(self):
        """Name in any case and password let the user in."""
        user = authenticate(username="dancer", password=PASSWORD)
        self.assertEqual(user, self.user)

    def test_closed_account(self):
        """The right password does not open a closed account."""
        for fields in ({"is_active": False}, {"deleted_at": timezone.now()}):
            with self.subTest(fields=fields):
                self.close(is_active=True, deleted_at=None)
                self.close(**fields)
                self.assertIsNone(authenticate(username="Dancer", password=PASSWORD))

    def test_session_of_a_deleted_user_ends(self):
        """A session finds no user any more once the account is deleted."""
        backend = AccountBackend()
        self.assertEqual(backend.get_user(self.user.pk), self.user)
        self.close(deleted_at=timezone.now())
        self.assertIsNone(backend.get_user(self.user.pk))

    def test_nobody_can_sign_in_as_nobody(self):
        """Neither None nor an anonymous user may authenticate."""
        for nobody in (None, AnonymousUser()):
            self.assertIs(AccountBackend().user_can_authenticate(nobody), False)

    def test_every_failure_hashes_once(self):
        """Unknown, wrong, inactive and deleted cost one hash and one query each."""
        cases = {
            "unknown": ("nobody", PASSWORD, {}),
            "wrong": ("Dancer", "wrong horse 9", {}),
            "inactive": ("Dancer", PASSWORD, {"is_active": False}),
            "deleted": ("Dancer", PASSWORD, {"deleted_at": timezone.now()}),
        }
        hasher = "django.contrib.auth.hashers.MD5PasswordHasher"
        for case, (username, password, fields) in cases.items():
            with self.subTest(case=case), self.settings(PASSWORD_HASHERS=[hasher]):
                self.user.set_password(PASSWORD)
                encoded = self.user.password
                self.close(is_active=True, deleted_at=None, password=encoded)
                self.close(**fields)
                with (
                    mock.patch(f"{hasher}.encode", return_value=encoded) as encode,
                    mock.patch(
                        f"{hasher}.verify", return_value=password == PASSWORD
                    ) as verify,
                    self.assertNumQueries(1),
                ):
                    user = authenticate(username=username, password=password)
                self.assertIsNone(user)
                self.assertEqual(encode.call_count + verify.call_count, 1)
