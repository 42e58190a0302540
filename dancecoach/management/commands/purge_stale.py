"""`manage.py purge_stale`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from dancecoach.attempts import attempts_purge
from dancecoach.models import CacheEntry
from dancecoach.rate_limit import buckets_purge
from users.magic_links import magic_links_purge
from users.passwords import resets_purge

__all__ = ["Command"]


class Command(BaseCommand):
    """Removes rows that have no effect any more."""

    help = (
        "Remove used and expired magic links, reset flags, cached answers, rate "
        "buckets and attempts. Can be run at any time; once a day is enough."
    )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Remove them and say how many there were of each kind."""
        stale = CacheEntry.objects.filter(expires__lte=timezone.now())
        counts = {
            "Magic links": magic_links_purge(),
            "Password resets": resets_purge(),
            "Cached answers": stale.delete()[0],
            "Rate buckets": buckets_purge(),
            "Attempts": attempts_purge(),
        }
        if options["verbosity"]:
            for name, count in counts.items():
                self.stdout.write(f"{name} removed: {count}.")
