"""The SQL of baseline and reset, made from an inventory with psycopg's ``sql``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from testing.inventory import Inventory, Table

__all__ = ["dirty_tables", "keep_rows", "reset_function", "sequence_positions"]

# For each table with rows, by its oid: the temporary table that holds them,
# and how many there are.
Kept = Mapping[int, tuple[str, int]]

SAME_VERSION = SQL('k."@ctid" = x.ctid AND k."@xmin" = x.xmin')
TRIGGER_MODES = {"O": SQL(""), "A": SQL("ALWAYS "), "R": SQL("REPLICA ")}


def keep_rows(table: Table, *, copy: str) -> Composed:
    """Return the statement that copies a table's rows, with their versions."""
    return SQL(
        'CREATE TEMPORARY TABLE {} AS SELECT x.ctid AS "@ctid", x.xmin AS "@xmin"{}'
        " FROM ONLY {} x"
    ).format(
        Identifier(copy),
        SQL("").join(SQL(", ") + column for column in _of("x", table.columns)),
        table.identifier,
    )


def dirty_tables(inventory: Inventory, *, kept: Kept) -> Composed | None:
    """Return a query for the oids of tables that differ from what is kept."""
    parts = [
        SQL("SELECT {} WHERE {}").format(
            table.oid,
            _is_changed(table, kept[table.oid])
            if table.oid in kept
            else _has_rows(table),
        )
        for table in inventory.tables + inventory.tangled
    ]
    return SQL(" UNION ALL ").join(parts) if parts else None


def sequence_positions(inventory: Inventory) -> Composed | None:
    """Return a query for oid, last value and is_called of each sequence."""
    parts = [
        SQL("SELECT {}, last_value, is_called FROM {}").format(
            sequence.oid, sequence.identifier
        )
        for sequence in inventory.sequences
    ]
    return SQL(" UNION ALL ").join(parts) if parts else None


def reset_function(
    inventory: Inventory,
    *,
    schema: str,
    number: int,
    kept: Kept,
    positions: Mapping[int, tuple[int, bool]],
) -> Composed:
    """Return the statement that creates ``pg_temp.reset_<number>()``.

    Order matters: triggers of the project are silenced before anything is
    deleted, everything superfluous goes (referring tables first) before
    anything comes back (referred tables first), and constraints are checked
    once, at the end.
    """
    everything = inventory.tables + inventory.tangled
    with_rows = [table for table in everything if table.oid in kept]
    with_triggers = [table for table in everything if table.triggers]
    statements: list[Composable] = [
        _guard(schema),
        SQL("SET CONSTRAINTS ALL DEFERRED;"),
        *(_look_for_change(table, kept[table.oid]) for table in with_rows),
        *(_silence(table, kept) for table in with_triggers),
        *(_delete(table, kept) for table in inventory.tables),
        *_delete_together(inventory.tangled, kept),
        *(_put_back(table, kept[table.oid][0]) for table in reversed(with_rows)),
        *_look_again(list(reversed(with_rows)), kept),
        *(
            _rewind(sequence.identifier, *positions[sequence.oid])
            for sequence in inventory.sequences
        ),
        SQL("SET CONSTRAINTS ALL IMMEDIATE;"),
        *(_unsilence(table) for table in with_triggers),
    ]
    variables = [SQL("{} boolean;").format(_changed(table)) for table in with_rows]
    variables += [
        SQL("{} boolean := false;").format(_silent(table)) for table in with_triggers
    ]
    code = SQL("DECLARE last bigint; called boolean; {} BEGIN\n{}\nEND").format(
        SQL(" ").join(variables), SQL("\n").join(statements)
    )
    return SQL(
        "CREATE FUNCTION pg_temp.{}() RETURNS void LANGUAGE plpgsql AS {}"
    ).format(Identifier(f"reset_{number}"), Literal(code.as_string(None)))


def _guard(schema: str) -> Composed:
    return SQL(
        "IF current_schema() IS DISTINCT FROM {0} THEN"
        " RAISE EXCEPTION 'reset of % refused: the session is on %',"
        " {0}, current_schema(); END IF;"
    ).format(schema)


def _changed(table: Table) -> Identifier:
    return Identifier(f"changed_{table.oid}")


def _silent(table: Table) -> Identifier:
    return Identifier(f"silent_{table.oid}")


def _copy(name: str) -> Identifier:
    return Identifier("pg_temp", name)


def _of(row: str, columns: Iterable[str]) -> list[Composable]:
    return [Identifier(row, column) for column in columns]


def _has_rows(table: Table) -> Composed:
    return SQL("EXISTS (SELECT FROM ONLY {})").format(table.identifier)


def _is_changed(table: Table, kept: tuple[str, int]) -> Composed:
    """Return a condition: the table's rows are not the very versions kept."""
    copy, rows = kept
    return SQL(
        '(SELECT (count(*), count(k."@ctid")) <> ({rows}, {rows})'
        " FROM ONLY {table} x LEFT JOIN {copy} k ON {same})"
    ).format(rows=rows, table=table.identifier, copy=_copy(copy), same=SAME_VERSION)


def _look_for_change(table: Table, kept: tuple[str, int]) -> Composed:
    return SQL("{} := {};").format(_changed(table), _is_changed(table, kept))


def _look_again(with_rows: list[Table], kept: Kept) -> list[Composable]:
    """Put back what went along with rows that were deleted on the way.

    ON DELETE CASCADE and SET NULL of the database reach rows that nobody had
    changed when the tables were looked at.
    """
    if not with_rows:
        return []
    any_changed = SQL(" OR ").join(_changed(table) for table in with_rows)
    statements: list[Composable] = [SQL("IF {} THEN").format(any_changed)]
    for table in with_rows:
        statements.append(SQL("IF NOT {} THEN").format(_changed(table)))
        statements.append(_look_for_change(table, kept[table.oid]))
        statements.append(SQL("END IF;"))
        statements.append(_put_back(table, kept[table.oid][0]))
    return [*statements, SQL("END IF;")]


def _silence(table: Table, kept: Kept) -> Composed:
    return SQL(
        "IF {} THEN ALTER TABLE {} DISABLE TRIGGER USER; {} := true; END IF;"
    ).format(
        _changed(table) if table.oid in kept else _has_rows(table),
        table.identifier,
        _silent(table),
    )


def _unsilence(table: Table) -> Composed:
    enable = [
        SQL("ALTER TABLE {} ENABLE {}TRIGGER {};").format(
            table.identifier, TRIGGER_MODES[mode], Identifier(trigger)
        )
        for trigger, mode in table.triggers
    ]
    return SQL("IF {} THEN {} END IF;").format(_silent(table), SQL(" ").join(enable))


def _delete(table: Table, kept: Kept) -> Composed:
    statement = _delete_superfluous(table, kept)
    if table.oid in kept:
        return SQL("IF {} THEN {}; END IF;").format(_changed(table), statement)
    if table.triggers:
        # Even a deletion of nothing would fire a trigger for each statement.
        return SQL("IF {} THEN {}; END IF;").format(_silent(table), statement)
    return SQL("{};").format(statement)


def _delete_together(tables: Iterable[Table], kept: Kept) -> list[Composed]:
    deletions = [
        SQL("{} AS ({})").format(
            Identifier(f"gone_{table.oid}"), _delete_superfluous(table, kept)
        )
        for table in tables
    ]
    if not deletions:
        return []
    return [SQL("WITH {} SELECT 1 INTO last;").format(SQL(", ").join(deletions))]


def _delete_superfluous(table: Table, kept: Kept) -> Composed:
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


def _put_back(table: Table, copy: str) -> Composed:
    """Update rows that changed, insert rows that are missing, note new versions."""
    names = {
        "table": table.identifier,
        "copy": _copy(copy),
        "columns": SQL(", ").join(map(Identifier, table.columns)),
        "kept": SQL(", ").join(_of("k", table.columns)),
        "own": SQL(", ").join([SQL("x.ctid, x.xmin"), *_of("x", table.columns)]),
        "same": _same_row(table),
    }
    statements = []
    if table.is_known_by_key and table.settable:
        statements.append(_update_changed(table, copy))
    if table.columns:
        insert = (
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
            " SELECT {kept} FROM {copy} k"
            " WHERE NOT EXISTS (SELECT FROM ONLY {table} x WHERE {same});"
        )
        statements.append(SQL(insert).format(**names))
    note = "DELETE FROM {copy}; INSERT INTO {copy} SELECT {own} FROM ONLY {table} x;"
    statements.append(SQL(note).format(**names))
    return SQL("IF {} THEN {} END IF;").format(
        _changed(table), SQL(" ").join(statements)
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


def _rewind(sequence: Identifier, last: int, called: bool) -> Composed:
    return SQL(
        "SELECT last_value, is_called INTO last, called FROM {name};"
        " IF last <> {last} OR called <> {called} THEN"
        " PERFORM setval({text}, {last}, {called}); END IF;"
    ).format(
        name=sequence,
        text=sequence.as_string(None),
        last=last,
        called=called,
    )
