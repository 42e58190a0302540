from django.test import TestCase
from django.urls import reverse

from users.models import User

PASSWORD = "correct horse 9"
URL = reverse("admin:login")


class SignInFormTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.chief = User.objects.create_superuser("Chief", PASSWORD)

    def sign_in(self, username="Chief", password=PASSWORD):
        return self.client.post(URL, {"username": username, "password": password})

    def test_staff(self):
        """Staff come in."""
        self.assertEqual(self.sign_in().status_code, 302)

    def test_missing_name(self):
        """A form without a name is refused as such."""
        self.assertContains(self.sign_in(username=""), "This field is required.")

    def test_locked(self):
        """After ten failures nobody comes in, and is told for how long."""
        for _ in range(10):
            self.assertEqual(self.sign_in(password="wrong").status_code, 200)
        self.assertContains(self.sign_in(), "Too many failed attempts. Try again in 15")

    def test_users_count_as_failures(self):
        """Who is no staff learns nothing, and is counted."""
        User.objects.create_user("Dancer", PASSWORD)
        for _ in range(10):
            self.assertEqual(self.sign_in(username="Dancer").status_code, 200)
        self.assertContains(self.sign_in(username="Dancer"), "Too many")
