import time_machine
from django.core.exceptions import ValidationError
from django.test import TestCase

from dancecoach.errors import RateLimited
from users.errors import InvalidCredentials
from users.lockout import password_guarded

ANN = {"username": "Ann", "address": "10.0.0.1"}


def fail(count, error=InvalidCredentials, **caller):
    for _ in range(count):
        try:
            with password_guarded(**ANN | caller):
                raise error("wrong")
        except (InvalidCredentials, ValidationError):
            continue


class LockoutTests(TestCase):
    def assertLocked(self, **caller):
        with self.assertRaises(RateLimited) as caught, password_guarded(**ANN | caller):
            self.fail("let in")
        return caught.exception.wait

    def test_ten_failures(self):
        """After ten failures nobody is let in, until the first is 15 minutes old."""
        with time_machine.travel("2026-05-01T12:00:00Z", tick=False) as clock:
            fail(5)
            fail(5, error=ValidationError)
            self.assertEqual(self.assertLocked(), 900)
            self.assertEqual(self.assertLocked(username="aNN"), 900)
            clock.shift(900)
            with password_guarded(**ANN):
                pass

    def test_others(self):
        """Another account and another address are let in."""
        fail(10)
        for other in ({"username": "Bob"}, {"address": "10.0.0.2"}):
            with self.subTest(other=other), password_guarded(**ANN | other):
                pass

    def test_success_forgets(self):
        """Who gets in may fail ten times again."""
        fail(9)
        with password_guarded(**ANN):
            pass
        fail(9)
        with password_guarded(**ANN):
            pass

    def test_guess_that_was_under_way(self):
        """A right guess that was made with too many wrong ones comes too late."""
        fail(9)
        with self.assertRaises(RateLimited), password_guarded(**ANN):
            fail(1)

    def test_other_errors_do_not_count(self):
        """A failure of the service is not the caller's."""
        for _ in range(10):
            with self.assertRaises(RuntimeError), password_guarded(**ANN):
                raise RuntimeError
        with password_guarded(**ANN):
            pass
