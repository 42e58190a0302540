"""Rows carried from one database to another of the same tables."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from testing.inventory import Inventory, Table, take_inventory
from testing.reset_sql import silence, unsilence

__all__ = ["transfer_rows"]


def transfer_rows(
    source: psycopg.Connection[Any],
    target: psycopg.Connection[Any],
    *,
    source_schema: str,
    target_schema: str,
) -> None:
    """Replace the rows of ``target`` by those of ``source``, sequences too.

    Both sessions are in autocommit. The project's triggers and rules keep quiet.
    """
    inventory = take_inventory(target, schema=target_schema)
    tables = inventory.everything
    reacting = [table for table in tables if table.reacts]
    with target.transaction():
        target.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in reacting:
            target.execute(silence(table))
        for table in tables:
            target.execute(sql.SQL("DELETE FROM ONLY {}").format(table.identifier))
        for table in reversed(tables):
            _copy(source, target, table, source_schema=source_schema)
        _set_sequences(source, target, inventory, source_schema=source_schema)
        target.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for view in inventory.views:
            if view.is_populated:
                target.execute(
                    sql.SQL("REFRESH MATERIALIZED VIEW {}").format(view.identifier)
                )
        for table in reacting:
            target.execute(unsilence(table))


def _copy(
    source: psycopg.Connection[Any],
    target: psycopg.Connection[Any],
    table: Table,
    *,
    source_schema: str,
) -> None:
    if not table.columns:
        # There are none, or all are computed: it is rows that count.
        (count,) = source.execute(
            sql.SQL("SELECT count(*) FROM ONLY {}").format(
                sql.Identifier(source_schema, table.name)
            )
        ).fetchall()
        target.execute(
            sql.SQL("INSERT INTO {} SELECT FROM generate_series(1, %s)").format(
                table.identifier
            ),
            count,
        )
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    read = sql.SQL("COPY (SELECT {} FROM ONLY {}) TO STDOUT").format(
        columns, sql.Identifier(source_schema, table.name)
    )
    write = sql.SQL("COPY {} ({}) FROM STDIN").format(table.identifier, columns)
    with source.cursor().copy(read) as rows, target.cursor().copy(write) as sink:
        for block in rows:
            sink.write(block)


def _set_sequences(
    source: psycopg.Connection[Any],
    target: psycopg.Connection[Any],
    inventory: Inventory,
    *,
    source_schema: str,
) -> None:
    for sequence in inventory.sequences:
        (position,) = source.execute(
            sql.SQL("SELECT last_value, is_called FROM {}").format(
                sql.Identifier(source_schema, sequence.name)
            )
        ).fetchall()
        target.execute(
            sql.SQL("SELECT setval({}, %s, %s)").format(
                sequence.identifier.as_string(target)
            ),
            position,
        )
