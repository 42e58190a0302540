"""What the API takes in and gives out about accounts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dancecoach.inputs import StrictSerializer, Text
from users.models import User

__all__ = [
    "LoginInput",
    "MagicLinkInput",
    "MagicLinkQuery",
    "PasswordChangeInput",
    "PasswordResetCompleteInput",
    "PasswordResetRequestInput",
    "ProfileInput",
    "RegisterInput",
    "ResetOutput",
    "TokenOutput",
    "UserOutput",
    "ValidateInput",
    "ValidateOutput",
]

# Long enough for any passphrase. Hashing costs more, the longer it is.
PASSWORD_MAX_LENGTH = 256
# Of any name, right or wrong, and of any address (RFC 5321, 4.5.3.1.3).
NAME_MAX_LENGTH = 254


class Password(Text):
    """A password as it is, with its spaces."""

    def __init__(self, **kwargs: Any) -> None:
        given = {"max_length": PASSWORD_MAX_LENGTH, **kwargs}
        super().__init__(trim_whitespace=False, **given)


@extend_schema_field(
    {
        "type": "string",
        "format": "password",
        "maxLength": PASSWORD_MAX_LENGTH,
        "pattern": "[^0-9]",
        "description": "Neither common nor like the name.",
    }
)
class NewPassword(Password):
    """A password that Django's validators will look at."""


@extend_schema_field(
    {
        "type": "string",
        "pattern": f"^[A-Za-z0-9]{{{User.USERNAME_MIN_LENGTH},"
        f"{User.USERNAME_MAX_LENGTH}}}$",
    }
)
class NewName(Text):
    """A name that the model will look at."""


class ProfileInput(StrictSerializer):
    """What users may change of their own account."""

    description = Text(
        required=False, allow_blank=True, max_length=User.DESCRIPTION_MAX_LENGTH
    )
    current_goal = Text(
        required=False, allow_blank=True, max_length=User.GOAL_MAX_LENGTH
    )


class RegisterInput(ProfileInput):
    """A new account; the rules of name and password are the service's to check."""

    username = NewName(trim_whitespace=False)
    password = NewPassword()


class LoginInput(StrictSerializer):
    """Name and password, of any form: what cannot be an account is just wrong."""

    username = Text(trim_whitespace=False)
    password = Text(trim_whitespace=False)


class ValidateInput(StrictSerializer):
    """A token, which may also come in the header."""

    token = Text(required=False, allow_blank=True)


class PasswordChangeInput(StrictSerializer):
    """The password as it is and as it is to be."""

    old_password = Password()
    new_password = NewPassword()


class PasswordResetRequestInput(StrictSerializer):
    """Whose password may be reset."""

    username = Text(trim_whitespace=False, max_length=NAME_MAX_LENGTH)


class PasswordResetCompleteInput(StrictSerializer):
    """Whose password is set, and to what."""

    username = Text(trim_whitespace=False, max_length=NAME_MAX_LENGTH)
    new_password = NewPassword()


class MagicLinkInput(StrictSerializer):
    """An address, of any form: it is not told whether a mail was sent."""

    email = Text(required=False, allow_blank=True, default="")


class MagicLinkQuery(serializers.Serializer[None]):
    """The token of a link."""

    token = serializers.CharField(help_text="From the link in the mail.")


class UserOutput(serializers.ModelSerializer[User]):
    """An account as its owner sees it, without secrets."""

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "description",
            "current_goal",
            "is_staff",
            "last_login",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class TokenOutput(serializers.Serializer[None]):
    """A token that opens the API."""

    token = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField(help_text="In seconds.")


class ValidateOutput(serializers.Serializer[None]):
    """Whose token it is, and until when."""

    valid = serializers.BooleanField()
    user_id = serializers.IntegerField()
    expires_at = serializers.DateTimeField()


class ResetOutput(serializers.ModelSerializer[User]):
    """Who may reset the password, and until when."""

    class Meta:
        model = User
        fields = ["username", "allow_password_reset", "password_reset_until"]
        read_only_fields = fields
