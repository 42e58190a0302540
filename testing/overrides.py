"""The settings in force while tests run."""

from __future__ import annotations

from django.test.utils import override_settings

from testing.conf import EngineSettings

__all__ = ["settings_overrides"]


def settings_overrides(engine: EngineSettings) -> override_settings:
    """Return ``TESTING["OVERRIDES"]`` as something to enable and disable."""
    return override_settings(**engine.overrides)
