"""The fingerprint: a hash of everything that decides what migrating gives."""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django
from django.apps import AppConfig, apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from testing.conf import EngineSettings
from testing.mail_folders import deprecated_settings

__all__ = ["fingerprint_of"]

FORMAT = "5"
# Values that say the same in every process.
SPOKEN = (str, bytes, int, float, Decimal, timedelta, date, Path)
# What does not, in the descriptions of other objects.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
# Settings that change from run to run or hold secrets, and that no migration
# can turn into a schema.
LEFT_OUT = frozenset({"DATABASES", "CACHES", "SECRET_KEY", "SECRET_KEY_FALLBACKS"})


def fingerprint_of(
    connection: BaseDatabaseWrapper, *, server_version: int, engine: EngineSettings
) -> str:
    """Return the fingerprint of what migrating ``connection`` gives, in hex.

    In it: migration files, models and what they declare, the list of apps and
    its order, all settings but secrets and temporary paths, Python, Django and
    server versions, and the files named by ``TESTING["FINGERPRINT_FILES"]``.
    """
    digest = hashlib.sha256()
    home = engine.project_dir

    def add(*parts: str) -> None:
        for part in parts:
            digest.update(part.encode() + b"\0")

    add(FORMAT, sys.version, django.__version__, str(server_version))
    add(connection.alias, connection.settings_dict["ENGINE"])
    add(_canonical(connection.settings_dict["TEST"]))
    with deprecated_settings():
        for name in sorted(set(dir(settings)) - LEFT_OUT):
            if name.isupper():
                add(name, _canonical(getattr(settings, name), home=home))
    for app in apps.get_app_configs():
        add(app.name, *_model_facts(app))
        if not _is_migrated(app):
            add(*_column_facts(app, connection))
        for path in _files_of(app):
            add(path.name)
            digest.update(path.read_bytes())
    for pattern in engine.fingerprint_files:
        for path in sorted(engine.project_dir.glob(pattern)):
            add(str(path))
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _files_of(app: AppConfig) -> Iterator[Path]:
    """Yield an app's migrations, with what lies beside them, and its models."""
    yield from _files_below(_migrations_folder(app))
    models = Path(app.path) / "models.py"
    if models.exists():
        yield models
    yield from _files_below(Path(app.path) / "models")


def _migrations_folder(app: AppConfig) -> Path | None:
    modules = settings.MIGRATION_MODULES
    # Projects put objects there that answer to `in` and to an index, and no more.
    module = modules[app.label] if app.label in modules else ""  # noqa: SIM401
    if module is None:
        return None
    if not module:
        return Path(app.path) / "migrations"
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _is_migrated(app: AppConfig) -> bool:
    folder = _migrations_folder(app)
    return folder is not None and folder.is_dir()


def _column_facts(app: AppConfig, connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield what makes tables where no migration does.

    Such models may be put together at run time, or be inherited from a package
    whose files nobody else looks at.
    """
    for model in app.get_models(include_auto_created=True):
        meta = model._meta  # noqa: SLF001 - documented by Django
        for one in meta.local_fields:
            indexed = getattr(one, "db_index", False)
            flags = (one.null, one.unique, one.primary_key, indexed)
            # A collation may be a lazy one, which shows an address.
            column = ADDRESS.sub("", str(one.db_parameters(connection)))
            yield f"{one.column} {column} {flags}"
            if one.remote_field is not None:
                yield _canonical(one.remote_field.model)
        for part in (*meta.indexes, *meta.constraints):
            yield ADDRESS.sub("", repr(part))
        yield _canonical(meta.unique_together)


def _files_below(folder: Path | None) -> Iterator[Path]:
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield path


def _model_facts(app: AppConfig) -> Iterator[str]:
    """Yield what post_migrate reads from models: content types and permissions."""
    for model in app.get_models(include_auto_created=True):
        meta = model._meta  # noqa: SLF001 - documented by Django
        yield f"{meta.label}: {meta.db_table} {meta.verbose_name} {meta.managed}"
        yield _canonical([meta.permissions, meta.default_permissions])


def _canonical(value: Any, *, home: Path | None = None) -> str:
    """Describe a value the same way in every process; ``home`` is the project's."""
    if isinstance(value, Mapping):
        items = sorted(
            (_canonical(k, home=home), _canonical(v, home=home))
            for k, v in value.items()
        )
        return f"{{{items}}}"
    if isinstance(value, set | frozenset):
        return f"{{{sorted(_canonical(one, home=home) for one in value)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_canonical(one, home=home) for one in value)}]"
    if home is not None and _is_temporary(value, home=home):
        # Made anew for each run, MEDIA_ROOT of many a project's tests for one.
        return "a temporary path"
    if value is None or isinstance(value, SPOKEN):
        return repr(value)
    # Anything else may carry an address or a lazy text: its kind has to do.
    name = getattr(value, "__qualname__", type(value).__qualname__)
    return f"{type(value).__module__}.{name}"


def _is_temporary(value: Any, *, home: Path) -> bool:
    """Tell whether a value is a path among temporary files, not in the project."""
    temporary = tempfile.gettempdir()
    if not isinstance(value, str | Path) or not str(value).startswith(temporary):
        return False
    path = Path(value)
    return path.is_relative_to(temporary) and not path.is_relative_to(home)
