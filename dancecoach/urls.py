"""Every path of the service."""

from django.contrib import admin
from django.urls import include, path

from dancecoach.greetings import GreetV1View, GreetV2View
from dancecoach.system import HealthView, HealthzView, ReadyView, VersionView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/health", HealthView.as_view(), name="health"),
    path("api/healthz", HealthzView.as_view(), name="healthz"),
    path("api/ready", ReadyView.as_view(), name="ready"),
    path("api/version", VersionView.as_view(), name="version"),
    path("api/v1/greet", GreetV1View.as_view(), name="greet-v1"),
    path("api/v1/greet/<str:name>", GreetV1View.as_view(), name="greet-v1-name"),
    path("api/v2/greet", GreetV2View.as_view(), name="greet-v2"),
    path("api/v1/", include("users.urls")),
]
