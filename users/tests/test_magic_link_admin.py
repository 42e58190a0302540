from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from users.models import MagicLink, User

LIST = reverse("admin:users_magiclink_changelist")


class MagicLinkAdminTests(TestCase):
    def setUp(self):
        self.client.force_login(User.objects.create_superuser("Chief"))
        now = timezone.now()
        later = now + timedelta(hours=1)
        for name, expires_at, used_at in (
            ("open", later, None),
            ("expired", now, None),
            ("used", later, now),
        ):
            MagicLink.objects.create(
                token_hash=name * 8,
                email=f"{name}@example.org",
                created_at=now,
                expires_at=expires_at,
                used_at=used_at,
            )

    def test_list(self):
        """Each link is listed with what it is good for, and without its hash."""
        response = self.client.get(LIST)
        for link in MagicLink.objects.all():
            name = link.email.partition("@")[0]
            self.assertContains(response, f'field-state">{name}<')
            self.assertNotContains(response, link.token_hash)

    def test_search(self):
        """Addresses are searched."""
        results = self.client.get(LIST, {"q": "used@"}).context["cl"].result_list
        self.assertEqual([link.email for link in results], ["used@example.org"])

    def test_read_only(self):
        """Links are looked at, and nothing else."""
        link = MagicLink.objects.first()
        url = reverse("admin:users_magiclink_change", args=[link.pk])
        self.assertNotContains(self.client.get(url), link.token_hash)
        self.assertEqual(self.client.post(url, {"email": "x"}).status_code, 403)
        add = reverse("admin:users_magiclink_add")
        self.assertEqual(self.client.get(add).status_code, 403)
        delete = reverse("admin:users_magiclink_delete", args=[link.pk])
        self.assertEqual(self.client.post(delete, {"post": "yes"}).status_code, 403)
