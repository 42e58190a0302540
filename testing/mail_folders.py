"""Where mail is written to files: EMAIL_FILE_PATH, or from Django 6.1 on MAILERS."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

__all__ = ["MAIL_SETTINGS", "deprecated_settings", "mail_folders", "moved_mail"]

# A project has one of them. Where it has MAILERS, Django takes the other away.
MAIL_SETTINGS = frozenset({"EMAIL_FILE_PATH", "MAILERS"})


@contextmanager
def deprecated_settings() -> Iterator[None]:
    """Let settings that Django gives up be read and overridden without a warning.

    The project has been warned already when it named them. A warning for what the
    engine does would be of no use to it, and under ``-W error`` the end of the run.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        yield


def mail_folders() -> list[str]:
    """Return the folders that mail is written to, in the order of the settings."""
    if mailers := _mailers():
        places = [_options_of(mailer).get("file_path") for mailer in mailers.values()]
    else:
        with deprecated_settings():
            places = [getattr(settings, "EMAIL_FILE_PATH", None)]
    return [str(place) for place in places if place]


def moved_mail(folder: Path) -> dict[str, Any]:
    """Return the settings by which mail goes to ``folder``; empty if none is filed."""
    if not mail_folders():
        return {}
    if not (mailers := _mailers()):
        return {"EMAIL_FILE_PATH": str(folder)}
    moved = {
        alias: {
            **mailer,
            "OPTIONS": {**_options_of(mailer), "file_path": str(folder / alias)},
        }
        for alias, mailer in mailers.items()
        if _options_of(mailer).get("file_path")
    }
    return {"MAILERS": {**mailers, **moved}}


def _mailers() -> Mapping[str, Mapping[str, Any]]:
    return getattr(settings, "MAILERS", None) or {}


def _options_of(mailer: Mapping[str, Any]) -> Mapping[str, Any]:
    return mailer.get("OPTIONS") or {}
