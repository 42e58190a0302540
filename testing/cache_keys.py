"""Which keys of which caches a scenario left behind, whatever the backend.

Few backends can list their keys, and a list would hold what other processes
wrote. But every key passes through ``KEY_FUNCTION``, which is a setting: here
it is one that notes what this process asks for, and whether that was there
before. A cache in the database is asked by the lease, which costs the code
under test no query.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
from django.core.cache import caches
from django.core.cache.backends.base import get_key_func
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import router
from django.test.utils import override_settings
from psycopg import sql

from testing.workplace import Workplace

__all__ = ["CacheKeys"]

# Asked for once, to learn whether a backend's keys can be seen at all.
PROBE = "testing-probe"

MakeKey = Callable[[str, str, int], str]


class CacheKeys:
    """The keys that this process uses, of each cache by its alias."""

    def __init__(self) -> None:
        # For alias and made key: the key and the version as given, and whether it
        # was there when it was first used.
        self._used: dict[tuple[str, str], tuple[str, int, bool]] = {}
        # Caches in the database: session, schema and table.
        self._tables: dict[str, tuple[psycopg.Connection[Any], sql.Identifier]] = {}
        self._rows: dict[str, frozenset[str]] = {}
        self._own = threading.local()
        self._settings: override_settings | None = None

    def watch(self, workplace: Workplace) -> list[str]:
        """Begin to note keys; returns the caches where that cannot be, in words."""
        noting: dict[str, dict[str, Any]] = {}
        for alias, given in caches.settings.items():
            make = get_key_func(given.get("KEY_FUNCTION"))
            noting[alias] = {**given, "KEY_FUNCTION": self._noting(alias, make)}
        self._settings = override_settings(CACHES=noting)
        self._settings.enable()
        unseen = [
            f"--check-leaks cannot see the keys of the cache {alias!r}: {reason}."
            for alias in noting
            if (reason := self._reason_unseen(alias, workplace))
        ]
        self.forget()
        return unseen

    def stop(self) -> None:
        """Put the settings back."""
        if self._settings is not None:
            self._settings.disable()
            self._settings = None

    def forget(self) -> None:
        """Take the keys that there are now as those that belong there."""
        self._used.clear()
        self._rows = {alias: self._listed(alias) for alias in self._tables}

    def left_behind(self) -> list[str]:
        """Return the keys that came since and are still there; each is told once."""
        found = [
            f"{made} in {alias!r}"
            for (alias, made), (key, version, was_there) in self._used.copy().items()
            if not was_there and self._is_there(alias, key, version)
        ]
        for alias in self._tables:
            come = self._listed(alias) - self._rows[alias]
            found += [f"{made} in {alias!r}" for made in come]
        self.forget()
        return found

    def _noting(self, alias: str, make: MakeKey) -> MakeKey:
        def noting(key: str, key_prefix: str, version: int) -> str:
            made = make(key, key_prefix, version)
            if (
                alias not in self._tables
                and (alias, made) not in self._used
                and not getattr(self._own, "is_asking", False)
            ):
                was_there = self._is_there(alias, key, version)
                self._used[alias, made] = key, version, was_there
            return made

        return noting

    def _is_there(self, alias: str, key: str, version: int) -> bool:
        """Ask the cache; where it refuses, the code under test hears that itself."""
        self._own.is_asking = True
        try:
            return bool(caches[alias].has_key(key, version=version))
        except Exception:  # noqa: BLE001 - a backend may do anything
            return False
        finally:
            self._own.is_asking = False

    def _reason_unseen(self, alias: str, workplace: Workplace) -> str:
        """Return why keys of a cache cannot be seen, nothing where they can."""
        cache = caches[alias]
        if isinstance(cache, BaseDatabaseCache):
            database = router.db_for_read(cache.cache_model_class)
            baseline = workplace.baseline_of(database)
            if baseline is None:
                return f"its table is in the database {database!r}, which tests share"
            table = cache.cache_model_class._meta.db_table  # noqa: SLF001 - Django's way
            place = sql.Identifier(baseline.schema, table)
            self._tables[alias] = baseline.session, place
            return ""
        self._used.clear()
        try:
            cache.has_key(PROBE)
        except Exception as error:  # noqa: BLE001 - each backend has its own
            return f"it does not answer ({error})"
        backend = f"{type(cache).__module__}.{type(cache).__name__}"
        return "" if self._used else f"{backend} does not ask KEY_FUNCTION"

    def _listed(self, alias: str) -> frozenset[str]:
        session, place = self._tables[alias]
        try:
            query = sql.SQL("SELECT cache_key FROM {}").format(place)
            return frozenset(row[0] for row in session.execute(query))
        except psycopg.errors.UndefinedTable:
            # Nobody has made it: such a cache breaks where it is used.
            return frozenset()
