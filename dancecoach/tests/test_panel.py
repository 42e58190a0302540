from django.contrib import admin
from django.test import TestCase
from django.urls import reverse

from users.models import User


class PanelTests(TestCase):
    def test_look(self):
        """The panel shows its own name and leads to the API."""
        self.client.force_login(User.objects.create_superuser("Chief"))
        response = self.client.get(reverse("admin:index"))
        self.assertContains(response, "Dance coach")
        self.assertContains(response, reverse("swagger"))
        self.assertContains(response, "dancecoach/panel.css")

    def test_what_is_administered(self):
        """Users, groups, secrets, magic links and live settings, and nothing else."""
        names = {model._meta.label for model in admin.site._registry}
        expected = {"users.User", "auth.Group", "users.JwtSecret", "users.MagicLink"}
        self.assertEqual(names, expected | {"constance.Config"})

    def test_front_door(self):
        """The root leads to the API's page."""
        self.assertRedirects(self.client.get("/"), reverse("swagger"))
