"""The part of a reset that is about things rather than rows.

Things that a test has made are dropped, materialized views that it has
refreshed are refreshed once more.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from testing.inventory import Inventory, MaterializedView
from testing.reset_rows import has_rows, is_changed, note_versions

__all__ = [
    "SEEN",
    "STALE_VIEW",
    "any_new_things",
    "drop_new_things",
    "forget_things",
    "note_things",
    "refresh",
    "refresh_changed",
]

# The SQLSTATE by which a reset says that a view cannot be brought back.
STALE_VIEW = "TST01"
# A session setting that holds the newest identifier of each catalog that the last
# reset has seen. Identifiers only grow, so that whatever a test makes comes after.
SEEN = "testing.seen"
# For each catalog: what is new in it and has an unknown name.
NEWCOMERS = {
    "pg_class": SQL(
        "SELECT relname AS name, CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN"
        " 'SEQUENCE' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'c' THEN 'TYPE'"
        " WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind, '' AS tail"
        " FROM pg_class WHERE relnamespace = {schema}::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm', 'S', 'c', 'f')"
        " AND relname <> ALL ({names}) AND oid > {seen} ORDER BY oid DESC"
    ),
    # Before functions: a range's constructors go with it.
    "pg_type": SQL(
        "SELECT typname AS name, 'TYPE' AS kind, '' AS tail"
        " FROM pg_type WHERE typnamespace = {schema}::regnamespace"
        " AND typtype IN ('e', 'd', 'r')"
        " AND typname <> ALL ({names}) AND oid > {seen} ORDER BY oid DESC"
    ),
    "pg_proc": SQL(
        "SELECT proname AS name, CASE prokind WHEN 'a' THEN 'AGGREGATE' ELSE"
        " 'ROUTINE' END AS kind, '(' || CASE WHEN prokind = 'a' AND pronargs = 0"
        " THEN '*' ELSE pg_get_function_identity_arguments(oid) END || ')' AS tail"
        " FROM pg_proc p WHERE pronamespace = {schema}::regnamespace"
        " AND proname <> ALL ({names}) AND oid > {seen} AND NOT EXISTS"
        " (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass"
        " AND objid = p.oid AND deptype IN ('i', 'e')) ORDER BY oid DESC"
    ),
}


# Reads the end of each catalog's index.
NEWEST = SQL("concat_ws(' ', {})").format(
    SQL(", ").join(
        SQL("(SELECT max(oid) FROM {})").format(Identifier(catalog))
        for catalog in NEWCOMERS
    )
)


def note_things() -> Composed:
    """Return the query by which all that exists now counts as seen."""
    return SQL("SELECT set_config({}, {}, false)").format(SEEN, NEWEST)


def forget_things() -> Composed:
    """Return the query by which the next reset looks at all that exists."""
    nothing = " ".join("0" for _ in NEWCOMERS)
    return SQL("SELECT set_config({}, {}, false)").format(SEEN, nothing)


def any_new_things(inventory: Inventory, *, schema: str) -> Composed:
    """Return a query for whether the schema has things that were not seen yet."""
    parts = [
        SQL("EXISTS (SELECT FROM ({}) newcomer)").format(query)
        for query in _newcomers(
            schema=schema,
            names=Literal(sorted(inventory.names)),
            seen=SQL("current_setting({})").format(SEEN),
        )
    ]
    return SQL("SELECT {}").format(SQL(" OR ").join(parts))


def _newcomers(
    *, schema: str, names: Composable, seen: Composable
) -> Iterator[Composed]:
    """Yield the query for newcomers of each catalog."""
    for number, query in enumerate(NEWCOMERS.values(), start=1):
        since = SQL("split_part({}, ' ', {})::oid").format(seen, number)
        yield query.format(schema=schema, names=names, seen=since)


def drop_new_things(inventory: Inventory, *, schema: str) -> Composed:
    """Return what drops relations, functions and types of unknown names.

    In the usual case nothing has come to the database, and no more is looked at.
    """
    loops = [
        SQL(
            "FOR thing IN {} LOOP EXECUTE format('DROP %s IF EXISTS %I.%I%s CASCADE',"
            " thing.kind, {}, thing.name, thing.tail); END LOOP;"
        ).format(query, schema)
        for query in _newcomers(
            schema=schema,
            names=SQL("known"),
            seen=SQL("current_setting({})").format(SEEN),
        )
    ]
    return SQL(
        "newest := {newest}; IF newest <> current_setting({setting}) THEN"
        " known := {names}::text[]; {loops}"
        " PERFORM set_config({setting}, newest, false); END IF;"
    ).format(
        newest=NEWEST,
        setting=SEEN,
        names=Literal(sorted(inventory.names)),
        loops=SQL(" ").join(loops),
    )


def refresh(view: MaterializedView) -> Composed:
    """Return what gives a view the rows of the present state, whatever it had."""
    if not view.is_populated:
        return Composed([])
    return SQL("REFRESH MATERIALIZED VIEW {};").format(view.identifier)


def refresh_changed(view: MaterializedView, kept: tuple[str, int] | None) -> Composed:
    """Return what brings a materialized view back, whose rows cannot be written.

    Rows that only have other versions are those of a refresh under another
    state of the tables, and stay. Where refreshing gives other rows than the
    view had (it was not fresh itself), an error of the state ``STALE_VIEW`` is
    raised.
    """
    if not view.is_populated:
        return SQL(
            "IF (SELECT relispopulated FROM pg_class WHERE oid = {text}::regclass)"
            " THEN REFRESH MATERIALIZED VIEW {view} WITH NO DATA; END IF;"
        ).format(text=_text(view), view=view.identifier)
    changed, differs, note = _conditions(view, kept)
    return SQL(
        "IF NOT (SELECT relispopulated FROM pg_class WHERE oid = {text}::regclass)"
        " THEN changed := true; ELSE changed := {changed}; END IF;"
        " IF changed THEN"
        " IF NOT (SELECT relispopulated FROM pg_class WHERE oid = {text}::regclass)"
        " THEN REFRESH MATERIALIZED VIEW {view}; END IF;"
        " IF {differs} THEN REFRESH MATERIALIZED VIEW {view}; END IF;"
        " IF {differs} THEN RAISE EXCEPTION USING ERRCODE = {state},"
        " MESSAGE = {text}; END IF; {note} END IF;"
    ).format(
        changed=changed,
        differs=differs,
        note=note,
        view=view.identifier,
        text=_text(view),
        state=STALE_VIEW,
    )


def _conditions(
    view: MaterializedView, kept: tuple[str, int] | None
) -> tuple[Composed, Composed, Composed]:
    """Return whether rows have other versions, other contents, and the new note."""
    if kept is None:
        filled = has_rows(view)
        return filled, filled, Composed([])
    copy, rows = kept
    differs = SQL(
        "(SELECT count(*) <> {rows} FROM {view}) OR EXISTS"
        " (SELECT {row_of_copy} FROM {copy} k"
        " EXCEPT ALL SELECT {row_of_view} FROM {view} x)"
    ).format(
        view=view.identifier,
        copy=Identifier("pg_temp", copy),
        rows=rows,
        row_of_view=_row("x", view),
        row_of_copy=_row("k", view),
    )
    return is_changed(view, kept), differs, note_versions(view, copy)


def _text(view: MaterializedView) -> Literal:
    return Literal(view.identifier.as_string(None))


def _row(row: str, view: MaterializedView) -> Composed:
    columns = SQL(", ").join(Identifier(row, column) for column in view.columns)
    return SQL("ROW({})::text").format(columns)
