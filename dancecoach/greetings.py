"""Greetings, in two versions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

__all__ = ["GreetV1View", "GreetV2View", "greeting_v1", "greeting_v2"]

# Of a name that v2 greets, in characters.
NAME_MAX_LENGTH = 100


def greeting_v1(*, name: str) -> str:
    """Return the greeting for a name; the world is greeted where it is empty."""
    return f"Hello {name or 'world'}!"


def greeting_v2(*, name: str) -> str:
    """Return the friendly greeting for a name, which may be empty."""
    return f"Hello my friend {name}!" if name else "Hello my friend!"


class GreetV1View(APIView):
    """Greet a name, the signed-in caller, or the world."""

    permission_classes = [AllowAny]

    class InputSerializer(serializers.Serializer[None]):
        """The name, from the query or from the path."""

        name = serializers.CharField(required=False, allow_blank=True, default="")

    def get(self, request: Request, name: str | None = None) -> Response:
        """Answer with the greeting; a name in the path goes before the query's."""
        given = request.query_params if name is None else {"name": name}
        query = self.InputSerializer(data=given)
        query.is_valid(raise_exception=True)
        chosen = query.validated_data["name"] or request.user.get_username()
        return Response({"message": greeting_v1(name=chosen)})


class GreetV2View(APIView):
    """Greet a friend, where API_V2_ENABLED is on."""

    authentication_classes = []
    permission_classes = [AllowAny]

    class InputSerializer(serializers.Serializer[None]):
        """The name, from the body."""

        name = serializers.CharField(
            required=False, allow_blank=True, default="", max_length=NAME_MAX_LENGTH
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Hide every method while the flag is off, as it is at this request."""
        if not settings.API_V2_ENABLED:
            raise NotFound("v2 API is currently disabled")
        super().initial(request, *args, **kwargs)

    def post(self, request: Request) -> Response:
        """Answer with the greeting."""
        body = self.InputSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response({"message": greeting_v2(name=body.validated_data["name"])})
