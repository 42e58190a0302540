"""The System part of the API: is it alive, is it ready, what is it."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dancecoach import system_documentation as documentation
from dancecoach.answer_cache import answer_cached, answers_flush, cache_state
from dancecoach.errors import CacheDisabled
from dancecoach.live_settings import live
from dancecoach.readiness import readiness
from dancecoach.release import release, uptime_seconds

__all__ = [
    "CacheFlushView",
    "HealthView",
    "HealthzView",
    "InfoView",
    "ReadyView",
    "VersionView",
]

HEALTHY = "healthy"
# As long as git shows a commit.
COMMIT_LENGTH = 7
TEXT = "text/plain; charset=utf-8"


class OpenView(APIView):
    """A view for anyone; a token is not even looked at."""

    authentication_classes = []
    permission_classes = [AllowAny]


class HealthView(OpenView):
    """Tell that the process answers; touches nothing."""

    @documentation.HEALTH
    def get(self, _request: Request) -> Response:
        """Answer 200 for as long as the process lives."""
        return Response({"status": HEALTHY})


class HealthzView(OpenView):
    """Tell that the process answers, which version it is and how old."""

    @documentation.HEALTHZ
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

    @documentation.READY
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

    @documentation.VERSION
    def get(self, request: Request) -> HttpResponseBase:
        """Answer with the version as text, with all facts as lines or as JSON."""
        # As a plain dictionary: of a form, an empty field would not count.
        query = self.InputSerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        form = query.validated_data["format"]
        if form == "json":
            return Response(release().as_dict())
        text = release().as_lines() if form == "full" else release().version
        return HttpResponse(text, content_type=TEXT)


class InfoView(OpenView):
    """Tell what runs here, in short."""

    @documentation.INFO
    def get(self, _request: Request) -> Response:
        """Answer with facts, of which those about the build are kept.

        What another release has kept is not this one's answer.
        """
        facts = release()
        build, is_kept = answer_cached(
            topic="info",
            of=facts.as_lines(),
            make=lambda: {
                "version": facts.version,
                "commit_short": facts.commit[:COMMIT_LENGTH],
                "build_date": facts.build_date,
            },
        )
        return Response(
            {
                **build,
                "uptime_seconds": uptime_seconds(),
                "cache_enabled": live().cache_enabled,
                "healthz_status": HEALTHY,
                "python_version": facts.python_version,
            },
            headers=cache_state(is_kept=is_kept),
        )


class CacheFlushView(APIView):
    """Forget every kept answer."""

    permission_classes = [IsAdminUser]

    @documentation.CACHE_FLUSH
    def post(self, _request: Request) -> Response:
        """Answer with how many there were, in all processes."""
        if not live().cache_enabled:
            raise CacheDisabled
        return Response(
            {
                "flushed": True,
                "items_flushed": answers_flush(),
                "timestamp": timezone.now(),
            }
        )
