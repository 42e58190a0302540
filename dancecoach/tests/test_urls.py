from django.test import SimpleTestCase
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from rest_framework.permissions import IsAuthenticated

OPEN = {
    "api/health",
    "api/healthz",
    "api/ready",
    "api/version",
    "api/v1/greet",
    "api/v1/greet/<str:name>",
    "api/v2/greet",
    "api/v1/auth/register",
    "api/v1/auth/login",
    "api/v1/auth/validate",
}


def api_views(patterns, prefix=""):
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if path.startswith("api/"):
                yield path, pattern.callback.cls
        else:
            yield from api_views(pattern.url_patterns, path)


class UrlTests(SimpleTestCase):
    def test_closed_by_default(self):
        """Every view of the API asks for a token, but for those named here."""
        closed = {
            path
            for path, view in api_views(get_resolver().url_patterns)
            if IsAuthenticated in view.permission_classes
        }
        everything = {path for path, _ in api_views(get_resolver().url_patterns)}
        self.assertEqual(everything - closed, OPEN)
        self.assertEqual(closed, {"api/v1/users/me"})
