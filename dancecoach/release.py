"""What this process runs: version, commit, age."""

from __future__ import annotations

import platform
import time
from dataclasses import asdict, dataclass

import django
from django.conf import settings

from dancecoach import __version__

__all__ = ["Release", "release", "uptime_seconds"]

# Of the first import, which is the start of the process as far as clients see.
STARTED = time.monotonic()


@dataclass(frozen=True, kw_only=True)
class Release:
    """The facts about a build, as `/api/version` tells them."""

    version: str
    commit: str
    build_date: str
    python_version: str
    django_version: str

    def as_dict(self) -> dict[str, str]:
        """Return the facts by name."""
        return asdict(self)

    def as_lines(self) -> str:
        """Return the facts as text, one on each line: ``build date: …``."""
        return "".join(
            f"{name.replace('_', ' ')}: {value}\n"
            for name, value in self.as_dict().items()
        )


def release() -> Release:
    """Return the facts about the running build."""
    return Release(
        version=__version__,
        commit=settings.BUILD_COMMIT,
        build_date=settings.BUILD_DATE,
        python_version=platform.python_version(),
        django_version=django.get_version(),
    )


def uptime_seconds() -> float:
    """Return for how long this process has been up, in seconds."""
    return round(time.monotonic() - STARTED, 3)
