"""The settings that change while the service runs, as they are at this request.

They are kept in the database and edited in the admin panel. No process keeps
them from one request to the next, so a change is in force everywhere at once;
within a request they are read once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import connection

__all__ = ["LiveSettings", "live", "live_scope"]


@dataclass(frozen=True, kw_only=True)
class LiveSettings:
    """All of them, by their names in lower case; `dancecoach.live_fields` explains."""

    api_v2_enabled: bool
    jwt_ttl: timedelta
    jwt_retention_factor: float
    jwt_retention_max: timedelta
    rate_limit_enabled: bool
    rate_limit_per_minute: int
    rate_limit_burst: int
    cache_enabled: bool
    log_level: str


# Of the present request: empty until something asks. None outside of requests.
_known: ContextVar[list[LiveSettings] | None] = ContextVar("known", default=None)


def live() -> LiveSettings:
    """Return the live settings: of this request, else as they are now.

    Raises:
        DatabaseError: they cannot be read. There is no falling back on the
            defaults, which would switch off what an administrator switched on.

    """
    known = _known.get()
    if known is None:
        return _read()
    if not known:
        known.append(_read())
    return known[0]


@contextmanager
def live_scope() -> Iterator[None]:
    """Read the live settings once at most within the block."""
    token = _known.set([])
    try:
        yield
    finally:
        _known.reset(token)


def _read() -> LiveSettings:
    # Not by constance's own reading of many: that answers with the defaults
    # when the database fails.
    from constance.codecs import loads

    values = {name: field[0] for name, field in settings.CONSTANCE_CONFIG.items()}
    with connection.cursor() as cursor:
        cursor.execute(_statement())
        stored = dict(cursor.fetchall())
    # A setting of the past may still be stored.
    values |= {name: loads(stored[name]) for name in values.keys() & stored}
    return LiveSettings(**{name.lower(): value for name, value in values.items()})


@cache
def _statement() -> str:
    """Return the statement, put together only once: each request executes it."""
    from constance.models import Constance

    return str(Constance.objects.values_list("key", "value").query)
