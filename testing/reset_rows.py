"""Statements about the rows of one table: keep them, compare them, put them back.

``x`` is a row of the table, ``k`` one of the temporary table that keeps its
rows with their versions, ``ctid`` and ``xmin``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psycopg.sql import SQL, Composable, Composed, Identifier

from testing.inventory import MaterializedView, Table

__all__ = [
    "Kept",
    "changed_name",
    "delete_superfluous",
    "has_rows",
    "insert_kept",
    "is_changed",
    "keep_rows",
    "look_for_change",
    "note_versions",
    "put_back",
]

# For each table with rows, by its oid: the temporary table that holds them,
# and how many there are.
Kept = Mapping[int, tuple[str, int]]

SAME_VERSION = SQL('k."@ctid" = x.ctid AND k."@xmin" = x.xmin')


def keep_rows(table: Table | MaterializedView, *, copy: str) -> Composed:
    """Return the statement that copies a table's rows, with their versions."""
    return SQL(
        'CREATE TEMPORARY TABLE {} AS SELECT x.ctid AS "@ctid", x.xmin AS "@xmin"{}'
        " FROM ONLY {} x"
    ).format(
        Identifier(copy),
        SQL("").join(SQL(", ") + column for column in _of("x", table.columns)),
        table.identifier,
    )


def changed_name(table: Table) -> Identifier:
    """Return the variable that says whether a table differs from what is kept."""
    return Identifier(f"changed_{table.oid}")


def _copy(name: str) -> Identifier:
    return Identifier("pg_temp", name)


def _of(row: str, columns: Iterable[str]) -> list[Composable]:
    return [Identifier(row, column) for column in columns]


def has_rows(table: Table | MaterializedView) -> Composed:
    """Return a condition: there are rows."""
    return SQL("EXISTS (SELECT FROM ONLY {})").format(table.identifier)


def is_changed(table: Table | MaterializedView, kept: tuple[str, int]) -> Composed:
    """Return a condition: the table's rows are not the very versions kept."""
    copy, rows = kept
    return SQL(
        '(SELECT (count(*), count(k."@ctid")) <> ({rows}, {rows})'
        " FROM ONLY {table} x LEFT JOIN {copy} k ON {same})"
    ).format(rows=rows, table=table.identifier, copy=_copy(copy), same=SAME_VERSION)


def look_for_change(table: Table, kept: tuple[str, int]) -> Composed:
    """Return what sets the variable of a table."""
    return SQL("{} := {};").format(changed_name(table), is_changed(table, kept))


def delete_superfluous(table: Table, kept: Kept) -> Composed:
    """Return the deletion, without its end, of rows that are not kept."""
    if table.oid not in kept:
        return SQL("DELETE FROM ONLY {}").format(table.identifier)
    return SQL(
        "DELETE FROM ONLY {} x WHERE NOT EXISTS (SELECT FROM {} k WHERE {})"
    ).format(table.identifier, _copy(kept[table.oid][0]), _same_row(table))


def _same_row(table: Table) -> Composable:
    """Return a condition: ``x`` and ``k`` are the same row, by key or version."""
    if not table.is_known_by_key:
        return SAME_VERSION
    return SQL(" AND ").join(
        SQL("{} = {}").format(Identifier("k", column), Identifier("x", column))
        for column in table.key
    )


def put_back(table: Table, copy: str) -> Composed:
    """Update rows that changed, insert rows that are missing, note new versions."""
    statements: list[Composable] = []
    if table.is_known_by_key and table.settable:
        statements.append(_update_changed(table, copy))
    statements.append(
        SQL("{} WHERE NOT EXISTS (SELECT FROM ONLY {} x WHERE {});").format(
            insert_kept(table, copy), table.identifier, _same_row(table)
        )
    )
    statements.append(note_versions(table, copy))
    return SQL("IF {} THEN {} END IF;").format(
        changed_name(table), SQL(" ").join(statements)
    )


def insert_kept(table: Table, copy: str) -> Composed:
    """Return the insertion of all kept rows, ``k``; a condition may follow."""
    if not table.columns:
        # There are none, or all are computed: it is rows that count.
        return SQL("INSERT INTO {} SELECT FROM {} k").format(
            table.identifier, _copy(copy)
        )
    return SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} k"
    ).format(
        table.identifier,
        SQL(", ").join(map(Identifier, table.columns)),
        SQL(", ").join(_of("k", table.columns)),
        _copy(copy),
    )


def note_versions(table: Table | MaterializedView, copy: str) -> Composed:
    """Return what makes the present rows, with their versions, the kept ones."""
    return SQL(
        "DELETE FROM {copy}; INSERT INTO {copy} SELECT {own} FROM ONLY {table} x;"
    ).format(
        table=table.identifier,
        copy=_copy(copy),
        own=SQL(", ").join([SQL("x.ctid, x.xmin"), *_of("x", table.columns)]),
    )


def _update_changed(table: Table, copy: str) -> Composed:
    """Return the update of rows of the same key and another version.

    Rows that swapped a unique value cannot be updated one after the other:
    those go, and come back as missing ones.
    """
    values = [
        SQL("{} = {}").format(Identifier(column), Identifier("k", column))
        for column in table.settable
    ]
    return SQL(
        "BEGIN UPDATE ONLY {table} x SET {values} FROM {copy} k WHERE {which};"
        " EXCEPTION WHEN unique_violation OR exclusion_violation THEN"
        " DELETE FROM ONLY {table} x USING {copy} k WHERE {which}; END;"
    ).format(
        table=table.identifier,
        values=SQL(", ").join(values),
        copy=_copy(copy),
        which=SQL("{} AND NOT ({})").format(_same_row(table), SAME_VERSION),
    )
