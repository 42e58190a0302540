import json
from unittest import mock

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.test import (
    RequestFactory,
    SimpleTestCase,
    TestCase,
    override_settings,
)

from dancecoach.middleware import BodyLimit, ErrorShape, is_api

LIMIT = settings.REQUEST_BODY_LIMIT


class IsApiTests(SimpleTestCase):
    def test_paths(self):
        """The API is what lies under /api/, and /api itself."""
        for path, expected in (
            ("/api/x", True),
            ("/api", True),
            ("/apix", False),
            ("/admin/api/", False),
        ):
            with self.subTest(path=path):
                self.assertIs(is_api(RequestFactory().get(path)), expected)


class ErrorShapeTests(SimpleTestCase):
    def answer(self, response, path="/api/x"):
        return ErrorShape(lambda _request: response)(RequestFactory().get(path))

    def test_page_becomes_json(self):
        """An error page is replaced, its headers stay."""
        page = HttpResponse("<h1>secret</h1>", status=405, headers={"Allow": "GET"})
        response = self.answer(page)
        self.assertEqual(response.status_code, 405)
        self.assertEqual(json.loads(response.content)["error"], "method_not_allowed")
        self.assertEqual(response["Allow"], "GET")
        self.assertEqual(response["Content-Type"], "application/json")
        self.assertEqual(response["Content-Length"], str(len(response.content)))

    def test_what_stays(self):
        """Shaped errors, good answers and pages elsewhere stay as they are."""
        shaped = JsonResponse({"error": "x"}, status=400)
        good = HttpResponse("<p>", status=200)
        page = HttpResponse("<p>", status=404)
        self.assertIs(self.answer(shaped), shaped)
        self.assertIs(self.answer(good), good)
        self.assertIs(self.answer(page, path="/admin/x"), page)


class UnexpectedErrorTests(TestCase):
    """Through the whole stack of middleware."""

    def setUp(self):
        self.client.raise_request_exception = False

    def test_exception_tells_nothing(self):
        """An exception is a 500 in the shape, with DEBUG on or off, and is logged."""
        cause = RuntimeError("the secret cause")
        for debug in (False, True):
            with (
                self.subTest(debug=debug),
                override_settings(DEBUG=debug),
                mock.patch("dancecoach.system.uptime_seconds", side_effect=cause),
                self.assertLogs("django.request", "ERROR") as logs,
            ):
                response = self.client.get("/api/healthz")
            self.assertEqual(response.status_code, 500)
            self.assertEqual(response.json()["error"], "internal_error")
            self.assertEqual(set(response.json()), {"error", "message"})
            self.assertIn("the secret cause", "".join(logs.output))

    def test_unknown_path(self):
        """An unknown path is a 404 in the shape, with DEBUG on or off."""
        for debug in (False, True):
            for path in ("/api", "/api/", "/api/health/", "/api/v3/greet"):
                with self.subTest(debug=debug, path=path), self.settings(DEBUG=debug):
                    response = self.client.get(path)
                    self.assertEqual(response.status_code, 404)
                    self.assertEqual(response.json()["error"], "not_found")

    def test_foreign_host(self):
        """A host that is not allowed is a 400 in the shape."""
        with self.assertLogs("django.security.DisallowedHost", "ERROR"):
            response = self.client.get("/api/health", headers={"Host": "evil.example"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(response.json()["error"], "bad_request")

    def test_pages_elsewhere(self):
        """Outside the API an unknown path is a page."""
        response = self.client.get("/nothing")
        self.assertEqual(response.status_code, 404)
        self.assertTrue(response["Content-Type"].startswith("text/html"))


class BodyLimitTests(TestCase):
    def status(self, path="/api/x", **meta):
        request = RequestFactory().post(path)
        request.META.pop("CONTENT_LENGTH", None)
        request.META |= meta
        return BodyLimit(lambda _request: HttpResponse())(request).status_code

    def test_length(self):
        """The limit itself passes, one byte more does not, nor does nonsense."""
        self.assertEqual(self.status(CONTENT_LENGTH=str(LIMIT)), 200)
        self.assertEqual(self.status(CONTENT_LENGTH=str(LIMIT + 1)), 413)
        self.assertEqual(self.status(CONTENT_LENGTH="9" * 5000), 413)
        for text in ("", "-1", "x", "²"):
            with self.subTest(text=text):
                self.assertEqual(self.status(CONTENT_LENGTH=text), 200)

    def test_limit_is_a_setting(self):
        """The setting is read at each request."""
        with override_settings(REQUEST_BODY_LIMIT=10):
            self.assertEqual(self.status(CONTENT_LENGTH="11"), 413)

    def test_unknown_length(self):
        """A body whose length nobody knows is a 411."""
        self.assertEqual(self.status(HTTP_TRANSFER_ENCODING="chunked"), 411)

    def test_elsewhere(self):
        """The admin panel has Django's limits, not this one."""
        status = self.status("/admin/", CONTENT_LENGTH=str(LIMIT + 1))
        self.assertEqual(status, 200)

    def test_shape(self):
        """The refusal has the shape of an error and is not logged as a failure."""
        response = self.client.post(
            "/api/v1/auth/login", "x" * (LIMIT + 1), content_type="application/json"
        )
        self.assertEqual(response.status_code, 413)
        self.assertEqual(response.json()["error"], "payload_too_large")
        self.assertIn("Content-Length", response.headers)
