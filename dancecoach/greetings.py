"""Greetings, in two versions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dancecoach.answer_cache import answer_cached, cache_state
from dancecoach.client_address import client_address
from dancecoach.live_settings import live
from dancecoach.rate_limit import bucket_take
from dancecoach.system_documentation import (
    GREET_V1,
    GREET_V1_NAME,
    GREET_V2,
    FriendInput,
)

__all__ = [
    "GreetV1NameView",
    "GreetV1View",
    "GreetV2View",
    "greeting_v1",
    "greeting_v2",
]

# Of an answer that is one caller's own: never kept, here or on the way.
PRIVATE = {**cache_state(is_kept=False), "Cache-Control": "private, no-store"}


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

    @GREET_V1
    def get(self, request: Request) -> Response:
        """Answer with the greeting of the query's name."""
        return self.greet(request, request.query_params)

    def greet(self, request: Request, given: Mapping[str, str]) -> Response:
        """Answer with the greeting, if the client's bucket has a token."""
        self._take_token(request)
        query = self.InputSerializer(data=given)
        query.is_valid(raise_exception=True)
        name = query.validated_data["name"]
        own_name = request.user.get_username()
        if own_name and not name:
            return Response({"message": greeting_v1(name=own_name)}, headers=PRIVATE)
        message, is_kept = answer_cached(
            topic="greet-v1", of=name, make=partial(greeting_v1, name=name)
        )
        return Response({"message": message}, headers=cache_state(is_kept=is_kept))

    def _take_token(self, request: Request) -> None:
        now = live()
        if now.rate_limit_enabled:
            bucket_take(
                address=client_address(request),
                per_minute=now.rate_limit_per_minute,
                burst=now.rate_limit_burst,
            )


class GreetV1NameView(GreetV1View):
    """Greet the name in the path."""

    @GREET_V1_NAME
    def get(self, request: Request, name: str) -> Response:
        """Answer with the greeting of the path's name, whatever the query says."""
        return self.greet(request, {"name": name})


class GreetV2View(APIView):
    """Greet a friend, where API_V2_ENABLED is on."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Hide every method while the flag is off, as it is at this request."""
        if not live().api_v2_enabled:
            raise NotFound("v2 API is currently disabled")
        super().initial(request, *args, **kwargs)

    @GREET_V2
    def post(self, request: Request) -> Response:
        """Answer with the greeting."""
        body = FriendInput(data=request.data)
        body.is_valid(raise_exception=True)
        return Response({"message": greeting_v2(name=body.validated_data["name"])})
