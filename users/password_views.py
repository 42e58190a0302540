"""Passwords: changed by their owner, or reset with an administrator's leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.debug import sensitive_variables
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.response import Response
from rest_framework.views import APIView

from dancecoach.client_address import client_address
from users import documentation
from users.authentication import caller
from users.passwords import (
    password_change,
    password_reset_allow,
    password_reset_complete,
)
from users.serializers import (
    PasswordChangeInput,
    PasswordResetCompleteInput,
    PasswordResetRequestInput,
    ResetOutput,
)

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["PasswordChangeView", "ResetCompleteView", "ResetRequestView"]


class PasswordChangeView(APIView):
    """The caller's own password."""

    @documentation.PASSWORD_CHANGE
    @sensitive_variables("body")
    def post(self, request: Request) -> Response:
        """Change it; every token issued before, this one too, is then worth nothing."""
        body = PasswordChangeInput(data=request.data)
        body.is_valid(raise_exception=True)
        password_change(
            user=caller(request),
            address=client_address(request),
            **body.validated_data,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResetRequestView(APIView):
    """An administrator's leave to set a password without the old one."""

    permission_classes = [IsAdminUser]

    @documentation.RESET_REQUEST
    def post(self, request: Request) -> Response:
        """Give it for an hour."""
        body = PasswordResetRequestInput(data=request.data)
        body.is_valid(raise_exception=True)
        user = password_reset_allow(**body.validated_data, by=caller(request))
        return Response(ResetOutput(user).data)


class ResetCompleteView(APIView):
    """A password that is set without the old one."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @documentation.RESET_COMPLETE
    @sensitive_variables("body")
    def post(self, request: Request) -> Response:
        """Set it, where an administrator gave leave."""
        body = PasswordResetCompleteInput(data=request.data)
        body.is_valid(raise_exception=True)
        password_reset_complete(**body.validated_data, address=client_address(request))
        return Response({"reset": True})
