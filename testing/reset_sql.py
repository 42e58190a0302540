"""The SQL of baseline and reset, made from an inventory with psycopg's ``sql``."""

from __future__ import annotations

from collections.abc import Container, Iterable

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from testing.inventory import Inventory, Table
from testing.reset_objects import drop_new_things, refresh, refresh_changed
from testing.reset_rows import (
    Kept,
    changed_name,
    delete_superfluous,
    has_rows,
    insert_kept,
    is_changed,
    look_for_change,
    note_versions,
    put_back,
)
from testing.reset_sequences import Positions, rewind

__all__ = [
    "dirty_tables",
    "in_sight",
    "reset_function",
    "silence",
    "unsilence",
    "written_tables",
]

# A table that nobody has written to has no pages: it is not even planned for. One
# that was made again under its name has no size here, and is emptied.
IF_EVER_WRITTEN = SQL("IF pg_relation_size(")
THEN = SQL(") IS DISTINCT FROM 0 THEN ")
# How triggers and rules fire: in a session of origin, always, in a replica.
FIRING_MODES = {"O": SQL(""), "A": SQL("ALWAYS "), "R": SQL("REPLICA ")}


def written_tables(inventory: Inventory) -> Composed:
    """Return a query for the oids of tables that have pages, with rows or without."""
    oids = [thing.oid for thing in inventory.readable]
    return SQL(
        "SELECT one FROM unnest({}::bigint[]) one WHERE pg_relation_size(one::oid) > 0"
    ).format(Literal(oids))


def dirty_tables(
    inventory: Inventory, *, kept: Kept, written: Container[int]
) -> Composed | None:
    """Return a query for the oids of tables that differ from what is kept."""
    parts = [
        SQL("SELECT {} WHERE {}").format(
            thing.oid,
            is_changed(thing, kept[thing.oid])
            if thing.oid in kept
            else has_rows(thing),
        )
        for thing in inventory.readable
        if thing.oid in kept or thing.oid in written
    ]
    return SQL(" UNION ALL ").join(parts) if parts else None


def in_sight(inventory: Inventory, *, hidden: bool) -> Composed | None:
    """Return statements that let this session see rows which policies hide.

    ``hidden`` puts the policies in force again.
    """
    force = SQL("") if hidden else SQL("NO ")
    statements = [
        SQL("ALTER TABLE {} {}FORCE ROW LEVEL SECURITY;").format(
            table.identifier, force
        )
        for table in inventory.everything
        if table.hides_rows
    ]
    return SQL(" ").join(statements) if statements else None


def reset_function(
    inventory: Inventory,
    *,
    schema: str,
    number: int,
    kept: Kept,
    positions: Positions,
    server_version: int,
) -> Composed:
    """Return the statement that creates ``pg_temp.reset_<number>()``.

    Order matters: what a test has made goes before anything else, which it may
    refer to; triggers and rules of the project are silenced before anything is
    deleted, everything superfluous goes (referring tables first) before
    anything comes back (referred tables first), constraints are checked once,
    at the end, and materialized views are looked at when all is in place. With
    nothing kept it empties all tables and refreshes the views.
    """
    everything = inventory.everything
    with_rows = [table for table in everything if table.oid in kept]
    untangled = [table for table in inventory.tables if table.oid in kept]
    reacting = [table for table in everything if table.reacts]
    back = list(reversed(with_rows))
    statements: list[Composable] = [
        _guard(schema),
        drop_new_things(inventory, schema=schema),
        in_sight(inventory, hidden=False) or SQL(""),
        SQL("SET CONSTRAINTS ALL DEFERRED;"),
        *(look_for_change(table, kept[table.oid]) for table in with_rows),
        *_look_at_tangle(inventory.tangled, kept),
        *(_silence(table, inventory, kept) for table in reacting),
        *(_delete(table, kept) for table in inventory.tables),
        *_put_back_together(inventory.tangled, kept),
        *(put_back(table, kept[table.oid][0]) for table in reversed(untangled)),
        *_look_again(back, kept),
        rewind(inventory.sequences, positions, server_version=server_version),
        SQL("SET CONSTRAINTS ALL IMMEDIATE;"),
        *(_unsilence(table) for table in reacting),
        in_sight(inventory, hidden=True) or SQL(""),
        *(
            refresh_changed(view, kept.get(view.oid)) if kept else refresh(view)
            for view in inventory.views
        ),
    ]
    variables = [SQL("{} boolean;").format(changed_name(table)) for table in with_rows]
    variables += [
        SQL("{} boolean := false;").format(_silent(table)) for table in reacting
    ]
    code = SQL(
        "DECLARE last bigint; called boolean; tangled boolean; changed boolean;"
        " newest text; known text[]; thing record; {} BEGIN\n{}\nEND"
    ).format(SQL(" ").join(variables), SQL("\n").join(statements))
    return SQL(
        "CREATE FUNCTION pg_temp.{}() RETURNS void LANGUAGE plpgsql AS {}"
    ).format(Identifier(f"reset_{number}"), Literal(code.as_string(None)))


def _guard(schema: str) -> Composed:
    return SQL(
        "IF current_schema() IS DISTINCT FROM {0} THEN"
        " RAISE EXCEPTION 'reset of % refused: the session is on %',"
        " {0}, current_schema(); END IF;"
    ).format(schema)


def _silent(table: Table) -> Identifier:
    return Identifier(f"silent_{table.oid}")


def _look_again(with_rows: list[Table], kept: Kept) -> list[Composable]:
    """Put back what went along with rows that were deleted on the way.

    ON DELETE CASCADE and SET NULL of the database reach rows that nobody had
    changed when the tables were looked at.
    """
    if not with_rows:
        return []
    statements: list[Composable] = [SQL("IF {} THEN").format(_any_changed(with_rows))]
    for table in with_rows:
        statements.append(SQL("IF NOT {} THEN").format(changed_name(table)))
        statements.append(look_for_change(table, kept[table.oid]))
        statements.append(SQL("END IF;"))
        statements.append(put_back(table, kept[table.oid][0]))
    return [*statements, SQL("END IF;")]


def _any_changed(tables: Iterable[Table]) -> Composed:
    return SQL(" OR ").join(changed_name(table) for table in tables)


def _look_at_tangle(tables: Iterable[Table], kept: Kept) -> list[Composed]:
    """Find out whether any of the tables that go together has to."""
    parts = [
        changed_name(table) if table.oid in kept else has_rows(table)
        for table in tables
    ]
    if not parts:
        return []
    return [SQL("tangled := {};").format(SQL(" OR ").join(parts))]


def _silence(table: Table, inventory: Inventory, kept: Kept) -> Composed:
    """Switch triggers and rules off where rows may be written."""
    when: Composable
    if table in inventory.tangled:
        when = SQL("tangled")
    elif table.oid in kept and table.follows:
        # Rows that nobody had changed may follow those that they refer to.
        when = _any_changed(t for t in inventory.everything if t.oid in kept)
    elif table.oid in kept:
        when = changed_name(table)
    else:
        when = has_rows(table)
    note = SQL("{} := true;").format(_silent(table))
    return SQL("IF {} THEN {} {} END IF;").format(when, note, silence(table))


def silence(table: Table) -> Composed:
    """Return what switches a table's triggers and rules off, if it has some."""
    statements: list[Composable] = []
    if table.triggers:
        statements.append(
            SQL("ALTER TABLE {} DISABLE TRIGGER USER;").format(table.identifier)
        )
    statements += [
        SQL("ALTER TABLE {} DISABLE RULE {};").format(
            table.identifier, Identifier(rule)
        )
        for rule, _ in table.rules
    ]
    return SQL(" ").join(statements)


def unsilence(table: Table) -> Composed:
    """Return what switches them on again, each one as it was before."""
    enable = [
        SQL("ALTER TABLE {} ENABLE {}{} {};").format(
            table.identifier, FIRING_MODES[mode], SQL(kind), Identifier(name)
        )
        for kind, names in (("TRIGGER", table.triggers), ("RULE", table.rules))
        for name, mode in names
    ]
    return SQL(" ").join(enable)


def _unsilence(table: Table) -> Composed:
    return SQL("IF {} THEN {} END IF;").format(_silent(table), unsilence(table))


def _delete(table: Table, kept: Kept) -> Composed:
    statement = delete_superfluous(table, kept)
    if table.oid in kept:
        return SQL("IF {} THEN {}; END IF;").format(changed_name(table), statement)
    if table.reacts:
        # Even a deletion of nothing would fire a trigger for each statement.
        return SQL("IF {} THEN {}; END IF;").format(_silent(table), statement)
    return Composed(
        [IF_EVER_WRITTEN, Literal(table.oid), THEN, statement, SQL("; END IF;")]
    )


def _put_back_together(tables: Iterable[Table], kept: Kept) -> list[Composable]:
    """Empty and refill tables that refer to each other in a circle.

    References are checked when a statement ends, so that one statement deletes
    from all of them and one inserts into all of them.
    """
    filled = [table for table in tables if table.oid in kept and table.columns]
    everything = [
        (f"gone_{table.oid}", SQL("DELETE FROM ONLY {}").format(table.identifier))
        for table in tables
    ]
    again = [
        (f"back_{table.oid}", insert_kept(table, kept[table.oid][0]))
        for table in filled
    ]
    statements: list[Composable] = [
        SQL("WITH {} SELECT 1 INTO last;").format(
            SQL(", ").join(
                SQL("{} AS ({})").format(Identifier(name), query)
                for name, query in queries
            )
        )
        for queries in (everything, again)
        if queries
    ]
    statements += [note_versions(table, kept[table.oid][0]) for table in filled]
    if not statements:
        return []
    return [SQL("IF tangled THEN"), *statements, SQL("END IF;")]
