from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase, TestCase
from django.utils import timezone

from users.models import User


class UsernameRuleTests(SimpleTestCase):
    def refused(self, name):
        """Return the fields that are refused of a user with such a name."""
        try:
            User(username=name).clean_fields(exclude={"password"})
        except ValidationError as error:
            return list(error.error_dict)
        return []

    def test_letters_and_digits_pass(self):
        """Names of 3 to 50 letters and digits are good."""
        for name in ("abc", "ABC123", "7seven", "x" * 50):
            with self.subTest(name=name):
                self.assertEqual(self.refused(name), [])

    def test_everything_else_is_refused(self):
        """Short, long, spaced, accented and broken names are refused."""
        names = ("ab", "x" * 51, "", "a b", "a-b", "jürgen", "abc\n", "Kelvi\u212a")
        for name in names:
            with self.subTest(name=name):
                self.assertEqual(self.refused(name), ["username"])


class UsernameConstraintTests(TestCase):
    def test_name_is_unique_in_any_case(self):
        """The database itself refuses a name that differs in case alone."""
        User.objects.create(username="Dancer")
        with self.assertRaises(IntegrityError), transaction.atomic():
            User.objects.create(username="dANCER")

    def test_broken_name_is_refused_by_the_database(self):
        """The database itself refuses a name that breaks the rules."""
        for name in ("ab", "a b c", "jürgen"):
            with (
                self.subTest(name=name),
                self.assertRaises(IntegrityError),
                transaction.atomic(),
            ):
                User.objects.create(username=name)

    def test_form_validation_tells_a_taken_name(self):
        """A model form says that the name is taken, in any case."""
        User.objects.create(username="Dancer")
        with self.assertRaisesMessage(ValidationError, "already exists"):
            User(username="dancer", password="x").full_clean()


class CanSignInTests(SimpleTestCase):
    def test_ordinary_user(self):
        """An active user who is not deleted can sign in."""
        self.assertIs(User().can_sign_in, True)

    def test_inactive_user(self):
        """An inactive user cannot."""
        self.assertIs(User(is_active=False).can_sign_in, False)

    def test_deleted_user(self):
        """A deleted user cannot, active or not."""
        self.assertIs(User(deleted_at=timezone.now()).can_sign_in, False)
