"""A made-up Django project of any number of tables, for stock and for this engine.

Each of its models refers to the one before. ``tables`` counts all that migrating
makes, those of contenttypes, auth and migrations included.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What contenttypes, auth and the migrations themselves come with.
DJANGO_TABLES = 8
MODELS_PER_MIGRATION = 20

SETTINGS = """
from dancecoach.settings import DATABASES

DATABASES["default"]["TEST"] = {{"NAME": "bench_made_up"}}
BASE_DIR = {folder!r}
SECRET_KEY = "a bench has no secrets"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "made_up",
    "testing",
    "behave_django",
]
MIDDLEWARE = []
ROOT_URLCONF = "made_up.urls"
STATIC_URL = "/static/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEST_RUNNER = "testing.runner.SchemaRunner"
TESTING = {{"SLOT_PREFIX": "made_up"}}
"""
STOCK_SETTINGS = """
from made_up_settings import *
from made_up_settings import DATABASES, INSTALLED_APPS

DATABASES["default"]["TEST"] = {"NAME": "stock_made_up"}
INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "testing"]
TEST_RUNNER = "django.test.runner.DiscoverRunner"
"""
MODEL = """

class Table{number}(models.Model):
    code = models.CharField(max_length=40, unique=True)
    note = models.TextField(blank=True)
    parent = models.ForeignKey({parent!r}, models.CASCADE, null=True)
"""
OPERATION = """
        migrations.CreateModel(
            name="Table{number}",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("code", models.CharField(max_length=40, unique=True)),
                ("note", models.TextField(blank=True)),
                ("parent", models.ForeignKey({parent!r}, models.CASCADE, null=True)),
            ],
        ),
"""
VIEWS = """
from django.http import HttpResponse
from django.urls import path

from made_up.models import Table0


def count(request):
    return HttpResponse(str(Table0.objects.count()))


urlpatterns = [path("count", count)]
"""
MANAGE = """
import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "made_up_settings")
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
"""


@dataclass(frozen=True)
class MadeUpProject:
    """A project in a folder of its own."""

    folder: Path
    tables: int

    @property
    def models(self) -> int:
        """How many models it has of its own."""
        return self.tables - DJANGO_TABLES

    def write(self) -> MadeUpProject:
        """Write settings, models and migrations; returns the project itself."""
        app = self.folder / "made_up"
        migrations = app / "migrations"
        migrations.mkdir(parents=True)
        for package in (app, migrations):
            (package / "__init__.py").write_text("")
        (self.folder / "manage.py").write_text(MANAGE)
        settings = SETTINGS.format(folder=str(self.folder))
        (self.folder / "made_up_settings.py").write_text(settings)
        (self.folder / "stock_made_up_settings.py").write_text(STOCK_SETTINGS)
        (app / "urls.py").write_text(VIEWS)
        models = "".join(
            MODEL.format(number=number, parent=f"made_up.Table{max(number - 1, 0)}")
            for number in range(self.models)
        )
        (app / "models.py").write_text(f"from django.db import models\n{models}")
        before = ""
        for first in range(0, self.models, MODELS_PER_MIGRATION):
            numbers = range(first, min(first + MODELS_PER_MIGRATION, self.models))
            name = f"{first:04}_tables"
            path = migrations / f"{name}.py"
            path.write_text(migration(numbers, before=before))
            before = name
        return self

    def environment(self, settings: str = "made_up_settings") -> dict[str, str]:
        """Return the environment for processes of the project."""
        left_out = ("FEATURE", "BDD_SCHEMA_ISOLATION", "COLUMNS")
        kept = {key: value for key, value in os.environ.items() if key not in left_out}
        paths = os.pathsep.join([str(self.folder), str(ROOT)])
        return kept | {"PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": settings}

    def manage(self, *arguments: str) -> list[str]:
        """Return a command of the project."""
        return [sys.executable, str(self.folder / "manage.py"), *arguments]


def migration(numbers: range, *, before: str) -> str:
    """Return the text of a migration that makes these tables."""
    operations = "".join(
        OPERATION.format(number=number, parent=f"made_up.Table{max(number - 1, 0)}")
        for number in numbers
    )
    needs = f'[("made_up", "{before}")]' if before else "[]"
    return (
        "from django.db import migrations, models\n\n\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = {needs}\n    operations = [{operations}    ]\n"
    )
