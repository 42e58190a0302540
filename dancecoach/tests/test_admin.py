import json
from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.test import TestCase
from django.urls import reverse

from dancecoach.live_settings import live
from dancecoach.request_log import restore_level
from users.models import User

CONFIG = reverse("admin:constance_config_changelist")


class LiveSettingsTests(TestCase):
    def setUp(self):
        self.client.force_login(User.objects.create_superuser("Chief"))

    def change(self, **fields):
        form = self.client.get(CONFIG).context["form"]
        data = {name: form[name].value() for name in form.fields}
        given = {k: v for k, v in (data | fields).items() if v not in (False, None)}
        return self.client.post(CONFIG, given)

    def test_page(self):
        """Every live setting is there, with its help, under a heading of its topic."""
        response = self.client.get(CONFIG)
        for text in ("JWT_TTL", "For how long a new token is valid.", "Tokens"):
            self.assertContains(response, text)
        self.assertContains(response, "Settings that change while the service runs")

    def test_change(self):
        """What is saved is in force, and the history says who changed what."""
        response = self.change(
            JWT_TTL="0:05:00", API_V2_ENABLED="on", LOG_LEVEL="ERROR"
        )
        self.addCleanup(restore_level)
        self.assertRedirects(response, CONFIG)
        self.assertEqual(live().jwt_ttl, timedelta(minutes=5))
        self.assertIs(live().api_v2_enabled, True)
        self.assertEqual(live().log_level, "ERROR")
        (changed,) = json.loads(LogEntry.objects.get().change_message)
        self.assertIn("JWT_TTL", changed["changed"]["fields"])

    def test_refused(self):
        """A bad value is refused with a reason, and nothing changes."""
        response = self.change(RATE_LIMIT_BURST="0", API_V2_ENABLED="on")
        self.assertEqual(response.status_code, 200)
        self.assertContains(response, "greater than or equal to 1")
        self.assertIs(live().api_v2_enabled, False)

    def test_staff(self):
        """Staff without all rights do not see them."""
        self.client.force_login(User.objects.create_user("Staff", is_staff=True))
        self.assertEqual(self.client.get(CONFIG).status_code, 403)
