"""Magic links: asked for by mail address, consumed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from dancecoach.client_address import client_address
from users import documentation
from users.magic_links import magic_link_consume, magic_link_request
from users.serializers import MagicLinkInput, MagicLinkQuery
from users.views import token_response

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["MagicLinkConsumeView", "MagicLinkRequestView"]

SENT = "If the address can receive mail, a link to sign in is on its way."


class MagicLinkRequestView(APIView):
    """A link by mail, for whoever reads it."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @documentation.MAGIC_LINK_REQUEST
    def post(self, request: Request) -> Response:
        """Answer the same for every address."""
        body = MagicLinkInput(data=request.data)
        body.is_valid(raise_exception=True)
        magic_link_request(
            email=body.validated_data["email"],
            address=client_address(request),
            consume_url=_public(request, reverse("magic-link-consume")),
        )
        return Response({"message": SENT})


class MagicLinkConsumeView(APIView):
    """What a link leads to."""

    authentication_classes = []
    permission_classes = [AllowAny]
    # Not HEAD, by which mail programs look whether a link is good: it would be
    # used up.
    http_method_names = ["get", "options"]

    @documentation.MAGIC_LINK_CONSUME
    def get(self, request: Request) -> Response:
        """Answer with a token, once."""
        query = MagicLinkQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        _, token = magic_link_consume(token=query.validated_data["token"])
        return token_response(token)


def _public(request: Request, path: str) -> str:
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL}{path}"
    return request.build_absolute_uri(path)
