from django.contrib.auth.models import Permission
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from users.models import User

PASSWORD = "correct horse 9"
LIST = reverse("admin:users_user_changelist")


class PanelCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.admin = User.objects.create_superuser("Admin")
        cls.dancer = User.objects.create_user("Dancer", description="Tango")
        cls.deleted = User.objects.create_user("Deleted", deleted_at=timezone.now())

    def setUp(self):
        self.client.force_login(self.admin)

    def act(self, action, *users, **fields):
        data = {"action": action, "_selected_action": [user.pk for user in users]}
        response = self.client.post(LIST, data | fields, follow=True)
        for user in users:
            user.refresh_from_db()
        return response

    def listed(self, **query):
        results = self.client.get(LIST, query).context["cl"].result_list
        return [user.username for user in results]


class ListTests(PanelCase):
    def test_everybody_is_listed(self):
        """Deleted users are listed too."""
        self.assertEqual(self.listed(), ["Admin", "Dancer", "Deleted"])

    def test_search(self):
        """Names and descriptions are searched."""
        self.assertEqual(self.listed(q="danc"), ["Dancer"])
        self.assertEqual(self.listed(q="tango"), ["Dancer"])

    def test_filters(self):
        """Living users and staff can be told from the others."""
        self.assertEqual(self.listed(deleted_at__isempty=0), ["Deleted"])
        self.assertEqual(self.listed(is_staff__exact=1), ["Admin"])


class ActionTests(PanelCase):
    def test_allow_password_reset(self):
        """Selected users may reset the password."""
        response = self.act("allow_password_reset", self.dancer)
        self.assertIs(self.dancer.allow_password_reset, True)
        self.assertContains(response, "1 user may reset the password for an hour.")

    def test_deactivate_spares_oneself(self):
        """An administrator cannot lock the own account."""
        response = self.act("deactivate", self.dancer, self.admin)
        self.assertIs(self.dancer.is_active, False)
        self.assertIs(self.admin.is_active, True)
        self.assertContains(response, "1 user deactivated.")

    def test_restore(self):
        """Deleted users are restored."""
        response = self.act("restore", self.deleted)
        self.assertIs(self.deleted.can_sign_in, True)
        self.assertContains(response, "1 user restored.")

    def test_nothing_to_do(self):
        """An action that changes nobody says so."""
        self.assertContains(self.act("restore", self.dancer), "0 users restored.")

    def test_delete_is_soft(self):
        """Deleting, one or several, keeps the row and the name."""
        self.act("delete_selected", self.dancer, post="yes")
        self.assertIsNotNone(self.dancer.deleted_at)
        other = User.objects.create_user("Other")
        url = reverse("admin:users_user_delete", args=[other.pk])
        self.client.post(url, {"post": "yes"})
        other.refresh_from_db()
        self.assertIsNotNone(other.deleted_at)


class FormTests(PanelCase):
    def test_add(self):
        """A user is added by the rules of a registration."""
        data = {
            "username": "New1",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        url = reverse("admin:users_user_add")
        refused = self.client.post(url, data | {"username": "n 1"})
        self.assertContains(refused, "Use the letters a to z and digits.")
        self.client.post(url, data)
        user = User.objects.get_by_natural_key("new1")
        self.assertIs(user.check_password(PASSWORD), True)

    def test_change(self):
        """The profile can be changed, the dates can be read."""
        url = reverse("admin:users_user_change", args=[self.dancer.pk])
        self.assertContains(self.client.get(url), "Deleted at")
        data = {"username": "Dancer", "description": "Salsa", "is_active": "on"}
        response = self.client.post(url, data)
        self.assertRedirects(response, LIST)
        self.dancer.refresh_from_db()
        self.assertEqual(self.dancer.description, "Salsa")


class StaffTests(PanelCase):
    """What staff may do who have the permissions on users, but not all rights."""

    def setUp(self):
        staff = User.objects.create_user("Staff", is_staff=True)
        rights = Permission.objects.filter(content_type__app_label="users")
        staff.user_permissions.set(rights)
        self.client.force_login(staff)

    def test_rights_are_not_handed_out(self):
        """Nobody becomes a superuser by the hand of staff."""
        url = reverse("admin:users_user_change", args=[self.dancer.pk])
        data = {"username": "Dancer", "is_active": "on", "is_superuser": "on"}
        self.client.post(url, data | {"is_staff": "on"})
        self.dancer.refresh_from_db()
        self.assertIs(self.dancer.is_superuser or self.dancer.is_staff, False)

    def test_superusers_are_out_of_reach(self):
        """Staff change no superuser: not by form, action, deletion or password."""
        self.act("deactivate", self.admin)
        self.assertIs(self.admin.is_active, True)
        for page in ("admin:auth_user_password_change", "admin:users_user_delete"):
            response = self.client.post(reverse(page, args=[self.admin.pk]), {})
            self.assertEqual(response.status_code, 403)
        url = reverse("admin:users_user_change", args=[self.admin.pk])
        self.assertEqual(self.client.post(url, {}).status_code, 403)
        self.act("delete_selected", self.admin, post="yes")
        self.assertIsNone(self.admin.deleted_at)

    def test_ordinary_users_are_within_reach(self):
        """Staff may deactivate an ordinary user."""
        self.act("deactivate", self.dancer)
        self.assertIs(self.dancer.is_active, False)


class SignInTests(TestCase):
    def test_deleted_administrator(self):
        """A deleted administrator cannot sign in to the panel."""
        admin = User.objects.create_superuser("Admin", PASSWORD)
        url, data = reverse("admin:login"), {"username": "ADMIN", "password": PASSWORD}
        self.assertEqual(self.client.post(url, data).status_code, 302)
        self.assertEqual(self.client.get(LIST).status_code, 200)
        User.objects.filter(pk=admin.pk).update(deleted_at=timezone.now())
        self.assertEqual(self.client.get(LIST).status_code, 302)
        self.assertEqual(self.client.post(url, data).status_code, 200)
