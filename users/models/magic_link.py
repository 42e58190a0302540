"""A link by mail that signs its reader in, once."""

from __future__ import annotations

from django.conf import settings
from django.db import models

__all__ = ["MagicLink"]


class MagicLink(models.Model):
    """What is left of a link that was sent: the hash of its token, not the token."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField("e-mail address")
    created_at = models.DateTimeField("sent at")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="magic_links",
        verbose_name="signed in",
    )

    class Meta:
        verbose_name = "magic link"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Magic link {self.pk}"
