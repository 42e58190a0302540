"""What the API takes in and gives out about accounts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from users.models import User

__all__ = [
    "LoginInput",
    "ProfileInput",
    "RegisterInput",
    "StrictSerializer",
    "UserOutput",
    "ValidateInput",
]

# Long enough for any passphrase. Hashing costs more, the longer it is.
PASSWORD_MAX_LENGTH = 256


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, by name.

    A client that sends ``is_staff`` is told so, and does not go on believing
    that it was taken.
    """

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated fields."""
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                text = "This field cannot be set here. Leave it out."
                raise serializers.ValidationError({name: [text] for name in unknown})
        return super().to_internal_value(data)


class ProfileInput(StrictSerializer):
    """What users may change of their own account."""

    description = serializers.CharField(
        required=False, allow_blank=True, max_length=User.DESCRIPTION_MAX_LENGTH
    )
    current_goal = serializers.CharField(
        required=False, allow_blank=True, max_length=User.GOAL_MAX_LENGTH
    )


class RegisterInput(ProfileInput):
    """A new account; the rules of name and password are the service's to check."""

    username = serializers.CharField(trim_whitespace=False)
    password = serializers.CharField(
        trim_whitespace=False, max_length=PASSWORD_MAX_LENGTH
    )


class LoginInput(serializers.Serializer[None]):
    """Name and password, of any form: what cannot be an account is just wrong."""

    username = serializers.CharField(trim_whitespace=False)
    password = serializers.CharField(trim_whitespace=False)


class ValidateInput(serializers.Serializer[None]):
    """A token, which may also come in the header."""

    token = serializers.CharField(required=False, allow_blank=True)


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
