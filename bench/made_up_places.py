"""Schemas of a made-up project: planned, leased, built and written to.

For a process in which Django is set up with that project's settings.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections
from psycopg import sql

from testing.builds import build_schema
from testing.database import connect
from testing.preparation import Plan, prepare
from testing.schemas import Lease

ALIAS = "default"
# Tables that are written to before each reset, as a scenario would.
WRITTEN = 5


@contextmanager
def plan(*, keepdb: bool = False, workers: int = 1) -> Iterator[Plan]:
    """Prepare a run, and drop its test database afterwards."""
    name = connection.settings_dict["TEST"]["NAME"]
    try:
        yield prepare(verbosity=0, keepdb=keepdb, workers=workers)
    finally:
        connections.close_all()
        on_server(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def on_server(statement: sql.Composable) -> None:
    with connect(connection, database="postgres") as session:
        session.execute(statement)


def lease(of: Plan, *, number: int) -> Lease:
    found = Lease.acquire(
        connection,
        prefix=of.slot_prefix,
        extensions_schema=of.engine.extensions_schema,
        number=number,
    )
    found.point(connection)
    return found


def build(of: Plan, *, number: int) -> Lease:
    """Lease a slot and build its schema, as a worker does."""
    place = lease(of, number=number)
    build_schema(place, journal=of.journals[ALIAS], plan=of, alias=ALIAS)
    return place


def milliseconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def write(session: Any, *, rows: int, tables: int) -> None:
    """Write ``rows`` rows in all to a few of the project's tables."""
    written = min(WRITTEN, tables)
    for number in range(written):
        insert = sql.SQL(
            "INSERT INTO {} (code, note) SELECT 'c' || g, 'a note of some length'"
            " FROM generate_series(1, %s) g"
        ).format(sql.Identifier(f"made_up_table{number}"))
        session.execute(insert, [max(rows // written, 1)])
