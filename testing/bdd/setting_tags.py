"""Settings of a scenario by tag: ``@setting.NAME=value``.

The value is read as JSON where it is JSON (``true``, ``5``, ``"text"``), and is
text otherwise. ``TESTING["SETTING_TAGS"]`` names what puts the values in force;
a project that keeps settings elsewhere, in its database say, names its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test.utils import override_settings

from testing.errors import UsageError

__all__ = ["override", "settings_from_tags"]

PREFIX = "setting."


def settings_from_tags(tags: Iterable[str]) -> dict[str, Any]:
    """Return the settings that tags ask for, by name.

    Raises:
        UsageError: a tag has no value.

    """
    found = {}
    for tag in sorted(tags):
        if tag.startswith(PREFIX):
            name, separator, text = tag.removeprefix(PREFIX).partition("=")
            if not separator:
                raise UsageError(
                    f"The tag @{tag} has no value, so it would have no effect. "
                    f"Next: write @{tag}=value."
                )
            found[name] = _value(text)
    return found


def override(**values: Any) -> AbstractContextManager[Any]:
    """Put Django settings in force; a number is taken as seconds for a duration.

    Raises:
        UsageError: the project has no such setting.

    """
    for name, value in values.items():
        if not hasattr(settings, name):
            raise UsageError(
                f"A tag sets {name}, and this project has no such setting, so it "
                "would have no effect. Next: write @setting.NAME=value with a NAME "
                "that the settings module defines."
            )
        now = getattr(settings, name)
        if isinstance(now, timedelta) and isinstance(value, int | float):
            values[name] = timedelta(seconds=value)
    in_force: AbstractContextManager[Any] = override_settings(**values)
    return in_force


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
