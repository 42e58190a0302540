"""How the API knows its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from dancecoach.errors import CHALLENGE
from users.errors import InvalidToken
from users.tokens import Claims, token_decode, token_user

if TYPE_CHECKING:
    from rest_framework.request import Request

    from users.models import User

__all__ = ["BearerAuthentication", "bearer_token", "caller"]

SCHEME = "bearer"


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <JWT>``; ``request.auth`` is then its claims."""

    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        """Return the caller, or None for a request without a token.

        Raises:
            AuthenticationFailed: there is a token, and it is not valid. The
                caller wanted to be somebody, so nobody is no answer.

        """
        text = bearer_token(request)
        if text is None:
            return None
        try:
            claims = token_decode(text=text)
            return token_user(claims=claims), claims
        except InvalidToken as error:
            raise AuthenticationFailed(error.detail) from error

    def authenticate_header(self, _request: Request) -> str:
        """Return what makes the answer a 401 and not a 403."""
        return CHALLENGE


def bearer_token(request: Request) -> str | None:
    """Return the token of the Authorization header, None when it holds no token.

    It is not checked. Of a header with the scheme alone, it is empty.
    """
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == SCHEME else None


def caller(request: Request) -> User:
    """Return the caller of a view that only lets users in."""
    return cast("User", request.user)
