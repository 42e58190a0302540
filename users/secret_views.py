"""The secrets of tokens, for administrators."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.views.decorators.debug import sensitive_variables
from rest_framework import status
from rest_framework.permissions import IsAdminUser
from rest_framework.response import Response
from rest_framework.views import APIView

from users import secret_documentation as documentation
from users.models import JwtSecret
from users.rotation import secret_add, secret_rotate, secrets_purge
from users.secret_serializers import RotateInput, SecretInput, SecretOutput

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["RotateView", "SecretsView"]


class SecretsView(APIView):
    """All secrets, by their fingerprints."""

    permission_classes = [IsAdminUser]

    @documentation.SECRETS_LIST
    def get(self, _request: Request) -> Response:
        """Remove what validates no more, and list the rest."""
        secrets_purge()
        secrets = SecretOutput(JwtSecret.objects.all(), many=True).data
        return Response({"count": len(secrets), "secrets": secrets})

    @documentation.SECRETS_ADD
    @sensitive_variables("body", "given")
    def post(self, request: Request) -> Response:
        """Add one; a primary signs from now on."""
        body = SecretInput(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        if "expires_in" in given:
            given["expires_in"] = timedelta(seconds=given["expires_in"])
        secret = secret_add(**given)
        return Response(SecretOutput(secret).data, status=status.HTTP_201_CREATED)


class RotateView(APIView):
    """The change from one primary to the next."""

    permission_classes = [IsAdminUser]

    @documentation.SECRETS_ROTATE
    @sensitive_variables("body")
    def post(self, request: Request) -> Response:
        """Let a new secret sign; the old ones validate until their retention ends."""
        body = RotateInput(data=request.data)
        body.is_valid(raise_exception=True)
        secret = secret_rotate(secret=body.validated_data.get("new_secret"))
        return Response(SecretOutput(secret).data)
