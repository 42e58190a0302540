"""How often somebody may try something within a window of time.

An attempt is noted by one statement: of two hundred at once no more are noted
than are allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from dancecoach.errors import RateLimited
from dancecoach.models import Attempts
from dancecoach.pseudonyms import pseudonym

__all__ = ["AttemptLimit", "attempts_purge"]

# The moments that are out of the window go with each new one. Where too many
# are left, the row stays as it is and none comes back.
NOTE = """
INSERT INTO dancecoach_attempts AS known (key, moments, forgotten_at)
VALUES (%(key)s, ARRAY[%(now)s::timestamptz], %(now)s + %(window)s)
ON CONFLICT (key) DO UPDATE
SET moments = ARRAY(
      SELECT moment FROM unnest(known.moments) moment
      WHERE moment > %(now)s - %(window)s ORDER BY moment
    ) || %(now)s::timestamptz,
    forgotten_at = %(now)s + %(window)s
WHERE (
    SELECT count(*) FROM unnest(known.moments) moment
    WHERE moment > %(now)s - %(window)s
) < %(most)s
RETURNING key
"""
# By hand, as above: this is asked twice at each sign-in.
KNOWN = "SELECT moments FROM dancecoach_attempts WHERE key = %s"


@dataclass(frozen=True, kw_only=True)
class AttemptLimit:
    """``most`` attempts of one kind by one caller in any ``window`` of time."""

    purpose: str
    most: int
    window: timedelta

    def check(self, *caller: str) -> int:
        """Refuse a caller, known by all of ``caller`` together, who tried too often.

        Returns how many attempts there were, which is less than ``most``.

        Raises:
            RateLimited: there were ``most`` attempts; its ``wait`` is when the
                next one is allowed.

        """
        now = timezone.now()
        begins_at = now - self.window
        moments = sorted(m for m in _moments(self._key(caller)) if m > begins_at)
        if len(moments) >= self.most:
            # The oldest of the last ones has to leave the window.
            opens_at = moments[-self.most] + self.window
            raise RateLimited(wait=(opens_at - now).total_seconds())
        return len(moments)

    def note(self, *caller: str) -> None:
        """Note an attempt of a caller.

        Raises:
            RateLimited: as :meth:`check` does; it is not noted.

        """
        values: dict[str, Any] = {
            "key": self._key(caller),
            "now": timezone.now(),
            "window": self.window,
            "most": self.most,
        }
        with connection.cursor() as cursor:
            cursor.execute(NOTE, values)
            if cursor.fetchone():
                return
        self.check(*caller)

    def forget(self, *caller: str) -> None:
        """Forget a caller's attempts, since one of them was right."""
        Attempts.objects.filter(key=self._key(caller)).delete()

    def _key(self, caller: tuple[str, ...]) -> str:
        return pseudonym(*caller, purpose=self.purpose)


def _moments(key: str) -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [key])
        row = cursor.fetchone()
    return row[0] if row else []


def attempts_purge() -> int:
    """Remove attempts of which none counts any more; return of how many callers."""
    return Attempts.objects.filter(forgotten_at__lte=timezone.now()).delete()[0]
