"""Settings of a scenario by tag, where the service keeps them: ``TESTING``'s."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings

from testing.bdd.setting_tags import override

__all__ = ["put_in_force", "write_live"]


@contextmanager
def put_in_force(**values: Any) -> Iterator[None]:
    """Write live settings to the database, and override the others.

    What is written is taken back with the scenario's other rows.

    Raises:
        UsageError: there is no such setting.

    """
    is_live = settings.CONSTANCE_CONFIG.keys()
    for name in values.keys() & is_live:
        write_live(name, values[name])
    with override(**{k: v for k, v in values.items() if k not in is_live}):
        yield


def write_live(name: str, value: Any) -> None:
    """Put one live setting in force; a number is a duration's seconds."""
    from constance import config

    if isinstance(settings.CONSTANCE_CONFIG[name][0], timedelta) and not isinstance(
        value, timedelta
    ):
        value = timedelta(seconds=value)
    setattr(config, name, value)
