from django.test import SimpleTestCase

from users.errors import InvalidCredentials, InvalidToken, UserExists


class AccountErrorTests(SimpleTestCase):
    def test_status_and_code(self):
        """Each error has its status and its code of the API."""
        expected = {
            UserExists: (409, "user_exists"),
            InvalidCredentials: (401, "invalid_credentials"),
            InvalidToken: (401, "invalid_token"),
        }
        for error, pair in expected.items():
            with self.subTest(error=error.__name__):
                self.assertEqual((error.status_code, error.default_code), pair)
