from unittest import mock

from django.test import SimpleTestCase, TestCase

from dancecoach import __version__
from dancecoach.setting_tags import write_live
from users.models import User
from users.tokens import token_issue


class HealthTests(SimpleTestCase):
    """Without a database: SimpleTestCase refuses every query."""

    def test_health(self):
        """The answer is the documented one, to the byte."""
        response = self.client.get("/api/health")
        self.assertEqual(response.content, b'{"status":"healthy"}')

    def test_token_is_not_looked_at(self):
        """A bad token does not make the process ill."""
        response = self.client.get("/api/health", headers={"Authorization": "Bearer x"})
        self.assertEqual(response.status_code, 200)

    def test_healthz(self):
        """The version, the uptime and the time are told."""
        body = self.client.get("/api/healthz").json()
        self.assertEqual(
            list(body), ["status", "version", "uptime_seconds", "timestamp"]
        )
        self.assertEqual((body["status"], body["version"]), ("healthy", __version__))
        self.assertGreaterEqual(body["uptime_seconds"], 0)
        self.assertRegex(body["timestamp"], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")

    def test_methods(self):
        """Another method is a 405 that names the good ones; HEAD is good."""
        response = self.client.post("/api/health")
        self.assertEqual(response.status_code, 405)
        self.assertEqual(response.json()["error"], "method_not_allowed")
        self.assertIn("GET", response["Allow"])
        self.assertEqual(self.client.head("/api/health").status_code, 200)


class ReadyViewTests(TestCase):
    def test_ready(self):
        """A service that works is a 200."""
        response = self.client.get("/api/ready")
        self.assertEqual(response.status_code, 200)
        self.assertIs(response.json()["ready"], True)

    def test_not_ready(self):
        """A failed check is a 503, with all the checks in it."""
        checks = {"database": {"ok": False, "error": "x"}}
        with (
            mock.patch("dancecoach.system.readiness", return_value=(False, checks)),
            self.assertLogs("django.request", "ERROR"),
        ):
            response = self.client.get("/api/ready")
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json(), {"ready": False, "checks": checks})


class VersionTests(SimpleTestCase):
    def get(self, query=""):
        return self.client.get(f"/api/version{query}")

    def test_text(self):
        """Plain, which is the default, and short are the version as text."""
        for query in ("", "?format=plain", "?format=short"):
            with self.subTest(query=query):
                response = self.get(query)
                self.assertEqual(response.content.decode(), __version__)
                self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")

    def test_full_and_json_agree(self):
        """The lines of `full` and the fields of `json` are the same facts."""
        lines = self.get("?format=full").content.decode().splitlines()
        facts = dict(line.split(": ", 1) for line in lines)
        expected = {
            name.replace("_", " "): value
            for name, value in self.get("?format=json").json().items()
        }
        self.assertEqual(facts, expected)

    def test_unknown_format(self):
        """Another format is refused by name."""
        for query in ("?format=xml", "?format=JSON", "?format="):
            with self.subTest(query=query):
                response = self.get(query)
                self.assertEqual(response.status_code, 400)
                self.assertEqual(response.json()["error"], "validation_failed")
                self.assertEqual(list(response.json()["details"]), ["format"])


class InfoTests(TestCase):
    def test_facts(self):
        """Build, age and Python are told; the second answer is kept."""
        first, second = (self.client.get("/api/info") for _ in range(2))
        self.assertEqual((first["X-Cache"], second["X-Cache"]), ("MISS", "HIT"))
        self.assertEqual(first.json()["version"], __version__)
        self.assertIs(first.json()["cache_enabled"], True)
        ages = [answer.json()["uptime_seconds"] for answer in (first, second)]
        self.assertGreaterEqual(ages[1], ages[0])


class CacheFlushTests(TestCase):
    URL = "/api/admin/cache/flush"

    def flush(self, **fields):
        user = User.objects.create_user("Boss", **fields)
        headers = {"Authorization": f"Bearer {token_issue(user=user).text}"}
        return self.client.post(self.URL, headers=headers)

    def test_flush(self):
        """An administrator is told how much was forgotten."""
        self.client.get("/api/info")
        response = self.flush(is_staff=True)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["items_flushed"], 1)

    def test_switched_off(self):
        """Without a cache there is nothing to flush."""
        write_live("CACHE_ENABLED", False)
        with self.assertLogs("django.request", "ERROR"):
            response = self.flush(is_staff=True)
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json()["error"], "cache_disabled")

    def test_users(self):
        """Nobody else may."""
        self.assertEqual(self.flush().json()["error"], "forbidden")
        self.assertEqual(self.client.post(self.URL).json()["error"], "unauthorized")
