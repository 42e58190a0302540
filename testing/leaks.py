"""What a scenario left behind although everything was put back.

A picture of the worker's world is taken when its baseline is made, and again
whenever a hook has loaded data for a scope; one is compared with it after each
reset.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core import mail
from django.db import connections
from psycopg import sql

from testing.cache_keys import CacheKeys
from testing.catalog import describe
from testing.mail_folders import mail_folders
from testing.places import Place
from testing.workplace import Workplace

__all__ = ["LEAKS", "LeakWatch", "Picture"]

# Stands between who left something behind and what that is.
LEAKS = " leaks: "

# Threads that belong to the engine or to the server it keeps, by their names'
# beginnings.
EXPECTED_THREADS = ("MainThread", "parent watch", "watchdog", "pool-", "live server")
# What answers a request of the live server; its connection may outlive a scenario.
REQUEST_THREAD = "(process_request_thread)"
# Kinds of which something may end at any time without anybody's fault.
MAY_END = ("threads", "connections")
# A session that is being closed is seen for a moment longer; in seconds.
LONGEST_GOODBYE = 2.0
# Things of one kind that are told one by one, and the characters of each.
MOST_TOLD = 10
LONGEST_TOLD = 200
# Bytes of a table in public up to which its rows are compared; then, its size.
LARGEST_COMPARED = 8_000_000

SESSIONS = """
SELECT pid, state, coalesce(nullif(left(query, 100), ''), 'nothing yet')
FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()
"""

# What a thing is known by, and how it is told to people.
Things = Mapping[str, str]


@dataclass(frozen=True)
class Picture:
    """A worker's world: for each kind of thing, what there is."""

    kinds: Mapping[str, Things]

    def differences(self, later: Picture, *, settled: Picture) -> list[str]:
        """Return what has come and gone since, a line for each thing.

        What comes or goes as it was when all was ``settled`` is put back, not left
        behind: the one before answers for it.
        """
        lines = []
        for kind in sorted(self.kinds.keys() | later.kinds.keys()):
            before = self.kinds.get(kind, {})
            after = later.kinds.get(kind, {})
            belongs = settled.kinds.get(kind, {}).keys()
            come = after.keys() - before.keys() - belongs
            lines += _told(kind, "left behind", [after[key] for key in come])
            if not kind.endswith(MAY_END):
                gone = (before.keys() & belongs) - after.keys()
                lines += _told(kind, "gone", [before[key] for key in gone])
        return lines


@dataclass
class LeakWatch:
    """Looks, after each scenario, for what it left behind.

    Attributes:
        workplace: the worker's schemas.
        shared: kinds that several workers at once have in common: a thing of
            these may be another one's.

    """

    workplace: Workplace
    shared: tuple[str, ...] = ()
    cache_keys: CacheKeys = field(default_factory=CacheKeys)
    _settled: Picture = field(default_factory=lambda: Picture({}))
    _ground: Picture = field(default_factory=lambda: Picture({}))
    _scopes: list[tuple[Picture, Picture]] = field(default_factory=list)

    def begin(self) -> list[str]:
        """Begin to look at caches; returns what cannot be looked at, in words."""
        return self.cache_keys.watch(self.workplace)

    def settle(self) -> None:
        """Take what there is now as what belongs there."""
        self.cache_keys.forget()
        self._settled = self._ground = self._picture()

    def move(self, workplace: Workplace) -> None:
        """Look at another workplace from now on."""
        self.workplace = workplace
        self.settle()

    def open_scope(self) -> None:
        """Take what a hook has loaded as what belongs there, until it is closed."""
        before = self._ground
        self.settle()
        self._scopes.append((before, self._ground))

    def close_scope(self) -> list[str]:
        """Return what hooks brought when the scope opened and did not take away."""
        before, opened = self._scopes.pop()
        self.settle()
        lines = []
        for kind, there in opened.kinds.items():
            known, now = before.kinds.get(kind, {}), self._ground.kinds.get(kind, {})
            stays = there.keys() & now.keys() - known.keys()
            lines += _told(kind, "left behind", [there[key] for key in stays])
        return lines

    def found(self) -> list[str]:
        """Return what has been left behind since, each thing once."""
        now = self._picture()
        lines = self._ground.differences(now, settled=self._settled)
        lines += _told("cache keys", "left behind", self.cache_keys.left_behind())
        # The next scenario answers for what it adds, not for what it finds.
        self._ground = now
        return [
            f"{line} (or another worker did: `-j 1` tells)"
            if line.partition(": ")[0].endswith(self.shared)
            else line
            for line in lines
        ]

    def _picture(self) -> Picture:
        kinds: dict[str, Things] = {
            "threads": _threads(),
            "mails": _by_itself(
                str(one.subject) for one in getattr(mail, "outbox", ())
            ),
            "mail files": {
                name: told
                for folder in mail_folders()
                for name, told in _files(folder).items()
            },
            "media files": _files(settings.MEDIA_ROOT),
            "environment": _by_itself(os.environ),
            "working directory": _by_itself([str(Path.cwd())]),
        }
        close_pools(self.workplace)
        for alias, lease in self.workplace.leases.items():
            for kind, lines in describe(lease.session, schema=lease.schema).items():
                kinds[f"{alias}, {kind}"] = _by_itself(lines)
            if lease.schema != "public":
                kinds[f"{alias}, public"] = _by_itself(_public(lease))
            known = self._ground.kinds.get(f"{alias}, connections", {})
            kinds[f"{alias}, connections"] = _sessions(lease, known=known)
        return Picture(kinds)


def close_pools(workplace: Workplace) -> None:
    """Close what the live server's pools hold: a session that stays is a leak."""
    for database in workplace.plan.databases:
        for alias in database.aliases:
            connections[alias].close()
            connections[alias].close_pool()  # type: ignore[attr-defined]


def _sessions(lease: Place, *, known: Things) -> dict[str, str]:
    """Return the sessions on a schema, by process; closing ones are waited for."""
    deadline = time.monotonic() + LONGEST_GOODBYE
    while True:
        rows = lease.session.execute(SESSIONS, [lease.name]).fetchall()
        found = {
            str(pid): f"session {pid} ({state}), whose last statement is {query}"
            for pid, state, query in rows
        }
        if found.keys() <= known.keys() or time.monotonic() > deadline:
            return found
        # One that nobody refers to any more would be closed at some time.
        gc.collect()
        time.sleep(0.01)


def _public(lease: Place) -> list[str]:
    """Describe ``public``: definitions, and of each table its rows or its size."""
    kinds = describe(lease.session, schema="public", with_rows=False)
    lines = [f"{kind}: {line}" for kind, found in kinds.items() for line in found]
    tables = lease.session.execute(
        "SELECT relname, pg_relation_size(oid) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    ).fetchall()
    for name, size in tables:
        if size > LARGEST_COMPARED:
            lines.append(f"table {name} with {size:,} bytes")
            continue
        row = lease.session.execute(
            sql.SQL(
                "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text))"
                " FROM ONLY {} t"
            ).format(sql.Identifier("public", name))
        ).fetchone()
        if row and row[0]:
            lines.append(f"table {name} with {row[0]:,} rows, digest {row[1]:.8}")
    return lines


def _threads() -> dict[str, str]:
    return {
        str(thread.ident): thread.name
        for thread in threading.enumerate()
        if not thread.name.startswith(EXPECTED_THREADS)
        and not thread.name.endswith(REQUEST_THREAD)
    }


def _files(place: object) -> dict[str, str]:
    folder = Path(str(place or ""))
    if not place or not folder.is_dir():
        return {}
    return _by_itself(str(path.relative_to(folder)) for path in folder.rglob("*"))


def _by_itself(texts: Iterable[str]) -> dict[str, str]:
    return {text: text for text in texts}


def _told(kind: str, how: str, things: Iterable[str]) -> list[str]:
    """Return a line for each of the first things, and how many more there are."""
    texts = sorted(things)
    lines = [f"{kind}: {how} {text[:LONGEST_TOLD]}" for text in texts[:MOST_TOLD]]
    if left_out := len(texts) - len(lines):
        lines.append(f"{kind}: {how} {left_out:,} more")
    return lines
