from datetime import UTC, datetime
from unittest import mock

import time_machine
from django.core.exceptions import ValidationError
from django.test import TestCase
from django.utils import timezone

from users import services
from users.errors import InvalidCredentials, UserExists
from users.models import User
from users.passwords import users_allow_password_reset
from users.tokens import token_decode

PASSWORD = "correct horse 9"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class RegisterTests(TestCase):
    def test_new_user(self):
        """A registration makes an ordinary user with the profile given."""
        user = services.user_register(
            username="Dancer", password=PASSWORD, description="Tango", current_goal="A"
        )
        user.refresh_from_db()
        self.assertEqual(
            (user.username, user.description, user.current_goal),
            ("Dancer", "Tango", "A"),
        )
        self.assertIs(user.check_password(PASSWORD), True)
        self.assertIs(user.is_staff or user.is_superuser, False)

    def test_broken_name(self):
        """A broken name is refused under its field."""
        with self.assertRaises(ValidationError) as caught:
            services.user_register(username="a b", password=PASSWORD)
        self.assertEqual(list(caught.exception.message_dict), ["username"])

    def test_weak_passwords(self):
        """Short, common, numeric and name-like passwords are refused."""
        for password in ("x9!k", "password1", "83920174659", "TheDancer"):
            with (
                self.subTest(password=password),
                self.assertRaises(ValidationError) as caught,
            ):
                services.user_register(username="TheDancer1", password=password)
            self.assertEqual(list(caught.exception.message_dict), ["password"])

    def test_taken_name(self):
        """A taken name is refused in any case, of a deleted user too."""
        User.objects.create_user("Dancer", deleted_at=timezone.now())
        with self.assertRaises(UserExists):
            services.user_register(username="dANCER", password=PASSWORD)

    def test_taken_name_with_a_weak_password(self):
        """The name is told first, before the password is looked at."""
        User.objects.create_user("Dancer")
        with self.assertRaises(UserExists):
            services.user_register(username="dancer", password="x")

    def test_race(self):
        """Of two registrations at once, the later one learns that it is late."""
        User.objects.create_user("Dancer")
        nobody = User.objects.none()
        with (
            mock.patch.object(type(User.objects), "named", return_value=nobody),
            self.assertRaises(UserExists),
        ):
            services.user_register(username="dancer", password=PASSWORD)
        self.assertEqual(User.objects.count(), 1)


class LoginTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("Dancer", PASSWORD)

    def test_token_and_last_login(self):
        """A sign-in gives a token and is remembered, but changes no profile."""
        before = self.user.updated_at
        with time_machine.travel(NOW, tick=False):
            user, token = services.user_login(
                username="dancer", password=PASSWORD, address="10.0.0.1"
            )
            self.assertEqual(token_decode(text=token.text).user_id, user.pk)
        user.refresh_from_db()
        self.assertEqual(user.last_login, NOW)
        self.assertEqual(user.updated_at, before)

    def test_refused(self):
        """A wrong password, an unknown and a long name are refused alike."""
        cases = {"Dancer": "wrong", "nobody": PASSWORD, "x" * 1000: PASSWORD}
        for username, password in cases.items():
            with (
                self.subTest(username=username),
                self.assertRaises(InvalidCredentials),
            ):
                services.user_login(
                    username=username, password=password, address="10.0.0.1"
                )
        self.user.refresh_from_db()
        self.assertIsNone(self.user.last_login)


class ProfileTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("Dancer", description="A", current_goal="B")

    def test_only_what_is_given_changes(self):
        """None leaves a field, an empty text empties it."""
        services.user_update_profile(user=self.user, description="")
        self.user.refresh_from_db()
        self.assertEqual((self.user.description, self.user.current_goal), ("", "B"))

    def test_change_is_dated(self):
        """A change moves updated_at."""
        with time_machine.travel(NOW, tick=False):
            services.user_update_profile(user=self.user, current_goal="C")
        self.user.refresh_from_db()
        self.assertEqual(self.user.updated_at, NOW)

    def test_nothing_given(self):
        """Nothing to change costs no query."""
        with self.assertNumQueries(0):
            services.user_update_profile(user=self.user)


class CloseAndOpenTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("Dancer", allow_password_reset=True)

    def test_soft_delete(self):
        """A deleted user keeps the row and may not reset the password."""
        with time_machine.travel(NOW, tick=False):
            services.user_soft_delete(user=self.user)
        self.assertEqual(self.user.deleted_at, NOW)
        self.assertIs(self.user.allow_password_reset, False)

    def test_second_delete_changes_nothing(self):
        """The first deletion's moment stands."""
        services.user_soft_delete(user=self.user)
        first = self.user.deleted_at
        services.user_soft_delete(user=self.user)
        self.assertEqual(self.user.deleted_at, first)

    def test_deactivate_and_restore(self):
        """Deactivated and deleted users are restored; the others do not count."""
        User.objects.create_user("Other")
        everyone = User.objects.all()
        only = User.objects.filter(pk=self.user.pk)
        self.assertEqual(services.users_deactivate(users=only), 1)
        self.assertEqual(services.users_deactivate(users=only), 0)
        services.user_soft_delete(user=self.user)
        self.assertEqual(services.users_restore(users=everyone), 1)
        self.user.refresh_from_db()
        self.assertIs(self.user.can_sign_in, True)

    def test_allow_password_reset(self):
        """A reset is allowed to living users only."""
        User.objects.create_user("Deleted", deleted_at=timezone.now())
        count = users_allow_password_reset(users=User.objects.all())
        self.assertEqual(count, 1)
