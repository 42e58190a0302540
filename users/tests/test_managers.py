from io import StringIO
from unittest import mock

from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import TestCase

from users.models import User


class LookupTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("Kelvin")

    def test_case_does_not_matter(self):
        """A user is found by the name in any case."""
        self.assertEqual(User.objects.get_by_natural_key("kELVIN"), self.user)

    def test_lookalike_is_somebody_else(self):
        """The Kelvin sign, whose lower case is k, finds no K."""
        self.assertIs(User.objects.named("\u212aelvin").exists(), False)

    def test_nobody(self):
        """An unknown name and no name raise DoesNotExist."""
        for name in ("nobody", "", None):
            with self.subTest(name=name), self.assertRaises(User.DoesNotExist):
                User.objects.get_by_natural_key(name)


class CreateTests(TestCase):
    def test_ordinary_user(self):
        """A new user has a hashed password and no rights."""
        user = User.objects.create_user("Dancer", "correct horse 9")
        self.assertNotIn("horse", user.password)
        self.assertIs(user.check_password("correct horse 9"), True)
        self.assertIs(user.is_staff or user.is_superuser, False)

    def test_without_password(self):
        """A user without a password has one that nobody knows."""
        self.assertIs(User.objects.create_user("Dancer").has_usable_password(), False)

    def test_broken_name(self):
        """A name that breaks the rules is refused before the database sees it."""
        with self.assertRaises(ValidationError), self.assertNumQueries(0):
            User.objects.create_user("a b")


class CreateSuperuserCommandTests(TestCase):
    def create(self, username):
        environment = {
            "DJANGO_SUPERUSER_USERNAME": username,
            "DJANGO_SUPERUSER_PASSWORD": "correct horse 9",
        }
        with mock.patch.dict("os.environ", environment):
            call_command("createsuperuser", interactive=False, stdout=StringIO())

    def test_from_the_environment(self):
        """The command makes a superuser who can sign in."""
        self.create("Root")
        user = User.objects.get_by_natural_key("root")
        self.assertIs(user.is_staff and user.is_superuser, True)
        self.assertIs(user.check_password("correct horse 9"), True)

    def test_taken_name(self):
        """The command tells that a name is taken, in any case."""
        User.objects.create_user("root")
        with self.assertRaisesMessage(CommandError, "already taken"):
            self.create("ROOT")

    def test_broken_name(self):
        """The command tells what is wrong with a name."""
        with self.assertRaisesMessage(CommandError, "letters a to z and digits"):
            self.create("ro ot")
