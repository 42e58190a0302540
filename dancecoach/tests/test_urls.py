from django.test import SimpleTestCase
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from rest_framework.permissions import AllowAny, IsAdminUser, IsAuthenticated

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
    "api/v1/auth/password-reset/complete",
    "api/v1/auth/magic-link/request",
    "api/v1/auth/magic-link/consume",
    "api/info",
    "api/schema/",
}
ADMINISTRATORS = {
    "api/admin/cache/flush",
    "api/v1/auth/password-reset/request",
    "api/v1/admin/jwt/secrets",
    "api/v1/admin/jwt/secrets/rotate",
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
        by_permission = {}
        for path, view in api_views(get_resolver().url_patterns):
            (permission,) = view.permission_classes
            by_permission.setdefault(permission, set()).add(path)
        self.assertEqual(
            by_permission,
            {
                AllowAny: OPEN,
                IsAdminUser: ADMINISTRATORS,
                IsAuthenticated: {"api/v1/users/me", "api/v1/auth/password/change"},
            },
        )
