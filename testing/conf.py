"""Every setting and environment variable of the engine, read and validated here."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from testing.errors import UsageError
from testing.hazards import KINDS

__all__ = ["EngineSettings", "feature_from_environment", "isolation_from_environment"]


LONGEST_PREFIX = 16
# What a worker can have of its own beside its schemas.
SURROUNDINGS = ("caches", "media", "mail")
HAZARD_MODES = ("report", "error", "off")
CHOICES = {"isolation": ("schema", "database"), "fallback": ("alone", "database")}


@dataclass(frozen=True)
class EngineSettings:
    """The project's ``TESTING`` setting; field names in capitals are its keys.

    Attributes:
        overrides: settings in force while tests run, in every worker; for what
            only costs time there, such as a slow password hasher.
        reset: dotted paths of functions without arguments that put in-memory
            state of the project back; called after each scenario, because what
            a process remembers is in no schema.
        slot_prefix: first part of the names of schemas, ``test`` for
            ``test_w1``; projects that share a test database tell their kept
            schemas apart by it.
        extensions_schema: schema shared by all workers that holds extensions,
            since a database has each of them only once.
        start_method: how workers are started: ``fork``, ``spawn``, ``forkserver``
            or ``auto``, which forks on Linux, where a worker then finds everything
            imported, and spawns where forking is unsafe or unknown.
        cache_dir: folder of the journals and of the durations; empty stands for
            ``.testing`` in the project. A run that finds them migrates nothing and
            knows what takes long, so keep it between runs of CI.
        fingerprint_files: glob patterns, relative to the project, of further
            files that decide what migrating gives, such as SQL that a migration
            reads; when one changes, so does the journal.
        setting_tags: dotted path of a function that takes settings by keyword
            and returns a context manager in which they are in force; called for
            the tags ``@setting.NAME=value`` of a scenario. For projects that keep
            settings in a database, too.
        surroundings: what each worker has of its own beside its schemas: a list
            of ``caches`` (in caches that processes share, a KEY_PREFIX that is
            extended by slot and run, or a folder), ``media`` (MEDIA_ROOT and the
            locations in STORAGES, in a temporary folder that is removed at the
            end) and ``mail`` (EMAIL_FILE_PATH or folders in MAILERS, the same). A
            folder that ``overrides`` names stays. ``auto`` is all of them for
            ``behave``, ``caches`` for ``test`` with several workers, and nothing
            for ``test`` with one: a suite written for Django's own runner may name
            its media folder, or keep files in it, and goes on finding them; a
            key prefix does not show through the cache API.
        worker_setup: dotted paths of functions that give a worker what no
            setting can, such as a Redis database, a search index or a queue.
            Each is called with ``worker_id=`` (from 1) and ``slot=`` (the name
            of the worker's schema, which no other worker on the server has at
            the same time) before the first hook or test, and may return a
            function without arguments that cleans up at the end. Not called
            with ``--use-existing-database``, where nothing is set up.
        hazards: what is done about SQL that a schema does not isolate, such as
            advisory locks: ``report`` names it at the end of the run, ``error``
            also lets the test or scenario that sends it fail, and ``off`` does
            not look.
        hazards_accepted: hazards the project knows of and lives with, each as
            ``kind`` or ``kind: glob`` for the path of the code that sends it:
            ``"advisory lock: shop/locks.py"``. The kinds are those of
            ``testing/hazards.py``.
        isolation: what each worker has to itself: ``schema``, or ``database``
            for a clone of a template database, which also keeps apart what a
            schema does not and needs the right to create databases.
        fallback: how tests run that need a database of their own
            (``needs_database``, ``@database``) while ISOLATION is ``schema``:
            ``alone``, with nothing else at the same time, or ``database``, on a
            clone for their time.

    """

    overrides: Mapping[str, Any] = field(default_factory=dict)
    reset: tuple[str, ...] = ()
    slot_prefix: str = "test"
    extensions_schema: str = "test_extensions"
    start_method: str = "auto"
    cache_dir: str | Path = ""
    fingerprint_files: tuple[str, ...] = ()
    setting_tags: str = "testing.bdd.setting_tags.override"
    surroundings: str | tuple[str, ...] = "auto"
    worker_setup: tuple[str, ...] = ()
    hazards: str = "report"
    hazards_accepted: tuple[str, ...] = ()
    isolation: str = "schema"
    fallback: str = "alone"

    @classmethod
    def load(cls) -> EngineSettings:
        """Read ``settings.TESTING``.

        Raises:
            UsageError: a key is unknown or a value is unfit.

        """
        given = dict(getattr(settings, "TESTING", {}))
        known = {option.name.upper(): option.name for option in fields(cls)}
        if unknown := sorted(set(given) - set(known)):
            raise UsageError(
                f"settings.TESTING has the unknown key {unknown[0]!r}, which would "
                f"have no effect. Next: use one of {', '.join(sorted(known))}."
            )
        values = cls(**{known[key]: value for key, value in given.items()})
        values._validate()
        return values

    def _validate(self) -> None:
        for name in ("slot_prefix", "extensions_schema"):
            value = getattr(self, name)
            if not (
                isinstance(value, str) and value.isidentifier() and value.islower()
            ):
                raise UsageError(
                    f"settings.TESTING[{name.upper()!r}] is {value!r}, which cannot "
                    "be the name of a schema. Next: use lower-case letters, digits "
                    "and underscores."
                )
            if value in ("public", "pg_catalog") or value.startswith("pg"):
                raise UsageError(
                    f"settings.TESTING[{name.upper()!r}] is {value!r}, which belongs "
                    "to the database and not to tests. Next: choose another name."
                )
        if len(self.slot_prefix) > LONGEST_PREFIX:
            raise UsageError(
                f"settings.TESTING['SLOT_PREFIX'] has {len(self.slot_prefix)} letters, "
                "too many for the name of a schema with a package and a number in it. "
                f"Next: use {LONGEST_PREFIX} at most."
            )
        self._validate_surroundings()
        for name in ("reset", "fingerprint_files", "worker_setup", "hazards_accepted"):
            if isinstance(getattr(self, name), str):
                raise UsageError(
                    f"settings.TESTING[{name.upper()!r}] is a text, and a list of "
                    "texts is wanted. Next: put brackets around it."
                )
        self._validate_hazards()
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise UsageError(
                    f"settings.TESTING[{name.upper()!r}] is {getattr(self, name)!r}, "
                    "which has no meaning. Next: use "
                    f"{' or '.join(map(repr, choices))}."
                )
        methods = ("auto", *multiprocessing.get_all_start_methods())
        if self.start_method not in methods:
            raise UsageError(
                f"settings.TESTING['START_METHOD'] is {self.start_method!r}, and "
                f"this platform offers {', '.join(methods)}. Next: use one of them."
            )

    def _validate_surroundings(self) -> None:
        given = self.surroundings
        is_list = isinstance(given, list | tuple | set | frozenset)
        if given != "auto" and not (is_list and set(given) <= set(SURROUNDINGS)):
            raise UsageError(
                f"settings.TESTING['SURROUNDINGS'] is {given!r}, and what a worker can "
                f"have of its own is {', '.join(SURROUNDINGS)}. Next: name some of "
                "them in a list (an empty one for none), or write 'auto'."
            )

    def own_surroundings(self, *, runs_features: bool, workers: int) -> frozenset[str]:
        """Return which of :data:`SURROUNDINGS` each of so many workers has its own."""
        if self.surroundings != "auto":
            return frozenset(self.surroundings)
        if runs_features:
            return frozenset(SURROUNDINGS)
        return frozenset({"caches"} if workers > 1 else ())

    def _validate_hazards(self) -> None:
        if self.hazards not in HAZARD_MODES:
            raise UsageError(
                f"settings.TESTING['HAZARDS'] is {self.hazards!r}, which has no "
                f"meaning. Next: use {' or '.join(map(repr, HAZARD_MODES))}."
            )
        for entry in self.hazards_accepted:
            kind = entry.partition(":")[0].strip()
            if kind not in KINDS:
                raise UsageError(
                    f"settings.TESTING['HAZARDS_ACCEPTED'] names {kind!r}, which is no "
                    f"kind of hazard. Next: use one of {', '.join(KINDS)}."
                )

    @property
    def project_dir(self) -> Path:
        """The project's folder: ``settings.BASE_DIR``, else where it was started."""
        return Path(getattr(settings, "BASE_DIR", Path.cwd()))

    @property
    def journal_dir(self) -> Path:
        """Where journals are kept between runs."""
        return Path(self.cache_dir or self.project_dir / ".testing")

    def choose_start_method(self) -> str:
        """Return how workers are started; ``auto`` forks wherever that is sound.

        A forked worker finds everything imported. macOS forks unsafely once
        system frameworks are loaded, and Windows cannot.
        """
        if self.start_method != "auto":
            return self.start_method
        return "fork" if sys.platform.startswith("linux") else "spawn"

    def reset_functions(self) -> list[Callable[[], None]]:
        """Import the functions named by ``reset``.

        Raises:
            UsageError: a path cannot be imported.

        """
        return [_imported("RESET", path) for path in self.reset]

    def worker_setup_functions(self) -> dict[str, Callable[..., Any]]:
        """Import the functions named by ``worker_setup``, each under its path.

        Raises:
            UsageError: a path cannot be imported.

        """
        return {path: _imported("WORKER_SETUP", path) for path in self.worker_setup}

    def setting_tags_function(self) -> Callable[..., Any]:
        """Import the function named by ``setting_tags``.

        Raises:
            UsageError: it cannot be imported.

        """
        return _imported("SETTING_TAGS", self.setting_tags)


def _imported(key: str, path: str) -> Callable[..., Any]:
    try:
        found: Callable[..., Any] = import_string(path)
    except ImportError as error:
        raise UsageError(
            f"settings.TESTING[{key!r}] names {path!r}, which cannot be imported "
            f"({error}). Next: correct the path or remove it."
        ) from error
    return found


def isolation_from_environment() -> bool:
    """Tell whether ``BDD_SCHEMA_ISOLATION`` leaves isolation on, as it is by default.

    Raises:
        UsageError: it is set to anything but ``true`` or ``false``.

    """
    value = os.environ.get("BDD_SCHEMA_ISOLATION", "true")
    if value not in ("true", "false"):
        raise UsageError(
            f"BDD_SCHEMA_ISOLATION is {value!r}, and only `true` and `false` have a "
            "meaning. Next: unset BDD_SCHEMA_ISOLATION, or export one of the two."
        )
    return value == "true"


def feature_from_environment() -> str:
    """Return the package chosen by ``FEATURE``, empty when none is."""
    return os.environ.get("FEATURE", "")
