"""The Accounts part of the OpenAPI schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from dancecoach.documentation import (
    Success,
    failure,
    limited,
    operation,
    query,
    refused,
)
from users.errors import (
    InvalidCredentials,
    InvalidToken,
    ResetNotAllowed,
    UserExists,
    UserNotFound,
)
from users.serializers import (
    LoginInput,
    MagicLinkInput,
    PasswordChangeInput,
    PasswordResetCompleteInput,
    PasswordResetRequestInput,
    ProfileInput,
    RegisterInput,
    ResetOutput,
    TokenOutput,
    UserOutput,
    ValidateInput,
    ValidateOutput,
)

__all__ = ["BearerScheme", "failure_of"]

ACCOUNTS = "Accounts"
NAME, PASSWORD = "Dancer", "correct horse 9"
MOMENT = "2026-05-01T12:00:00Z"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"  # noqa: S105 - an example
USER = {
    "id": 7,
    "username": NAME,
    "description": "I love the tango",
    "current_goal": "A clean ocho",
    "is_staff": False,
    "last_login": None,
    "created_at": MOMENT,
    "updated_at": MOMENT,
}
PROFILE = {"description": "I love the tango", "current_goal": "A clean ocho"}
TOKEN_ANSWER = {"token": TOKEN, "token_type": "Bearer", "expires_in": 86400}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # Theirs.
    """How the schema says ``Authorization: Bearer <JWT>``."""

    target_class = "users.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def failure_of(error: type[Any]) -> tuple[int, str, str]:
    """Return the answer that an ApiError gives."""
    return failure(error.status_code, error.default_code, error.default_detail)


REGISTER = operation(
    name="register",
    tag=ACCOUNTS,
    summary="Open an account",
    request=RegisterInput,
    example={"username": NAME, "password": PASSWORD, **PROFILE},
    successes=[Success(status=201, body=UserOutput, example=USER)],
    failures=[refused("username"), failure_of(UserExists)],
)
LOGIN = operation(
    name="login",
    tag=ACCOUNTS,
    summary="Sign in with name and password",
    request=LoginInput,
    example={"username": NAME, "password": PASSWORD},
    successes=[Success(body=TokenOutput, example=TOKEN_ANSWER)],
    failures=[refused("username"), failure_of(InvalidCredentials), limited()],
)
VALIDATE = operation(
    name="validate",
    tag=ACCOUNTS,
    summary="Ask whether a token is valid: the body's, else the header's",
    request=ValidateInput,
    example={"token": TOKEN},
    successes=[
        Success(
            body=ValidateOutput,
            example={"valid": True, "user_id": 7, "expires_at": MOMENT},
        )
    ],
    failures=[refused("token"), failure_of(InvalidToken)],
)
ME_READ = operation(
    name="me_read",
    tag=ACCOUNTS,
    summary="Read the own profile",
    successes=[Success(body=UserOutput, example=USER)],
    failures=[failure(401)],
)
ME_CHANGE = operation(
    name="me_change",
    tag=ACCOUNTS,
    summary="Change the own profile",
    request=ProfileInput,
    example=PROFILE,
    successes=[Success(body=UserOutput, example=USER)],
    failures=[refused("description"), failure(401)],
)
ME_DELETE = operation(
    name="me_delete",
    tag=ACCOUNTS,
    summary="Close the own account; its name stays taken",
    successes=[Success(status=204, description="Closed.")],
    failures=[failure(401)],
)
PASSWORD_CHANGE = operation(
    name="password_change",
    tag=ACCOUNTS,
    summary="Change the own password; tokens issued before stop working",
    request=PasswordChangeInput,
    example={"old_password": PASSWORD, "new_password": "battery staple 7"},
    successes=[Success(status=204, description="Changed.")],
    failures=[refused("old_password"), failure(401), limited()],
)
RESET_REQUEST = operation(
    name="password_reset_request",
    tag=ACCOUNTS,
    summary="Let a user set a new password within the hour (administrators)",
    request=PasswordResetRequestInput,
    example={"username": NAME},
    successes=[
        Success(
            body=ResetOutput,
            example={
                "username": NAME,
                "allow_password_reset": True,
                "password_reset_until": MOMENT,
            },
        )
    ],
    failures=[
        refused("username"),
        failure(401),
        failure(403),
        failure_of(UserNotFound),
    ],
)
RESET_COMPLETE = operation(
    name="password_reset_complete",
    tag=ACCOUNTS,
    summary="Set a new password, where an administrator allowed it",
    request=PasswordResetCompleteInput,
    example={"username": NAME, "new_password": "battery staple 7"},
    successes=[
        Success(
            body=inline_serializer("ResetDone", {"reset": serializers.BooleanField()}),
            example={"reset": True},
        )
    ],
    failures=[refused("new_password"), failure_of(ResetNotAllowed), limited()],
)
MAGIC_LINK_REQUEST = operation(
    name="magic_link_request",
    tag=ACCOUNTS,
    summary="Ask for a link by mail; the answer is the same for every address",
    request=MagicLinkInput,
    example={"email": "dancer@example.org"},
    successes=[
        Success(
            body=inline_serializer(
                "MagicLinkSent", {"message": serializers.CharField()}
            ),
            example={
                "message": "If the address can receive mail, a link to sign in is on "
                "its way."
            },
        )
    ],
    failures=[refused("email")],
)
MAGIC_LINK_CONSUME = operation(
    name="magic_link_consume",
    tag=ACCOUNTS,
    summary="Sign in by a link, once; an unknown address is signed up",
    parameters=[
        query(
            "token",
            "From the link in the mail.",
            required=True,
            type={"type": "string", "minLength": 1},
        )
    ],
    successes=[Success(body=TokenOutput, example=TOKEN_ANSWER)],
    failures=[refused("token"), failure_of(InvalidToken)],
)
