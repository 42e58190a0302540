"""What a scenario left behind although everything was put back.

A picture of the worker's world is taken when its baseline is made and compared
with one after each reset.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core import mail

from testing.catalog import describe
from testing.workplace import Workplace

__all__ = ["Picture", "take_picture"]

# Threads that belong to the engine or to the server it keeps, by their names'
# beginnings.
EXPECTED_THREADS = ("MainThread", "parent watch", "watchdog", "pool-", "live server")
# What answers a request of the live server; its connection may outlive a scenario.
REQUEST_THREAD = "(process_request_thread)"
# Kinds of which something may end at any time without anybody's fault.
MAY_END = ("threads",)


@dataclass(frozen=True)
class Picture:
    """A worker's world: for each kind of thing, the set of what there is."""

    kinds: dict[str, frozenset[str]]

    def differences(self, later: Picture) -> list[str]:
        """Return what has come and gone since, a line for each thing."""
        lines = []
        for kind in sorted(self.kinds.keys() | later.kinds.keys()):
            before = self.kinds.get(kind, frozenset())
            after = later.kinds.get(kind, frozenset())
            lines += [
                f"{kind}: left behind {thing}" for thing in sorted(after - before)
            ]
            if kind not in MAY_END:
                lines += [f"{kind}: gone {one}" for one in sorted(before - after)]
        return lines


def take_picture(workplace: Workplace) -> Picture:
    """Look at data, ``public``, sessions, threads, mails, files and environment."""
    kinds: dict[str, frozenset[str]] = {
        "threads": frozenset(
            thread.name
            for thread in threading.enumerate()
            if not thread.name.startswith(EXPECTED_THREADS)
            and not thread.name.endswith(REQUEST_THREAD)
        ),
        "mails": frozenset(str(m.subject) for m in getattr(mail, "outbox", ())),
        "media files": frozenset(_files(Path(str(settings.MEDIA_ROOT or "")))),
        "environment": frozenset(os.environ),
        "working directory": frozenset([str(Path.cwd())]),
    }
    for alias, lease in workplace.leases.items():
        for kind, lines in describe(lease.session, schema=lease.schema).items():
            kinds[f"{alias}, {kind}"] = frozenset(lines)
        rows = lease.session.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
        kinds[f"{alias}, public"] = frozenset(row[0] for row in rows)
        rows = lease.session.execute(
            "SELECT left(query, 100) FROM pg_stat_activity"
            " WHERE application_name = %s AND state LIKE 'idle in transaction%%'",
            [lease.schema],
        )
        kinds[f"{alias}, open transactions"] = frozenset(row[0] for row in rows)
    return Picture(kinds)


def _files(folder: Path) -> list[str]:
    if not settings.MEDIA_ROOT or not folder.is_dir():
        return []
    return [str(path.relative_to(folder)) for path in folder.rglob("*")]
