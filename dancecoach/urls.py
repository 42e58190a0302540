"""Every path of the service."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from dancecoach.greetings import GreetV1NameView, GreetV1View, GreetV2View
from dancecoach.schema import SchemaView, SwaggerView
from dancecoach.system import (
    CacheFlushView,
    HealthView,
    HealthzView,
    InfoView,
    ReadyView,
    VersionView,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="swagger")),
    path("admin/", admin.site.urls),
    path("swagger/", SwaggerView.as_view(), name="swagger"),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/health", HealthView.as_view(), name="health"),
    path("api/healthz", HealthzView.as_view(), name="healthz"),
    path("api/ready", ReadyView.as_view(), name="ready"),
    path("api/version", VersionView.as_view(), name="version"),
    path("api/info", InfoView.as_view(), name="info"),
    path("api/admin/cache/flush", CacheFlushView.as_view(), name="cache-flush"),
    path("api/v1/greet", GreetV1View.as_view(), name="greet-v1"),
    path("api/v1/greet/<str:name>", GreetV1NameView.as_view(), name="greet-v1-name"),
    path("api/v2/greet", GreetV2View.as_view(), name="greet-v2"),
    path("api/v1/", include("users.urls")),
]
