"""The Accounts part of the API: signing up and in, tokens, profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.debug import sensitive_variables
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from dancecoach.client_address import client_address
from users import documentation
from users.authentication import bearer_token, caller
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
from users.tokens import IssuedToken, token_decode, token_user

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["LoginView", "MeView", "RegisterView", "ValidateView", "token_response"]


class RegisterView(APIView):
    """Open an account; anyone may."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @documentation.REGISTER
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

    @documentation.LOGIN
    @sensitive_variables("body")
    def post(self, request: Request) -> Response:
        """Answer with a token, or 401 whatever the reason."""
        body = LoginInput(data=request.data)
        body.is_valid(raise_exception=True)
        _, token = user_login(**body.validated_data, address=client_address(request))
        return token_response(token)


class ValidateView(APIView):
    """Check a token: the body's or, where that has none, the header's."""

    # The header is what is asked about here, not who asks.
    authentication_classes = []
    permission_classes = [AllowAny]

    @documentation.VALIDATE
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

    @documentation.ME_READ
    def get(self, request: Request) -> Response:
        """Answer with the profile."""
        return Response(UserOutput(caller(request)).data)

    @documentation.ME_CHANGE
    def patch(self, request: Request) -> Response:
        """Change description and dance goal; answer with the new profile."""
        body = ProfileInput(data=request.data)
        body.is_valid(raise_exception=True)
        user = user_update_profile(user=caller(request), **body.validated_data)
        return Response(UserOutput(user).data)

    @documentation.ME_DELETE
    def delete(self, request: Request) -> Response:
        """Close the account."""
        user_soft_delete(user=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def token_response(token: IssuedToken) -> Response:
    """Answer with a new token, which nothing on the way may keep."""
    return Response(
        {
            "token": token.text,
            "token_type": "Bearer",
            "expires_in": token.expires_in,
        },
        headers={"Cache-Control": "no-store"},
    )
