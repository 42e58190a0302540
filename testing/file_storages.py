"""File storages with a location of their own, moved below a worker's media folder.

Django moves a storage that follows MEDIA_ROOT by itself. One that was given a
location keeps it, and model fields keep the storage that they were made with.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db.models import FileField

__all__ = ["move_storages"]


@contextmanager
def move_storages(media: Path) -> Iterator[dict[str, Any]]:
    """Move storages below ``media`` for the block; yields the settings to override.

    Moved are the storages of ``STORAGES`` that name a location, static files
    apart, and those of model fields whose location is in ``MEDIA_ROOT``.
    """
    changed = {}
    found = list(_field_storages())
    given: dict[str, dict[str, Any]] = settings.STORAGES
    for alias, parameters in given.items():
        location = parameters.get("OPTIONS", {}).get("location")
        if alias == "staticfiles" or not location:
            continue
        storage = storages[alias]
        if isinstance(storage, FileSystemStorage):
            found.append(storage)
            options = {
                **parameters["OPTIONS"],
                "location": str(_moved(location, media)),
            }
            changed[alias] = {**parameters, "OPTIONS": options}
    before = []
    for storage in {id(one): one for one in found}.values():
        before.append((storage, _location_of(storage)))
        _put(storage, str(_moved(_location_of(storage), media)))
    try:
        yield {"STORAGES": {**given, **changed}} if changed else {}
    finally:
        for storage, location in before:
            _put(storage, location)


def _field_storages() -> Iterator[FileSystemStorage]:
    root = os.path.abspath(settings.MEDIA_ROOT)  # noqa: PTH100 - as Django does it
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():  # noqa: SLF001 - documented
            storage: Any = field.storage if isinstance(field, FileField) else None
            if not isinstance(storage, FileSystemStorage):
                continue
            location = _location_of(storage)
            if location and Path(storage.location).is_relative_to(root):
                yield storage


def _moved(location: Any, media: Path) -> Path:
    """Return where a location goes: the same way below the new media folder."""
    place = Path(os.path.abspath(location))  # noqa: PTH100 - as Django does it
    root = os.path.abspath(settings.MEDIA_ROOT)  # noqa: PTH100
    if settings.MEDIA_ROOT and place.is_relative_to(root):
        return media / place.relative_to(root)
    digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:8]
    return media.parent / "storages" / f"{place.name}-{digest}"


# A storage offers no way to move it; test_file_storages.py pins these names.
def _location_of(storage: FileSystemStorage) -> Any:
    return storage._location  # type: ignore[attr-defined]  # noqa: SLF001


def _put(storage: FileSystemStorage, location: Any) -> None:
    storage._location = location  # type: ignore[attr-defined]  # noqa: SLF001
    # What a storage does by itself when MEDIA_ROOT changes.
    storage._clear_cached_properties(setting="MEDIA_ROOT")  # noqa: SLF001
