"""Settings of a scenario by tag: ``@setting.NAME=value``.

The value is read as JSON where it is JSON (``true``, ``5``, ``"text"``), and is
text otherwise. For a setting that is a duration a number means seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings

from testing.errors import UsageError

__all__ = ["settings_from_tags"]

PREFIX = "setting."


def settings_from_tags(tags: Iterable[str]) -> dict[str, Any]:
    """Return the settings that tags ask for, by name.

    Raises:
        UsageError: a tag has no value or names no setting.

    """
    found = {}
    for tag in sorted(tags):
        if tag.startswith(PREFIX):
            name, separator, text = tag.removeprefix(PREFIX).partition("=")
            if not separator or not hasattr(settings, name):
                raise UsageError(
                    f"The tag @{tag} names no setting of this project and a value, "
                    "so it would have no effect. Next: write @setting.NAME=value "
                    "with a NAME that the settings module defines."
                )
            found[name] = _value(text, now=getattr(settings, name))
    return found


def _value(text: str, *, now: Any) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(now, timedelta) and isinstance(value, int | float):
        return timedelta(seconds=value)
    return value
