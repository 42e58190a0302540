from django.core.management.base import CommandError
from django.test import TestCase, override_settings

from users.first_admin import first_admin_ensure
from users.models import User

PASSWORD = "correct horse 9"


class FirstAdminTests(TestCase):
    def test_no_password(self):
        """Without a password nobody is made."""
        first_admin_ensure()
        self.assertIs(User.objects.exists(), False)

    @override_settings(ADMIN_PASSWORD=PASSWORD)
    def test_made_once(self):
        """The superuser is made, and a second time nothing changes."""
        first_admin_ensure()
        first_admin_ensure()
        admin = User.objects.get()
        self.assertEqual(admin.username, "admin")
        self.assertIs(admin.is_superuser and admin.check_password(PASSWORD), True)

    @override_settings(ADMIN_PASSWORD=PASSWORD)
    def test_somebody_is_there(self):
        """Where there is a superuser nobody is made."""
        User.objects.create_superuser("Chief")
        first_admin_ensure()
        self.assertEqual(User.objects.get().username, "Chief")

    @override_settings(ADMIN_PASSWORD=PASSWORD)
    def test_name_is_taken(self):
        """A user of that name does not become a superuser behind its back."""
        User.objects.create_user("Admin")
        with self.assertRaisesMessage(CommandError, "createsuperuser"):
            first_admin_ensure()

    @override_settings(ADMIN_PASSWORD="password1")
    def test_weak_password(self):
        """A weak password is refused with the next step."""
        with self.assertRaisesMessage(CommandError, "set a better one"):
            first_admin_ensure()
