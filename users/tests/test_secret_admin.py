from django.contrib.auth.models import Permission
from django.test import TestCase
from django.urls import reverse

from users.models import JwtSecret, User
from users.rotation import secret_rotate

LIST = reverse("admin:users_jwtsecret_changelist")


class SecretAdminTests(TestCase):
    def setUp(self):
        self.client.force_login(User.objects.create_superuser("Chief"))

    def act(self, action, *secrets):
        data = {"action": action, "_selected_action": [s.pk for s in secrets]}
        return self.client.post(LIST, data, follow=True)

    def test_list(self):
        """The list makes the first secret, shows fingerprints and nothing more."""
        response = self.client.get(LIST)
        secret = JwtSecret.objects.get()
        self.assertContains(response, secret.kid)
        self.assertNotContains(response, secret.encrypted)
        url = reverse("admin:users_jwtsecret_change", args=[secret.pk])
        self.assertNotContains(self.client.get(url), secret.encrypted)

    def test_rotate(self):
        """Rotating makes a new primary, whatever is selected."""
        former = secret_rotate()
        self.assertContains(self.act("rotate", former), "signs from now on.")
        self.assertNotEqual(JwtSecret.objects.get(is_primary=True), former)

    def test_expire(self):
        """Expired secrets are gone from the list; the primary is spared."""
        former, primary = secret_rotate(), secret_rotate()
        response = self.act("expire", former, primary)
        self.assertContains(response, "Secrets expired: 1.")
        self.assertEqual(JwtSecret.objects.get(), primary)
        self.assertContains(self.act("expire", primary), "Secrets expired: 0.")

    def test_nothing_is_typed_in(self):
        """Secrets are neither added, edited nor deleted by a form."""
        secret = secret_rotate()
        self.assertEqual(
            self.client.get(reverse("admin:users_jwtsecret_add")).status_code, 403
        )
        url = reverse("admin:users_jwtsecret_delete", args=[secret.pk])
        self.assertEqual(self.client.post(url, {"post": "yes"}).status_code, 403)

    def test_staff(self):
        """Staff who may look may not rotate."""
        staff = User.objects.create_user("Staff", is_staff=True)
        staff.user_permissions.add(Permission.objects.get(codename="view_jwtsecret"))
        self.client.force_login(staff)
        former = secret_rotate()
        self.assertContains(self.client.get(LIST), former.kid)
        self.act("rotate", former)
        self.assertEqual(JwtSecret.objects.get(), former)
