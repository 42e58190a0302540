"""The Accounts part of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.views.decorators.debug import sensitive_variables
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from users.authentication import bearer_token
from users.errors import InvalidToken
from users.serializers import (
    LoginInput,
    ProfileInput,
    RegisterInput,
    UserOutput,
    ValidateInput,
)
from users.services import (
    user_login,
    user_register,
    user_soft_delete,
    user_update_profile,
)
from users.tokens import token_decode, token_user

if TYPE_CHECKING:
    from rest_framework.request import Request

    from users.models import User

__all__ = ["LoginView", "MeView", "RegisterView", "ValidateView"]


class RegisterView(APIView):
    """Open an account; anyone may."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @sensitive_variables("body")
    def post(self, request: Request) -> Response:
        """Answer 201 with the new user, 400 for a broken rule, 409 for a taken name."""
        body = RegisterInput(data=request.data)
        body.is_valid(raise_exception=True)
        user = user_register(**body.validated_data)
        return Response(UserOutput(user).data, status=status.HTTP_201_CREATED)


class LoginView(APIView):
    """Sign in with name and password."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @sensitive_variables("body")
    def post(self, request: Request) -> Response:
        """Answer with a token, or 401 whatever the reason."""
        body = LoginInput(data=request.data)
        body.is_valid(raise_exception=True)
        _, token = user_login(**body.validated_data)
        return Response(
            {
                "token": token.text,
                "token_type": "Bearer",
                "expires_in": token.expires_in,
            }
        )


class ValidateView(APIView):
    """Check a token: the body's or, where that has none, the header's."""

    # The header is what is asked about here, not who asks.
    authentication_classes = []
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        """Answer 200 for a token that opens the API now, else 401."""
        body = ValidateInput(data=request.data)
        body.is_valid(raise_exception=True)
        text = body.validated_data.get("token") or bearer_token(request)
        if not text:
            raise InvalidToken("There is no token. Send one in the header or body.")
        claims = token_decode(text=text)
        user = token_user(claims=claims)
        return Response(
            {"valid": True, "user_id": user.pk, "expires_at": claims.expires_at}
        )


class MeView(APIView):
    """The caller's own account."""

    def get(self, request: Request) -> Response:
        """Answer with the profile."""
        return Response(UserOutput(_caller(request)).data)

    def patch(self, request: Request) -> Response:
        """Change description and dance goal; answer with the new profile."""
        body = ProfileInput(data=request.data)
        body.is_valid(raise_exception=True)
        user = user_update_profile(user=_caller(request), **body.validated_data)
        return Response(UserOutput(user).data)

    def delete(self, request: Request) -> Response:
        """Close the account."""
        user_soft_delete(user=_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _caller(request: Request) -> User:
    """Return the caller, whom IsAuthenticated has let in."""
    return cast("User", request.user)
