"""Places whose owners died: found by their free locks, never by guessing."""

from __future__ import annotations

import contextlib

from django.db.backends.base.base import BaseDatabaseWrapper

from testing.clones import CloneLease
from testing.database import connect
from testing.errors import SetupFailure
from testing.marks import LASTING, Mark, birth_number
from testing.own_databases import database_mark, unlock
from testing.schemas import Lease

__all__ = ["sweep_orphans"]


def sweep_orphans(
    connection: BaseDatabaseWrapper, *, extensions_schema: str
) -> list[str]:
    """Drop schemas and clones of ours that are not lasting and that nobody leases.

    They were left by processes that died. Returns their names.
    """
    with connect(connection) as session:
        schemas = session.execute(
            "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace"
            " WHERE obj_description(oid, 'pg_namespace') IS NOT NULL"
        ).fetchall()
        databases = session.execute(
            "SELECT datname FROM pg_database WHERE datconnlimit = %s ORDER BY datname",
            [birth_number(session.info.dbname)],
        ).fetchall()
    swept = []
    for schema, comment in schemas:
        if not _is_orphan(Mark.parse(comment)):
            continue
        lease = Lease(connection, schema=schema, extensions_schema=extensions_schema)
        with lease.session:
            # Looked at again under the lock: its owner may just have finished.
            if lease.try_lock() and _is_orphan(lease.mark()):
                lease.drop()
                swept.append(schema)
    return swept + _sweep_clones(connection, [name for (name,) in databases])


def _sweep_clones(connection: BaseDatabaseWrapper, names: list[str]) -> list[str]:
    swept: list[str] = []
    if not names:
        return swept
    lease = CloneLease(connection)
    with lease.lock:
        for name in names:
            # Before the lock: whoever wants a clone that was kept must find it free.
            if _is_orphan(database_mark(lease.lock, name=name)) and lease.take(name):
                # Somebody who looks into it keeps it until the next run.
                if _is_orphan(lease.mark()) and _is_dropped(lease):
                    swept.append(name)
                unlock(lease.lock, name=name)
    return swept


def _is_orphan(mark: Mark | None) -> bool:
    """Tell whether a mark is ours and says that its owner was not done."""
    return mark is not None and mark.state not in LASTING


def _is_dropped(lease: CloneLease) -> bool:
    with contextlib.suppress(SetupFailure):
        lease.drop()
        return True
    return False
