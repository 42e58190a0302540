"""A description of all that a schema holds, to compare two schemas by.

Object identifiers and the schema's own name are left out, so that schemas
which differ in nothing else have equal descriptions.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import psycopg
from psycopg import sql

from testing.catalog_kinds import KINDS

__all__ = ["compare_digests", "describe", "digest_of"]

# What stands for the schema's own name in a description.
OWN_NAME = "<schema>"
READABLE = """
SELECT relname, relkind FROM pg_class
WHERE relnamespace = %s::regnamespace AND relispopulated AND relkind IN ('r', 'm')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid
                      AND classid = 'pg_class'::regclass AND deptype = 'e')
ORDER BY relname
"""


def describe(
    session: psycopg.Connection[Any], *, schema: str, with_rows: bool = True
) -> dict[str, list[str]]:
    """Return everything in ``schema``, a sorted list of lines for each kind.

    With rows, there is a kind ``rows of <table>`` for each table and each
    materialized view that is populated; those of extensions are left out.
    """
    own_name = re.compile(rf'(?<![\w$])"?{re.escape(schema)}"?(?![\w$])(\.?)')

    def line(row: tuple[Any, ...]) -> str:
        # Definitions name the schema they are read from; that alone may differ.
        return own_name.sub(lambda m: "" if m[1] else OWN_NAME, repr(row))

    found = {
        kind: sorted(map(line, session.execute(query, {"schema": schema}).fetchall()))
        for kind, query in KINDS.items()
    }
    if with_rows:
        for table, texts in _rows(session, schema=schema).items():
            found[f"rows of {table}"] = sorted(line((text,)) for text in texts)
    return found


def digest_of(session: psycopg.Connection[Any], *, schema: str) -> str:
    """Return a hash for each kind of the description, rows included, as JSON."""
    return json.dumps(
        {
            kind: hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
            for kind, lines in describe(session, schema=schema).items()
            if lines
        },
        sort_keys=True,
    )


def compare_digests(one: str, other: str) -> list[str]:
    """Return the kinds in which two digests differ, in their order."""
    first, second = json.loads(one), json.loads(other)
    kinds = sorted(first.keys() | second.keys())
    return [kind for kind in kinds if first.get(kind) != second.get(kind)]


def _rows(session: psycopg.Connection[Any], *, schema: str) -> dict[str, list[str]]:
    """Return the rows of each table as texts, read in one round trip."""
    names = [name for name, _ in session.execute(READABLE, [schema])]
    found: dict[str, list[str]] = {name: [] for name in names}
    if not names:
        return found
    parts = [
        sql.SQL("SELECT {}, t::text FROM ONLY {} t").format(
            number, sql.Identifier(schema, name)
        )
        for number, name in enumerate(names)
    ]
    for number, text in session.execute(sql.SQL(" UNION ALL ").join(parts)):
        found[names[number]].append(text)
    return found
