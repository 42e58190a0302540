"""A secret that signs tokens or validates those that it has signed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

__all__ = ["JwtSecret"]


class JwtSecret(models.Model):
    """Kept encrypted; known to the outside by its kid, which is its fingerprint.

    Exactly one is the primary and signs. The others validate until their
    retention ends, which `users.retention` computes from the live settings.
    """

    kid = models.CharField(
        "fingerprint",
        max_length=16,
        unique=True,
        help_text="The first 8 bytes of the secret's SHA-256, in hex.",
    )
    # Never shown, not even encrypted.
    encrypted = models.TextField(editable=False)
    is_primary = models.BooleanField("primary", default=False)
    created_at = models.DateTimeField(default=timezone.now)
    # Since when it does not sign; of a primary, empty.
    retired_at = models.DateTimeField(null=True, blank=True)
    # An end that was asked for, earlier than that of the retention.
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "JWT secret"
        ordering = ["-is_primary", "-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_primary"],
                condition=models.Q(is_primary=True),
                name="users_jwtsecret_one_primary",
            ),
            models.CheckConstraint(
                condition=models.Q(is_primary=True, retired_at=None)
                | models.Q(is_primary=False, retired_at__isnull=False),
                name="users_jwtsecret_primary_or_retired",
            ),
        ]

    def __str__(self) -> str:
        return self.kid
