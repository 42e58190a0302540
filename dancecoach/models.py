"""What every process of the service has to agree on: cached answers and limits.

Rows about callers are found by a pseudonym, see `dancecoach.pseudonyms`; no
address of a client is stored.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

__all__ = ["Attempts", "CacheEntry", "RateBucket"]


class CacheEntry(models.Model):
    """The table of Django's database cache, as that backend wants it.

    A model, so that migrating makes it and its rows can be counted.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "dancecoach_cache"
        verbose_name = "cached answer"

    def __str__(self) -> str:
        return self.cache_key


class RateBucket(models.Model):
    """A token bucket, by the moment at which it will be full again."""

    key = models.CharField(max_length=64, primary_key=True)
    full_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "rate bucket"

    def __str__(self) -> str:
        return self.key


class Attempts(models.Model):
    """The moments of attempts of one kind by one caller, within a window of time."""

    key = models.CharField(max_length=64, primary_key=True)
    moments = ArrayField(models.DateTimeField())
    # When the newest of them is out of the window, and the row of no use.
    forgotten_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "attempts"
        verbose_name_plural = "attempts"

    def __str__(self) -> str:
        return self.key
