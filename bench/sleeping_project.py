"""A made-up project whose scenarios only sleep, and the marks that its steps leave.

The features need neither Django nor a database, so that any runner of behave
can be measured on them. Each step writes down when it began and ended, on the
clock that all processes of a machine share; so every runner is measured by the
same hand, whatever its own reports say.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

STEPS = """
import os
import time
from pathlib import Path

from behave import step

MARKS = Path(__file__).resolve().parent.parent.parent / "marks"


@step("it takes {milliseconds:d} ms")
def sleep(context, milliseconds):
    began = time.monotonic()
    time.sleep(milliseconds / 1000)
    with open(MARKS / str(os.getpid()), "a") as marks:
        marks.write(f"{began} {time.monotonic()}\\n")
"""

# A project as small as the engine allows: its tables are those of two of
# Django's own apps, its server is that of dancecoach.
SETTINGS = """
from dancecoach.settings import DATABASES

BASE_DIR = {folder!r}
SECRET_KEY = "a bench has no secrets"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "testing",
    "behave_django",
]
ROOT_URLCONF = "sleeping_settings"
urlpatterns = []
STATIC_URL = "/static/"
TEST_RUNNER = "testing.runner.SchemaRunner"
TESTING = {{"SLOT_PREFIX": "sleeping", "EXTENSIONS_SCHEMA": "sleeping_extensions"}}
"""


@dataclass(frozen=True)
class SleepingProject:
    """Features in a folder of their own; ``lengths`` are milliseconds by scenario."""

    folder: Path
    lengths: Sequence[Sequence[int]]

    @property
    def features(self) -> Path:
        return self.folder / "features"

    @property
    def seconds(self) -> float:
        """Seconds of all steps together."""
        return sum(map(sum, self.lengths)) / 1000

    def write(self) -> SleepingProject:
        """Write features, steps and settings; returns the project itself."""
        (self.features / "steps").mkdir(parents=True, exist_ok=True)
        (self.folder / "marks").mkdir(exist_ok=True)
        (self.features / "steps" / "sleeping.py").write_text(STEPS)
        # Without one of its own, behavex makes one that it leaves behind.
        (self.features / "environment.py").write_text("")
        settings = SETTINGS.format(folder=str(self.folder))
        (self.folder / "sleeping_settings.py").write_text(settings)
        for number, scenarios in enumerate(self.lengths):
            lines = [f"Feature: Number {number}"]
            for place, milliseconds in enumerate(scenarios):
                lines += ["", f"  Scenario: Number {number}.{place}"]
                lines.append(f"    When it takes {milliseconds} ms")
            path = self.features / f"feature_{number:04}.feature"
            path.write_text("\n".join(lines) + "\n")
        return self

    @property
    def environment(self) -> dict[str, str]:
        left_out = ("FEATURE", "BDD_SCHEMA_ISOLATION", "COLUMNS")
        kept = {key: value for key, value in os.environ.items() if key not in left_out}
        return kept | {"PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT)])}

    def marks(self) -> list[tuple[float, float]]:
        """Return begin and end of every step that ran, and forget them."""
        found = []
        for path in sorted((self.folder / "marks").iterdir()):
            for line in path.read_text().splitlines():
                began, ended = line.split()
                found.append((float(began), float(ended)))
            path.unlink()
        return found
