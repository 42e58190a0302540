from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import SimpleTestCase
from rest_framework import exceptions

from dancecoach.errors import (
    PayloadTooLarge,
    error_body,
    error_of_status,
    error_response,
)


class ErrorResponseTests(SimpleTestCase):
    def test_status_and_code(self):
        """Each kind of exception has its status and its code."""
        cases = (
            (exceptions.ParseError("x"), 400, "parse_error"),
            (exceptions.NotAuthenticated(), 401, "unauthorized"),
            (exceptions.AuthenticationFailed(), 401, "unauthorized"),
            (exceptions.PermissionDenied(), 403, "forbidden"),
            (PermissionDenied("x"), 403, "forbidden"),
            (exceptions.NotFound(), 404, "not_found"),
            (Http404("x"), 404, "not_found"),
            (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
            (PayloadTooLarge(), 413, "payload_too_large"),
            (exceptions.UnsupportedMediaType("x"), 415, "unsupported_media_type"),
            (exceptions.Throttled(), 429, "rate_limited"),
            (exceptions.APIException(), 500, "internal_error"),
        )
        for error, status, code in cases:
            with self.subTest(error=repr(error)):
                response = error_response(error, {})
                self.assertEqual(response.status_code, status)
                self.assertEqual(response.data["error"], code)
                self.assertEqual(list(response.data), ["error", "message"])

    def test_unexpected(self):
        """An exception nobody expected is left to Django, which logs it."""
        self.assertIsNone(error_response(RuntimeError("secret"), {}))

    def test_own_message(self):
        """A message that the view chose is kept."""
        response = error_response(exceptions.NotFound("gone fishing"), {})
        self.assertEqual(response.data["message"], "gone fishing")

    def test_headers(self):
        """A 401 says how to sign in, a 429 when to come again."""
        response = error_response(exceptions.NotAuthenticated(), {})
        self.assertTrue(response.headers["WWW-Authenticate"].startswith("Bearer"))
        response = error_response(exceptions.Throttled(wait=2.6), {})
        self.assertEqual(response.headers["Retry-After"], "3")


class DetailsTests(SimpleTestCase):
    def details(self, error):
        response = error_response(error, {})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(response.data["error"], "validation_failed")
        return response.data["details"]

    def test_rest_framework(self):
        """Nested errors become lists of texts under dotted names."""
        error = exceptions.ValidationError({"a": ["x", "y"], "b": {"c": "z"}})
        self.assertEqual(self.details(error), {"a": ["x", "y"], "b.c": ["z"]})

    def test_lists(self):
        """Errors of a list's items are told by their place."""
        error = exceptions.ValidationError({"a": [{}, {"b": ["x"]}]})
        self.assertEqual(self.details(error), {"a.1.b": ["x"]})

    def test_django(self):
        """Django's own validation errors are told by field, too."""
        error = ValidationError({"a": ["x"], "__all__": ["y"]})
        self.assertEqual(self.details(error), {"a": ["x"], "body": ["y"]})

    def test_no_field(self):
        """An error of no field belongs to the body."""
        for kind in (exceptions.ValidationError, ValidationError):
            with self.subTest(kind=kind):
                self.assertEqual(self.details(kind("x")), {"body": ["x"]})


class BodyTests(SimpleTestCase):
    def test_unknown_statuses(self):
        """A status without a code of its own has that of its family."""
        self.assertEqual(error_of_status(418)[0], "bad_request")
        self.assertEqual(error_of_status(507)[0], "internal_error")

    def test_details_are_optional(self):
        """Details appear where there are some."""
        self.assertEqual(
            error_body(code="a", message="b"), {"error": "a", "message": "b"}
        )
        body = error_body(code="a", message="b", details={})
        self.assertEqual(body["details"], {})
