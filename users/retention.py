"""For how long a secret that signs no more goes on validating."""

from __future__ import annotations

from datetime import datetime, timedelta

from dancecoach.live_settings import live
from users.models import JwtSecret

__all__ = ["expires_at", "is_expired", "retention"]


def retention() -> timedelta:
    """Return min(JWT_TTL * JWT_RETENTION_FACTOR, JWT_RETENTION_MAX), as they are now.

    It begins when a secret stops signing, so that the last token it signed
    lives as long as the others.
    """
    now = live()
    return min(now.jwt_ttl * now.jwt_retention_factor, now.jwt_retention_max)


def expires_at(secret: JwtSecret) -> datetime | None:
    """Return when a secret stops validating; None for the primary, which does not.

    The end that was asked for, if any, or that of the retention if it is earlier.
    """
    if secret.retired_at is None:
        return None
    end = secret.retired_at + retention()
    return end if secret.expires_at is None else min(end, secret.expires_at)


def is_expired(secret: JwtSecret, *, now: datetime) -> bool:
    """Tell whether a secret validates no more at the moment ``now``."""
    end = expires_at(secret)
    return end is not None and end <= now
