"""In-memory caches of this process, which nobody else sees."""

from __future__ import annotations

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.utils.module_loading import import_string

__all__ = ["empty_process_caches"]


def empty_process_caches() -> None:
    """Empty the in-memory caches of the settings.

    Caches that other processes share are left as they are. This thread may not
    have used a cache that a live server's threads have filled.
    """
    for alias, given in caches.settings.items():
        if issubclass(import_string(given["BACKEND"]), LocMemCache):
            caches[alias].clear()
