"""The part of the OpenAPI schema on the system and on greetings."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from dancecoach.documentation import (
    Success,
    failure,
    limited,
    operation,
    query,
    refused,
)
from dancecoach.errors import CacheDisabled
from dancecoach.inputs import StrictSerializer, Text

__all__ = [
    "CACHE_FLUSH",
    "GREET_V1",
    "GREET_V1_NAME",
    "GREET_V2",
    "HEALTH",
    "HEALTHZ",
    "INFO",
    "READY",
    "VERSION",
    "FriendInput",
]

SYSTEM, GREETINGS = "System", "Greetings"
MOMENT = "2026-05-01T12:00:00Z"
RELEASE = {
    "version": "0.1.0",
    "commit": "abc1234",
    "build_date": "2026-05-01",
    "python_version": "3.11.9",
    "django_version": "5.2.19",
}
CHECK = {"ok": True, "latency_ms": 0.5}
READY_ANSWER = {
    "ready": True,
    "checks": {
        "database": {**CHECK, "schema": "public"},
        "cache": CHECK,
        "migrations": {"ok": True, "unapplied": 0},
    },
}
FAILED = {"ok": False, "error": "The database check failed. See the log."}
# Of a name that v2 greets, in characters.
NAME_MAX_LENGTH = 100


class FriendInput(StrictSerializer):
    """The name of a friend, which may be left out."""

    name = Text(
        required=False, allow_blank=True, default="", max_length=NAME_MAX_LENGTH
    )


class Message(serializers.Serializer[None]):
    """A greeting."""

    message = serializers.CharField()


class Readiness(serializers.Serializer[None]):
    """Whether requests can be served here now, and what each check says."""

    ready = serializers.BooleanField()
    checks = serializers.DictField(child=serializers.JSONField())


KEPT = {"X-Cache": "`HIT` where the answer was kept for up to a minute, else `MISS`."}

HEALTH = operation(
    name="health",
    tag=SYSTEM,
    summary="Is the process alive? Touches nothing",
    successes=[
        Success(
            body=inline_serializer("Health", {"status": serializers.CharField()}),
            example={"status": "healthy"},
        )
    ],
)
HEALTHZ = operation(
    name="healthz",
    tag=SYSTEM,
    summary="Is the process alive, which version is it and how old?",
    successes=[
        Success(
            body=inline_serializer(
                "Healthz",
                {
                    "status": serializers.CharField(),
                    "version": serializers.CharField(),
                    "uptime_seconds": serializers.FloatField(),
                    "timestamp": serializers.DateTimeField(),
                },
            ),
            example={
                "status": "healthy",
                "version": "0.1.0",
                "uptime_seconds": 12.5,
                "timestamp": MOMENT,
            },
        )
    ],
)
READY = operation(
    name="ready",
    tag=SYSTEM,
    summary="Can requests be served here now?",
    successes=[
        Success(body=Readiness, example=READY_ANSWER),
        Success(
            status=503,
            body=Readiness,
            example={
                "ready": False,
                "checks": {**READY_ANSWER["checks"], "database": FAILED},  # type: ignore[dict-item]
            },
            description="Not now; a check failed.",
        ),
    ],
)
VERSION = operation(
    name="version",
    tag=SYSTEM,
    summary="Which version runs?",
    parameters=[
        query(
            "format",
            "`plain` and `short` give the version as text, `full` all facts as lines, "
            "`json` the same as an object.",
            enum=["plain", "short", "full", "json"],
            default="plain",
        )
    ],
    successes=[
        Success(body=OpenApiTypes.STR, example="0.1.0", media_type="text/plain"),
        Success(
            body=inline_serializer(
                "Version", {name: serializers.CharField() for name in RELEASE}
            ),
            example=RELEASE,
        ),
    ],
    failures=[refused("format")],
)
INFO = operation(
    name="info",
    tag=SYSTEM,
    summary="What runs here, in short",
    successes=[
        Success(
            body=inline_serializer(
                "Info",
                {
                    "version": serializers.CharField(),
                    "commit_short": serializers.CharField(),
                    "build_date": serializers.CharField(),
                    "uptime_seconds": serializers.FloatField(),
                    "cache_enabled": serializers.BooleanField(),
                    "healthz_status": serializers.CharField(),
                    "python_version": serializers.CharField(),
                },
            ),
            example={
                "version": "0.1.0",
                "commit_short": "abc1234",
                "build_date": "2026-05-01",
                "uptime_seconds": 12.5,
                "cache_enabled": True,
                "healthz_status": "healthy",
                "python_version": "3.11.9",
            },
            headers=KEPT,
        )
    ],
)
CACHE_FLUSH = operation(
    name="cache_flush",
    tag=SYSTEM,
    summary="Forget every kept answer (administrators)",
    successes=[
        Success(
            body=inline_serializer(
                "Flushed",
                {
                    "flushed": serializers.BooleanField(),
                    "items_flushed": serializers.IntegerField(),
                    "timestamp": serializers.DateTimeField(),
                },
            ),
            example={"flushed": True, "items_flushed": 3, "timestamp": MOMENT},
        )
    ],
    failures=[
        failure(401),
        failure(403),
        failure(503, CacheDisabled.default_code, str(CacheDisabled.default_detail)),
    ],
)
GREETED = Success(body=Message, example={"message": "Hello Ann!"}, headers=KEPT)
GREET_V1 = operation(
    name="greet_v1",
    tag=GREETINGS,
    summary="Greet a name, the signed-in caller, or the world",
    parameters=[query("name", "Whom to greet.", required=False)],
    successes=[GREETED],
    failures=[refused("name"), failure(401), limited()],
)
GREET_V1_NAME = operation(
    name="greet_v1_name",
    tag=GREETINGS,
    summary="Greet a name",
    parameters=[
        OpenApiParameter(
            "name",
            OpenApiTypes.STR,
            OpenApiParameter.PATH,
            description="Whom to greet.",
        )
    ],
    successes=[GREETED],
    failures=[refused("name"), failure(401), limited()],
)
GREET_V2 = operation(
    name="greet_v2",
    tag=GREETINGS,
    summary="Greet a friend, while API_V2_ENABLED is on",
    request=FriendInput,
    example={"name": "Ann"},
    successes=[Success(body=Message, example={"message": "Hello my friend Ann!"})],
    failures=[
        refused("name"),
        failure(404, message="v2 API is currently disabled"),
    ],
)
