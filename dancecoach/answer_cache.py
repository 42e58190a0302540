"""Answers that are kept for a minute, for all processes together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from django.utils import timezone

from dancecoach.live_settings import live
from dancecoach.models import CacheEntry

__all__ = ["CACHE_STATE", "answer_cached", "answers_flush", "cache_state"]

T = TypeVar("T")

# The header that tells whether an answer was kept.
CACHE_STATE = "X-Cache"
KEPT_FOR = 60  # seconds


def answer_cached(*, topic: str, of: str, make: Callable[[], T]) -> tuple[T, bool]:
    """Return the answer on ``topic`` and whether it was kept; ``make`` makes it anew.

    ``of`` tells answers on one topic apart, and is of any length. With
    CACHE_ENABLED off nothing is kept or looked for.
    """
    if not live().cache_enabled:
        return make(), False
    # Keys of caches are short and ASCII.
    key = f"{topic}-{hashlib.sha256(of.encode()).hexdigest()}"
    kept = cache.get(key)
    if kept is not None:
        return kept, True
    answer = make()
    cache.set(key, answer, timeout=KEPT_FOR)
    return answer, False


def answers_flush() -> int:
    """Remove everything that is kept; return how many entries were still of use."""
    count, _ = CacheEntry.objects.filter(expires__gt=timezone.now()).delete()
    # The others are of no use, and wait to be culled.
    cache.clear()
    return count


def cache_state(*, is_kept: bool) -> dict[str, str]:
    """Return the header for an answer."""
    return {CACHE_STATE: "HIT" if is_kept else "MISS"}
