"""A token bucket for each client, which all processes fill and empty together.

Note [Buckets in the database]
A bucket is one row and taking from it one statement, so that no two requests
take the same token, in whatever process. The row holds the moment at which the
bucket will be full again, which says how many tokens are in it at any other
moment; that form is known as the generic cell rate algorithm. Libraries for
Django count in its cache, read first and write later, and let too many pass.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from dancecoach.errors import RateLimited
from dancecoach.models import RateBucket
from dancecoach.pseudonyms import pseudonym

__all__ = ["bucket_take", "buckets_purge"]

# A new row, or an update under the row's lock. Of a bucket without a token no
# row comes back.
TAKE = """
INSERT INTO dancecoach_ratebucket AS bucket (key, full_at)
VALUES (%(key)s, %(now)s + %(interval)s)
ON CONFLICT (key) DO UPDATE
SET full_at = greatest(bucket.full_at, %(now)s) + %(interval)s
WHERE bucket.full_at <= %(now)s + %(slack)s
RETURNING full_at
"""


def bucket_take(*, address: str, per_minute: int, burst: int) -> None:
    """Take one token from a client's bucket of ``burst``, refilled ``per_minute``.

    Raises:
        RateLimited: none is left; its ``wait`` is when there will be one.

    """
    now = timezone.now()
    interval = timedelta(minutes=1) / per_minute
    slack = interval * (burst - 1)
    key = pseudonym(address, purpose="greetings")
    values: dict[str, Any] = {
        "key": key,
        "now": now,
        "interval": interval,
        "slack": slack,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        if cursor.fetchone():
            return
    raise RateLimited(wait=_wait(key, now=now, slack=slack))


def buckets_purge() -> int:
    """Remove the buckets that are full, which a missing row stands for; count them."""
    return RateBucket.objects.filter(full_at__lte=timezone.now()).delete()[0]


def _wait(key: str, *, now: datetime, slack: timedelta) -> float:
    full_at = RateBucket.objects.values_list("full_at", flat=True).get(key=key)
    return (full_at - slack - now).total_seconds()
