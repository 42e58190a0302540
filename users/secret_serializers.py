"""What the API takes in and gives out about the secrets of tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dancecoach.inputs import StrictSerializer, Text
from users.models import JwtSecret
from users.retention import expires_at, is_expired
from users.rotation import SECRET_MIN_BYTES

__all__ = ["RotateInput", "SecretInput", "SecretListOutput", "SecretOutput"]

SECRET_MAX_LENGTH = 512
# In seconds: ten years, more than any retention.
EXPIRES_IN_MAX = 10 * 365 * 24 * 60 * 60


@extend_schema_field(
    {
        "type": "string",
        "pattern": f"^.{{{SECRET_MIN_BYTES},}}$",
        "maxLength": SECRET_MAX_LENGTH,
        "description": "32 bytes or more. Left out, it is generated.",
    }
)
class SecretText(Text):
    """A secret of 32 bytes or more, in UTF-8."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=SECRET_MAX_LENGTH, **kwargs)

    def to_internal_value(self, data: object) -> str:
        """Return the text, if it is long enough."""
        text = super().to_internal_value(data)
        if len(text.encode()) < SECRET_MIN_BYTES:
            raise serializers.ValidationError(
                f"This secret is too weak. Use {SECRET_MIN_BYTES} bytes or more."
            )
        return text


class WholeNumber(serializers.IntegerField):
    """A number and nothing else: REST framework would make one of text."""

    def to_internal_value(self, data: object) -> int:
        """Return the number."""
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Truth(serializers.BooleanField):
    """true or false and nothing else: REST framework would take "on" and 1."""

    def to_internal_value(self, data: object) -> bool:
        """Return which of both."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class SecretInput(StrictSerializer):
    """A secret to add."""

    secret = SecretText(
        required=False, help_text="32 bytes or more. Left out, it is generated."
    )
    is_primary = Truth(required=False, help_text="Whether it signs from now on.")
    expires_in = WholeNumber(
        required=False,
        min_value=1,
        max_value=EXPIRES_IN_MAX,
        help_text="In seconds; the end of the retention, if that is earlier.",
    )


class RotateInput(StrictSerializer):
    """The secret that signs from now on."""

    new_secret = SecretText(
        required=False, help_text="32 bytes or more. Left out, it is generated."
    )


class SecretOutput(serializers.ModelSerializer[JwtSecret]):
    """What may be known of a secret, which is not the secret."""

    expires_at = serializers.SerializerMethodField()
    age_seconds = serializers.SerializerMethodField()
    is_expired = serializers.SerializerMethodField()
    fingerprint = serializers.CharField(
        source="kid",
        read_only=True,
        help_text="The first 8 bytes of the secret's SHA-256, in hex.",
    )

    class Meta:
        model = JwtSecret
        fields = [
            "kid",
            "is_primary",
            "created_at",
            "expires_at",
            "age_seconds",
            "is_expired",
            "fingerprint",
        ]
        read_only_fields = fields

    def get_expires_at(self, secret: JwtSecret) -> datetime | None:
        """Return when it stops validating; the primary does not."""
        return expires_at(secret)

    def get_age_seconds(self, secret: JwtSecret) -> int:
        """Return how old it is, in whole seconds."""
        return int((timezone.now() - secret.created_at).total_seconds())

    def get_is_expired(self, secret: JwtSecret) -> bool:
        """Tell whether it has stopped validating."""
        return is_expired(secret, now=timezone.now())


class SecretListOutput(serializers.Serializer[None]):
    """All secrets that there are."""

    count = serializers.IntegerField()
    secrets = SecretOutput(many=True)
