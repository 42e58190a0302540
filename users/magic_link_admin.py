"""Magic links in the admin panel, to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from users.models import MagicLink

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[MagicLink]
else:
    # Django's class is generic to the type checker alone.
    BaseAdmin = admin.ModelAdmin

__all__ = ["MagicLinkAdmin"]


@admin.register(MagicLink)
class MagicLinkAdmin(BaseAdmin):
    """Who was sent a link and what became of it; there is no token to see."""

    list_display = ("email", "state", "created_at", "expires_at", "used_at", "user")
    list_filter = (("used_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("user",)
    search_fields = ("email", "user__username")
    search_help_text = "E-mail address or name."
    date_hierarchy = "created_at"
    fields = list_display

    @admin.display
    def state(self, link: MagicLink) -> str:
        """Return what the link is good for."""
        if link.used_at is not None:
            return "used"
        return "open" if timezone.now() < link.expires_at else "expired"

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: links are asked for through the API."""
        return False

    def has_change_permission(
        self, _request: HttpRequest, _obj: MagicLink | None = None
    ) -> bool:
        """Refuse: what happened, happened."""
        return False

    def has_delete_permission(
        self, _request: HttpRequest, _obj: MagicLink | None = None
    ) -> bool:
        """Refuse: the command purge_stale removes them."""
        return False
