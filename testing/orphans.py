"""Schemas whose owners died: found by their free locks, never by guessing."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from testing.database import connect
from testing.schemas import LASTING, Lease, Mark

__all__ = ["sweep_orphans"]


def sweep_orphans(
    connection: BaseDatabaseWrapper, *, extensions_schema: str
) -> list[str]:
    """Drop marked schemas that are not ready and that nobody leases.

    Such a schema was left by a process that died. Returns their names.
    """
    with connect(connection) as session:
        rows = session.execute(
            "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace"
            " WHERE obj_description(oid, 'pg_namespace') IS NOT NULL"
        ).fetchall()
    swept = []
    for schema, comment in rows:
        mark = Mark.parse(comment)
        if mark is None or mark.state in LASTING:
            continue
        lease = Lease(connection, schema=schema, extensions_schema=extensions_schema)
        with lease.session:
            # Looked at again under the lock: its owner may just have finished.
            if lease.try_lock() and (now := lease.mark()) and now.state not in LASTING:
                lease.drop()
                swept.append(schema)
    return swept
