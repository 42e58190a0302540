"""The System part of the API: is it alive, is it ready, what is it."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dancecoach.readiness import readiness
from dancecoach.release import release, uptime_seconds

__all__ = ["HealthView", "HealthzView", "ReadyView", "VersionView"]

HEALTHY = "healthy"
TEXT = "text/plain; charset=utf-8"


class OpenView(APIView):
    """A view for anyone; a token is not even looked at."""

    authentication_classes = []
    permission_classes = [AllowAny]


class HealthView(OpenView):
    """Tell that the process answers; touches nothing."""

    def get(self, _request: Request) -> Response:
        """Answer 200 for as long as the process lives."""
        return Response({"status": HEALTHY})


class HealthzView(OpenView):
    """Tell that the process answers, which version it is and how old."""

    def get(self, _request: Request) -> Response:
        """Answer 200 for as long as the process lives."""
        return Response(
            {
                "status": HEALTHY,
                "version": release().version,
                "uptime_seconds": uptime_seconds(),
                "timestamp": timezone.now(),
            }
        )


class ReadyView(OpenView):
    """Tell a load balancer whether requests can be served here now."""

    def get(self, _request: Request) -> Response:
        """Answer 200 when every check passes, else 503 with those that failed."""
        is_ready, checks = readiness()
        return Response(
            {"ready": is_ready, "checks": checks},
            status=status.HTTP_200_OK
            if is_ready
            else status.HTTP_503_SERVICE_UNAVAILABLE,
        )


class VersionView(OpenView):
    """Tell what is running, to people and to programs."""

    class InputSerializer(serializers.Serializer[None]):
        """The query of `/api/version`."""

        format = serializers.ChoiceField(
            choices=["plain", "short", "full", "json"], default="plain"
        )

    def get(self, request: Request) -> HttpResponseBase:
        """Answer with the version as text, with all facts as lines or as JSON."""
        query = self.InputSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        form = query.validated_data["format"]
        if form == "json":
            return Response(release().as_dict())
        text = release().as_lines() if form == "full" else release().version
        return HttpResponse(text, content_type=TEXT)
