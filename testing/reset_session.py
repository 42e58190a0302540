"""What the session that resets does beside resetting: vacuum, and say who blocks it."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

__all__ = ["said_blocked", "vacuum_grown"]

# At 8, 16, 32 and 64 pages a reset takes the same; what 60 tables come to over 20,000
# resets grows by a fifth at 64 and stays within 4 % at 16 (docs/benchmarks.md).
PAGES_TO_VACUUM = 16


def vacuum_grown(session: psycopg.Connection[Any], *, schema: str) -> None:
    """Let grown tables shrink; deleted rows would slow each later reset."""
    rows = session.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND"
        " relkind = 'r' AND pg_relation_size(oid) > %s * 8192",
        [schema, PAGES_TO_VACUUM],
    ).fetchall()
    for (name,) in rows:
        session.execute(sql.SQL("VACUUM {}").format(sql.Identifier(schema, name)))


def said_blocked(session: psycopg.Connection[Any], *, schema: str) -> str:
    """Say who keeps a reset waiting."""
    row = session.execute(
        "SELECT pid, application_name, state, left(query, 200)"
        " FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND pid IN"
        " (SELECT pid FROM pg_locks JOIN pg_class ON pg_class.oid = relation"
        "  WHERE relnamespace = %s::regnamespace)"
        " ORDER BY xact_start LIMIT 1",
        [schema],
    ).fetchone()
    who = (
        f"session {row[0]} ({row[1] or 'unnamed'}, {row[2]}) whose last statement "
        f"is: {row[3]}"
        if row
        else "a session that is gone by now"
    )
    return (
        f"The schema {schema!r} in database {session.info.dbname!r} "
        f"could not be reset: its rows are locked by {who}. The next scenario "
        "would see leftovers, so the worker stops. Next: end that transaction "
        "in the code under test (a thread, a server-side cursor or a missing "
        "commit)."
    )
