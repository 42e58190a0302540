"""The live settings in the admin panel."""

from __future__ import annotations

from constance.admin import Config, ConstanceAdmin
from django.contrib import admin

__all__ = ["LiveConfig"]


class LiveConfig(Config):  # type: ignore[misc]  # It ships no types.
    """constance's stand-in for a model, under the name this service gives it."""

    class Meta(Config.Meta):  # type: ignore[misc]  # It ships no types.
        verbose_name = "live setting"
        verbose_name_plural = "Settings that change while the service runs"

    _meta = Meta()


admin.site.unregister([Config])
admin.site.register([LiveConfig], ConstanceAdmin)
