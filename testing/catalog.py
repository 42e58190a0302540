"""A description of all that a schema holds, to compare two schemas by.

Object identifiers and the schema's own name are left out, so that schemas
which differ in nothing else have equal descriptions.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import psycopg
from psycopg import sql

__all__ = ["describe", "digest_of"]

QUERIES = {
    "relations": """
        SELECT relname, relkind, relpersistence, relispartition, relrowsecurity,
               relreplident, reloptions, obj_description(oid, 'pg_class'),
               CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END,
               pg_get_expr(relpartbound, oid),
               CASE WHEN relkind = 'p' THEN pg_get_partkeydef(oid) END
        FROM pg_class WHERE relnamespace = %(schema)s::regnamespace""",
    "columns": """
        SELECT relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
               attidentity, attgenerated, attcollation::regcollation::text,
               pg_get_expr(adbin, adrelid), col_description(attrelid, attnum)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = %(schema)s::regnamespace AND attnum > 0
              AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c')""",
    "constraints": """
        SELECT conname, contype, condeferrable, condeferred, convalidated,
               pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint')
        FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace""",
    "indexes": """
        SELECT pg_get_indexdef(indexrelid), indisunique, indisprimary, indisvalid,
               indisclustered
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = %(schema)s::regnamespace""",
    "sequences": """
        SELECT sequencename, data_type::text, start_value, min_value, max_value,
               increment_by, cycle, cache_size, last_value
        FROM pg_sequences WHERE schemaname = %(schema)s""",
    "sequence owners": """
        SELECT s.relname, t.relname, d.refobjsubid, d.deptype
        FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_class t ON t.oid = d.refobjid
        WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
              AND s.relnamespace = %(schema)s::regnamespace""",
    "functions": """
        SELECT proname, prokind, CASE WHEN prokind IN ('f', 'p', 'w')
               THEN pg_get_functiondef(oid) ELSE prosrc END,
               obj_description(oid, 'pg_proc')
        FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace""",
    "triggers": """
        SELECT relname, tgname, tgenabled, pg_get_triggerdef(pg_trigger.oid)
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = %(schema)s::regnamespace AND NOT tgisinternal""",
    "types": """
        SELECT typname, typtype, typnotnull, typdefault,
               format_type(typbasetype, typtypmod), obj_description(oid, 'pg_type'),
               ARRAY(SELECT enumlabel FROM pg_enum WHERE enumtypid = pg_type.oid
                     ORDER BY enumsortorder)
        FROM pg_type WHERE typnamespace = %(schema)s::regnamespace
              AND typtype IN ('e', 'd', 'c', 'r')""",
    "rules and policies": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check
        FROM pg_policies WHERE schemaname = %(schema)s
        UNION ALL SELECT tablename, rulename, definition, '', '', '', ''
        FROM pg_rules WHERE schemaname = %(schema)s""",
    "statistics": """
        SELECT stxname, pg_get_statisticsobjdef(oid)
        FROM pg_statistic_ext WHERE stxnamespace = %(schema)s::regnamespace""",
    "collations": """
        SELECT collname, collprovider, collisdeterministic, collcollate
        FROM pg_collation WHERE collnamespace = %(schema)s::regnamespace""",
}


def describe(
    session: psycopg.Connection[Any], *, schema: str, with_rows: bool = True
) -> dict[str, list[str]]:
    """Return everything in ``schema``, a sorted list of lines for each kind.

    With rows, there is a kind ``rows of <table>`` for each table and each
    materialized view.
    """
    found = {
        kind: _lines(session, sql.SQL(query), schema=schema, args={"schema": schema})
        for kind, query in QUERIES.items()
    }
    if with_rows:
        for table in _tables(session, schema=schema):
            query = sql.SQL("SELECT t::text FROM ONLY {} t").format(
                sql.Identifier(schema, table)
            )
            found[f"rows of {table}"] = _lines(session, query, schema=schema, args=None)
    return found


def digest_of(session: psycopg.Connection[Any], *, schema: str) -> str:
    """Return a hash of the description, rows included, in hex."""
    content = json.dumps(describe(session, schema=schema), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _lines(
    session: psycopg.Connection[Any],
    query: sql.SQL | sql.Composed,
    *,
    schema: str,
    args: dict[str, str] | None,
) -> list[str]:
    rows = session.execute(query, args).fetchall()
    own_name = f"{schema}."
    # Definitions name the schema they are read from; that alone may differ.
    return sorted(repr(tuple(row)).replace(own_name, "") for row in rows)


def _tables(session: psycopg.Connection[Any], *, schema: str) -> list[str]:
    rows = session.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace"
        " AND (relkind = 'r' OR relkind = 'm' AND relispopulated) ORDER BY relname",
        [schema],
    ).fetchall()
    return [row[0] for row in rows]
