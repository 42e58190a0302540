"""The secrets of tokens in the admin panel: what may be known of them, and no more."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from users.models import JwtSecret
from users.retention import expires_at, is_expired
from users.rotation import secret_rotate, secrets_expire, secrets_purge
from users.signing import primary_secret

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[JwtSecret]
else:
    # Django's class is generic to the type checker alone.
    BaseAdmin = admin.ModelAdmin

__all__ = ["JwtSecretAdmin"]


@admin.register(JwtSecret)
class JwtSecretAdmin(BaseAdmin):
    """Fingerprints and dates; secrets come and go by actions alone."""

    list_display = ("kid", "is_primary", "validates", "created_at", "validates_until")
    list_filter = ("is_primary", "created_at")
    search_fields = ("kid",)
    search_help_text = "Fingerprint."
    fields = (
        "kid",
        "is_primary",
        "validates",
        "created_at",
        "retired_at",
        "validates_until",
    )
    readonly_fields = fields
    actions = ("rotate", "expire")
    actions_on_bottom = False

    @admin.display(boolean=True)
    def validates(self, secret: JwtSecret) -> bool:
        """Tell whether tokens that it has signed are good."""
        return not is_expired(secret, now=timezone.now())

    @admin.display(empty_value="no end")
    def validates_until(self, secret: JwtSecret) -> datetime | None:
        """Return when they stop being so."""
        return expires_at(secret)

    @admin.action(
        permissions=["rotate"],
        description="Rotate: let a new secret sign, whichever are selected",
    )
    def rotate(self, request: HttpRequest, _queryset: QuerySet[JwtSecret]) -> None:
        """Let a new secret sign."""
        secret = secret_rotate()
        self.log_addition(request, secret, "Rotated.")
        self.message_user(request, f"{secret.kid} signs from now on.", messages.SUCCESS)

    @admin.action(
        permissions=["rotate"], description="Expire selected secrets, but the primary"
    )
    def expire(self, request: HttpRequest, queryset: QuerySet[JwtSecret]) -> None:
        """Let the selected secrets validate no more."""
        for secret in queryset.filter(is_primary=False):
            self.log_change(request, secret, "Expired.")
        count = secrets_expire(chosen=queryset)
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, f"Secrets expired: {count}.", level)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show those that validate: the primary at least, which is made if need be."""
        if request.method == "GET" and self.has_view_permission(request):
            primary_secret()
            secrets_purge()
        return super().changelist_view(request, extra_context)

    def has_rotate_permission(self, request: HttpRequest) -> bool:
        """Tell whether the caller may let secrets come and go."""
        return request.user.has_perm("users.change_jwtsecret")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: a secret is not typed in here."""
        return False

    def has_change_permission(
        self, _request: HttpRequest, _obj: JwtSecret | None = None
    ) -> bool:
        """Refuse: nothing of it can be edited."""
        return False

    def has_delete_permission(
        self, _request: HttpRequest, _obj: JwtSecret | None = None
    ) -> bool:
        """Refuse: it is expired, and then removed."""
        return False
