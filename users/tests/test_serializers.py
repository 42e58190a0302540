from django.test import SimpleTestCase

from users.models import User
from users.serializers import LoginInput, ProfileInput, RegisterInput, UserOutput


class StrictTests(SimpleTestCase):
    def test_unknown_fields_are_named(self):
        """Each field that cannot be set is named in the errors."""
        body = ProfileInput(data={"is_staff": True, "username": "x"})
        self.assertIs(body.is_valid(), False)
        self.assertEqual(set(body.errors), {"is_staff", "username"})

    def test_no_object(self):
        """A list is an error of the body, not a crash."""
        body = ProfileInput(data=[])
        self.assertIs(body.is_valid(), False)
        self.assertEqual(set(body.errors), {"body"})


class TextTests(SimpleTestCase):
    def test_limits(self):
        """Texts that are too long, null or hold a NUL are refused by field."""
        cases = (
            {"description": "x" * (User.DESCRIPTION_MAX_LENGTH + 1)},
            {"current_goal": "x" * (User.GOAL_MAX_LENGTH + 1)},
            {"description": None},
            {"current_goal": "a\0b"},
            {"description": "\ud800"},
        )
        for data in cases:
            body = ProfileInput(data=data)
            with self.subTest(field=list(data)):
                self.assertIs(body.is_valid(), False)
                self.assertEqual(set(body.errors), set(data))

    def test_password_is_taken_as_it_is(self):
        """Spaces around a password belong to it."""
        for serializer in (RegisterInput, LoginInput):
            body = serializer(data={"username": "Dancer", "password": " x "})
            self.assertIs(body.is_valid(), True)
            self.assertEqual(body.validated_data["password"], " x ")


class OutputTests(SimpleTestCase):
    def test_no_secret(self):
        """Neither the password nor an internal flag is given out."""
        shown = UserOutput(User(username="Dancer", password="hash")).data
        self.assertEqual(
            list(shown),
            [
                "id",
                "username",
                "description",
                "current_goal",
                "is_staff",
                "last_login",
                "created_at",
                "updated_at",
            ],
        )
