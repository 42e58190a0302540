import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import TestCase

from dancecoach.errors import RateLimited
from users.errors import ResetNotAllowed, UserNotFound
from users.models import User
from users.passwords import (
    password_change,
    password_reset_allow,
    password_reset_complete,
    resets_purge,
)

OLD, NEW = "correct horse 9", "battery staple 7"
HERE = "10.0.0.1"


class PasswordCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("Dancer", OLD)
        cls.staff = User.objects.create_user("Staff", is_staff=True)
        cls.chief = User.objects.create_superuser("Chief")

    def reset(self, password=NEW, username="Dancer", address=HERE):
        password_reset_complete(
            username=username, new_password=password, address=address
        )

    def assertPassword(self, password):
        self.user.refresh_from_db()
        self.assertIs(self.user.check_password(password), True)


class ChangeTests(PasswordCase):
    def change(self, old=OLD, new=NEW):
        password_change(
            user=self.user, old_password=old, new_password=new, address=HERE
        )

    def test_change(self):
        """The new password is in force, and a leave to reset it is gone."""
        password_reset_allow(username="Dancer", by=self.staff)
        self.user.refresh_from_db()
        self.change()
        self.assertPassword(NEW)
        self.assertIs(self.user.allow_password_reset, False)

    def test_refused(self):
        """A wrong old and a weak new password are told by their field."""
        for field, given in (
            ("old_password", {"old": "wrong"}),
            ("new_password", {"new": "password1"}),
        ):
            with self.subTest(field=field):
                with self.assertRaises(ValidationError) as caught:
                    self.change(**given)
                self.assertEqual(list(caught.exception.message_dict), [field])
                self.assertPassword(OLD)


class AllowTests(PasswordCase):
    def test_flag(self):
        """The flag is set for an hour, by the name in any case."""
        user = password_reset_allow(username="dANCER", by=self.staff)
        self.assertIs(user.allow_password_reset, True)

    def test_unknown(self):
        """Nobody and a deleted user are not found."""
        User.objects.filter(pk=self.user.pk).update(deleted_at="2026-05-01T12:00:00Z")
        for name in ("Nobody", "Dancer"):
            with self.subTest(name=name), self.assertRaises(UserNotFound):
                password_reset_allow(username=name, by=self.staff)

    def test_superusers(self):
        """Only a superuser can let a superuser's password be reset."""
        with self.assertRaises(PermissionDenied):
            password_reset_allow(username="Chief", by=self.staff)
        password_reset_allow(username="Chief", by=self.chief)


class CompleteTests(PasswordCase):
    def test_used_up(self):
        """The flag lets one password be set."""
        password_reset_allow(username="Dancer", by=self.staff)
        self.reset()
        self.assertPassword(NEW)
        with self.assertRaises(ResetNotAllowed):
            self.reset(OLD)

    def test_an_hour(self):
        """It does so for an hour."""
        with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
            password_reset_allow(username="Dancer", by=self.staff)
            clock.shift(3600)
            with self.assertRaises(ResetNotAllowed):
                self.reset()
            self.assertEqual([resets_purge(), resets_purge()], [1, 0])

    def test_flag_without_an_end(self):
        """A flag that never ends is none."""
        User.objects.filter(pk=self.user.pk).update(allow_password_reset=True)
        with self.assertRaises(ResetNotAllowed):
            self.reset()

    def test_three_tries(self):
        """The fourth try is refused, of this account from this address."""
        for _ in range(3):
            with self.assertRaises(ResetNotAllowed):
                self.reset()
        with self.assertRaises(RateLimited):
            self.reset()
        for other in ({"username": "Staff"}, {"address": "10.0.0.2"}):
            with self.subTest(other=other), self.assertRaises(ResetNotAllowed):
                self.reset(**other)

    def test_weak_passwords(self):
        """What is wrong with any password costs no try and tells nothing."""
        for _ in range(4):
            for name in ("Dancer", "Nobody"):
                with self.assertRaises(ValidationError):
                    self.reset("password1", username=name)
        password_reset_allow(username="Dancer", by=self.staff)
        with self.assertRaises(ValidationError) as caught:
            self.reset("xDancerx")
        self.assertEqual(list(caught.exception.message_dict), ["new_password"])
        self.reset()
