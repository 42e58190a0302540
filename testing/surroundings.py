"""What a worker has of its own beside its schemas: caches, media, mail, and more.

Two workers that share a key, a file or a port disturb each other as two that
share a table would. What can be told apart by a setting is, for as long as the
worker lives and in all its threads; the project's own functions
(``TESTING["WORKER_SETUP"]``) do the same for search indexes, queues and the like.
"""

from __future__ import annotations

import os
import secrets
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.test.utils import override_settings
from django.utils.module_loading import import_string

from testing.conf import EngineSettings
from testing.crew_worker import WORKER_ID
from testing.errors import SetupFailure
from testing.file_storages import move_storages
from testing.mail_folders import (
    MAIL_SETTINGS,
    deprecated_settings,
    mail_folders,
    moved_mail,
)
from testing.schemas import slot_name
from testing.worker_folder import WorkerFolder
from testing.workplace import Workplace

__all__ = ["Surroundings", "slot_of"]

# They end with the process, or live in the worker's schema.
OWN_ALREADY = (LocMemCache, DummyCache, DatabaseCache)


@dataclass
class Surroundings:
    """A worker's own world, from :meth:`enter` to :meth:`leave`.

    Attributes:
        engine: the project's ``TESTING`` setting.
        worker_id: the worker's number in this run, from 1.
        slot: the name of its schema, which no other worker on the server has at
            the same time; in a run without databases one of that form.
        parts: which of ``caches``, ``media`` and ``mail`` are the worker's own.

    """

    engine: EngineSettings
    worker_id: int
    slot: str
    parts: frozenset[str]
    _undo: ExitStack = field(default_factory=ExitStack, repr=False)

    def enter(self) -> Surroundings:
        """Put it all in force; on failure nothing stays so.

        Raises:
            SetupFailure: a function of the project's failed.

        """
        try:
            self._name_worker()
            if changes := self._changes():
                override = override_settings(**changes)
                with deprecated_settings():
                    override.enable()
                self._undo.callback(override.disable)
            for path, function in self.engine.worker_setup_functions().items():
                self._call(path, function)
        except BaseException:
            self.leave()
            raise
        return self

    def leave(self) -> None:
        """Take it all back, the latest first."""
        self._undo.close()

    def __enter__(self) -> Surroundings:
        return self.enter()

    def __exit__(self, *_: object) -> None:
        self.leave()

    @cached_property
    def folder(self) -> Path:
        """A folder of the worker's own, made when it is first asked for."""
        folder = WorkerFolder.make(slot=self.slot)
        self._undo.callback(folder.remove)
        return folder.path

    def left_in_common(self) -> list[str]:
        """Return what workers share all the same, as --check-leaks calls it."""
        kinds = (
            ("media files", "media", {"MEDIA_ROOT"}),
            ("mail files", "mail", MAIL_SETTINGS),
        )
        return [
            kind
            for kind, part, names in kinds
            if part not in self.parts or names & set(self.engine.overrides)
        ]

    def _name_worker(self) -> None:
        before = os.environ.get(WORKER_ID)
        os.environ[WORKER_ID] = str(self.worker_id)

        def restore() -> None:
            if before is None:
                os.environ.pop(WORKER_ID, None)
            else:
                os.environ[WORKER_ID] = before

        self._undo.callback(restore)

    def _changes(self) -> dict[str, Any]:
        """Return the settings that differ in this worker.

        A folder that the project names for its tests in OVERRIDES is its word.
        """
        changes: dict[str, Any] = {}
        if "caches" in self.parts and (caches := self._caches(settings.CACHES)):
            changes["CACHES"] = caches
        if "media" in self.parts and "MEDIA_ROOT" not in self.engine.overrides:
            media = self.folder / "media"
            media.mkdir()
            changes["MEDIA_ROOT"] = str(media)
            changes |= self._undo.enter_context(move_storages(media))
        if (
            "mail" in self.parts
            and mail_folders()
            and not MAIL_SETTINGS & set(self.engine.overrides)
        ):
            changes |= moved_mail(self.folder / "mail")
        return changes

    def _caches(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return CACHES in which no key is another worker's; empty if none can be.

        A new run has new keys, since what an earlier one left may still be there.
        """
        # Short: memcached takes keys of 250 letters.
        mark = f"{self.slot}_{secrets.token_hex(4)}"
        changed = {}
        for alias, parameters in given.items():
            backend = _class_of(parameters.get("BACKEND"))
            if backend is None or issubclass(backend, OWN_ALREADY):
                continue
            if issubclass(backend, FileBasedCache):
                own = {"LOCATION": str(self.folder / "caches" / alias)}
            else:
                prefix = parameters.get("KEY_PREFIX", "")
                own = {"KEY_PREFIX": "_".join(filter(None, (prefix, mark)))}
            changed[alias] = {**parameters, **own}
        return {**given, **changed} if changed else {}

    def _call(self, path: str, function: Callable[..., Any]) -> None:
        try:
            clean_up = function(worker_id=self.worker_id, slot=self.slot)
        except Exception as error:
            raise SetupFailure(
                f"{path} of TESTING['WORKER_SETUP'] failed for worker "
                f"{self.worker_id} on {self.slot} ({type(error).__name__}: {error}), "
                "so this worker has no world of its own. Next: mend the function, "
                f"or take it out of the setting.\n{traceback.format_exc()}"
            ) from error
        if callable(clean_up):
            self._undo.callback(self._clean_up, path, clean_up)
        elif clean_up is not None:
            raise SetupFailure(
                f"{path} of TESTING['WORKER_SETUP'] returned {clean_up!r}, which "
                "cannot be called to clean up. Next: return a function without "
                "arguments, or nothing."
            )

    def _clean_up(self, path: str, clean_up: Callable[[], Any]) -> None:
        """Clean up; a failure is told, and the rest is cleaned up all the same."""
        try:
            clean_up()
        except Exception:  # noqa: BLE001 - told in full
            # The worker's own standard error may be nobody's by now.
            print(
                f"warning: the clean-up that {path} returned failed in worker "
                f"{self.worker_id} on {self.slot}, so something may be left behind. "
                f"Next: mend it.\n{traceback.format_exc()}",
                file=sys.__stderr__,
            )


def slot_of(
    workplace: Workplace | None, *, engine: EngineSettings, worker_id: int
) -> str:
    """Return a worker's slot: its place in the default database, else in another.

    Where nothing is leased, the name is made of the worker's number and its
    process, which no other run on this machine has.
    """
    leases = workplace.leases if workplace is not None else {}
    for alias in ("default", *leases):
        if alias in leases:
            return leases[alias].name
    name = slot_name(prefix=engine.slot_prefix, number=worker_id)
    return f"{name}_{os.getpid()}"


def _class_of(path: Any) -> type | None:
    """Return a cache's class; None where Django will complain about it anyway."""
    try:
        found = import_string(path)
    except (ImportError, AttributeError, TypeError):
        return None
    return found if isinstance(found, type) else None
