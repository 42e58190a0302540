import json
import logging
from unittest import mock

from django.conf import settings
from django.db import DatabaseError
from django.test import RequestFactory, TestCase, override_settings

from dancecoach.log_format import RequestContext, logging_config
from dancecoach.request_log import _user_id, restore_level
from dancecoach.setting_tags import write_live
from users.models import User


@override_settings(REQUEST_LOG=True)
class RequestLogTests(TestCase):
    def setUp(self):
        self.addCleanup(restore_level)

    def line(self, path, **headers):
        with self.assertLogs("dancecoach.request_log", "INFO") as logs:
            response = self.client.get(path, headers=headers)
        (record,) = logs.records
        return response, record

    def test_line(self):
        """A line tells who asked what, how it was answered and how long it took."""
        _, record = self.line("/api/v1/greet/Ann")
        self.assertEqual(record.route, "/api/v1/greet/<str:name>")
        self.assertEqual((record.method, record.status), ("GET", 200))
        self.assertIsNone(record.user_id)
        self.assertGreater(record.duration_ms, 0)

    def test_user_of_the_panel(self):
        """Who is signed in to the panel is named by id."""
        admin = User.objects.create_superuser("Admin")
        self.client.force_login(admin)
        _, record = self.line("/admin/")
        self.assertEqual(record.user_id, admin.pk)

    def test_user_who_cannot_be_looked_up(self):
        """Where the database cannot say who asked, the line has no user."""
        request = RequestFactory().get("/api/health")
        request.resolver_match = mock.sentinel.match
        self.assertIsNone(_user_id(request))
        request.user = mock.Mock()
        type(request.user).pk = mock.PropertyMock(side_effect=DatabaseError)
        self.assertIsNone(_user_id(request))

    def test_failures_are_errors(self):
        """An answer that is the service's fault is logged as an error."""
        self.client.raise_request_exception = False
        with (
            mock.patch("dancecoach.system.uptime_seconds", side_effect=RuntimeError),
            self.assertLogs("django.request", "ERROR"),
        ):
            _, record = self.line("/api/healthz")
        self.assertEqual((record.levelno, record.status), (logging.ERROR, 500))

    def test_request_id(self):
        """An id that a proxy gave is kept if it is fit, else there is a new one."""
        for given, is_kept in (("proxy-01234567", True), ("a b", False), ("", False)):
            with self.subTest(given=given):
                response, _ = self.line("/api/health", **{"X-Request-ID": given})
                self.assertEqual(response["X-Request-ID"] == given, is_kept)

    def test_level(self):
        """LOG_LEVEL is in force from the next request."""
        for level in ("ERROR", "INFO"):
            write_live("LOG_LEVEL", level)
            self.line("/api/info")
            self.assertEqual(logging.getLevelName(logging.getLogger().level), level)

    def test_independent_paths(self):
        """What tells that the process lives asks no database."""
        for path in ("/api/health", "/api/healthz", "/api/version"):
            with self.subTest(path=path), self.assertNumQueries(0):
                _, record = self.line(path)
                self.assertEqual(record.status, 200)

    def test_no_database(self):
        """Without a database the level stays, and the request goes on."""
        with (
            mock.patch("dancecoach.request_log.live", side_effect=DatabaseError),
            self.assertLogs("dancecoach.request_log", "WARNING") as logs,
        ):
            response = self.client.get("/api/v3/nothing")
        self.assertEqual(response.status_code, 404)
        self.assertIn("LOG_LEVEL cannot be read", logs.output[0])

    def test_silent(self):
        """Switched off, there is no line."""
        with (
            override_settings(REQUEST_LOG=False),
            self.assertNoLogs("dancecoach.request_log"),
        ):
            self.client.get("/api/health")


class FormatTests(TestCase):
    def text(self, name, message, **extra):
        config = logging_config(level="INFO")["formatters"]["json"]
        from pythonjsonlogger.json import JsonFormatter

        options = {k: v for k, v in config.items() if k not in ("()", "format")}
        formatter = JsonFormatter(config["format"], **options)
        record = logging.makeLogRecord(
            {"name": name, "msg": message, "levelname": "ERROR", **extra}
        )
        self.assertIs(RequestContext().filter(record), True)
        return formatter.format(record)

    def test_one_line_of_json(self):
        """A record is one line, with a moment, a level and its logger."""
        line = json.loads(self.text("x", "a\nb"))
        self.assertEqual((line["logger"], line["level"]), ("x", "ERROR"))
        self.assertEqual(line["message"], "a\nb")
        self.assertIn("T", line["timestamp"])

    def test_no_path(self):
        """Django's own lines about a request lose its path."""
        request = self.client.get("/api/v1/greet/Ann").wsgi_request
        text = self.text(
            "django.request",
            "Internal Server Error: %s",
            args=("/api/v1/greet/Ann",),
            request=request,
            status_code=500,
        )
        self.assertNotIn("Ann", text)
        self.assertIn("GET /api/v1/greet/<str:name> answered 500", text)

    def test_settings(self):
        """The settings log to standard error, as JSON."""
        self.assertEqual(settings.LOGGING["root"]["handlers"], ["console"])
