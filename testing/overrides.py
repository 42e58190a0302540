"""The settings in force while tests run."""

from __future__ import annotations

from django.test.utils import override_settings

from testing.conf import EngineSettings

__all__ = ["SettingsOverrides", "settings_overrides"]


class SettingsOverrides(override_settings):
    """Overridden settings; where there are none, Django's settings stay themselves.

    Django puts another object in their place even to override nothing, and
    tests that delete a setting can tell.
    """

    def enable(self) -> None:
        """Put the overrides in force."""
        if self.options:
            super().enable()

    def disable(self) -> None:
        """Put the project's settings back in force."""
        if self.options:
            super().disable()


def settings_overrides(engine: EngineSettings) -> SettingsOverrides:
    """Return ``TESTING["OVERRIDES"]`` as something to enable and disable."""
    return SettingsOverrides(**engine.overrides)
