"""The service as a Django app, and the admin panel it shows."""

from constance.apps import ConstanceConfig
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

__all__ = ["DancecoachConfig", "LiveSettingsConfig", "PanelConfig"]


class DancecoachConfig(AppConfig):
    """Greetings, limits, cached answers and the look of the admin panel."""

    name = "dancecoach"
    verbose_name = "Dance coach"


class PanelConfig(AdminConfig):
    """Django's admin, with the site of this service."""

    default_site = "dancecoach.panel.Panel"


class LiveSettingsConfig(ConstanceConfig):  # type: ignore[misc]  # It ships no types.
    """`constance`, as people call it here."""

    verbose_name = "Live settings"
