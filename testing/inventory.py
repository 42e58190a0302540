"""What a schema holds that a reset has to know: tables, sequences, triggers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import psycopg
from psycopg.sql import Identifier

__all__ = [
    "Inventory",
    "MaterializedView",
    "Sequence",
    "Table",
    "take_inventory",
]

# Child, target, whether it is checked at once, whether rows follow.
Reference = tuple[int, int, bool, bool]


@dataclass(frozen=True)
class Table:
    """An ordinary table or a leaf partition.

    Attributes:
        oid: the table's identifier; also names what the engine keeps about it.
        identifier: the qualified name; ``name`` is its last part.
        columns: the columns that can be inserted.
        settable: those of them that can be updated.
        key: the primary key's columns, empty without one.
        triggers: pairs of name and firing mode of the project's triggers.
        rules: the same of its rules.
        refers_at_once: whether it has references that cannot be deferred.
        follows: whether the database itself changes its rows when the rows
            go that they refer to (ON DELETE CASCADE, SET NULL, SET DEFAULT).
        hides_rows: whether policies hide rows from the session that resets.

    """

    oid: int
    identifier: Identifier
    columns: tuple[str, ...]
    settable: tuple[str, ...]
    key: tuple[str, ...]
    triggers: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...] = ()
    name: str = ""
    refers_at_once: bool = False
    follows: bool = False
    hides_rows: bool = False

    @property
    def is_known_by_key(self) -> bool:
        """Whether a changed row can be told by its key and updated in place.

        Otherwise it is deleted and inserted again: where the key is computed or
        missing, where a column cannot be updated, and where a reference is
        checked at once, which the row that it points to may not survive.
        """
        fixed = set(self.columns) - set(self.settable) - set(self.key)
        has_key = bool(self.key) and set(self.key) <= set(self.columns)
        return has_key and not fixed and not self.refers_at_once

    @property
    def reacts(self) -> bool:
        """Whether writing to it sets something of the project's going."""
        return bool(self.triggers or self.rules)


@dataclass(frozen=True)
class MaterializedView:
    """A materialized view; one that is not populated cannot be read."""

    oid: int
    identifier: Identifier
    columns: tuple[str, ...]
    is_populated: bool
    name: str = ""


@dataclass(frozen=True)
class Sequence:
    """A sequence, identity columns' own included."""

    oid: int
    identifier: Identifier
    name: str = ""


@dataclass(frozen=True)
class Inventory:
    """All that a reset puts back, in an order in which it can be emptied.

    ``tangled`` are tables whose constraints refer to each other in a circle and
    cannot be deferred: they have to be emptied by one statement. ``names`` are
    the names of all relations, functions and types, to know new ones by. What
    belongs to an extension is left out; it is the extension's.
    """

    tables: tuple[Table, ...]
    tangled: tuple[Table, ...]
    sequences: tuple[Sequence, ...]
    views: tuple[MaterializedView, ...] = ()
    names: frozenset[str] = frozenset()

    @property
    def everything(self) -> tuple[Table, ...]:
        """All tables."""
        return self.tables + self.tangled

    @property
    def oids(self) -> frozenset[int]:
        """The identifiers of all relations."""
        kinds = (self.everything, self.views, self.sequences)
        return frozenset(thing.oid for things in kinds for thing in things)

    @property
    def readable(self) -> tuple[Table | MaterializedView, ...]:
        """All that has rows: tables, and the views that are populated."""
        return (*self.everything, *(view for view in self.views if view.is_populated))


# Looks each table up by indexes: joins of whole catalogs, of whose sizes the
# planner knows nothing right after a build, take ten times as long. Columns come
# as triples of name, number and kind of identity.
RELATIONS = """
SELECT oid::int8, relname, relkind, relispopulated,
       CASE WHEN relkind IN ('r', 'm') THEN
           ARRAY(SELECT ARRAY[attname::text, attnum::text, attidentity::text]
                 FROM pg_attribute
                 WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                       AND attgenerated = '' ORDER BY attnum)
       END,
       CASE WHEN relhasindex AND relkind = 'r' THEN
           (SELECT (indkey::int2[])[0:indnkeyatts - 1]::text[] FROM pg_index
            WHERE indrelid = c.oid AND indisprimary)
       END,
       CASE WHEN relhastriggers AND relkind = 'r' THEN
           ARRAY(SELECT ARRAY[tgname::text, tgenabled::text] FROM pg_trigger
                 WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled <> 'D'
                 ORDER BY tgname)
       END,
       CASE WHEN relhasrules AND relkind = 'r' THEN
           ARRAY(SELECT ARRAY[rulename::text, ev_enabled::text] FROM pg_rewrite
                 WHERE ev_class = c.oid AND ev_enabled <> 'D' ORDER BY rulename)
       END,
       relforcerowsecurity AND row_security_active(oid),
       CASE WHEN relkind = 'p' THEN
           ARRAY(SELECT relid::oid::int8 FROM pg_partition_tree(oid) WHERE isleaf)
       END
FROM pg_class c
WHERE relnamespace = %(schema)s::regnamespace AND relkind NOT IN ('i', 'I', 't')
      AND oid NOT IN (SELECT objid FROM pg_depend
                      WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
                            AND classid = 'pg_class'::regclass)
ORDER BY oid
"""
# A reference counts as immediate where it is checked at once; the others wait
# until all is in place. Those that change nothing of the order are left out.
REFERENCES = """
SELECT conrelid::int8, confrelid::int8, NOT condeferrable OR confdeltype = 'r',
       confdeltype IN ('c', 'n', 'd')
FROM pg_constraint
WHERE connamespace = %(schema)s::regnamespace AND contype = 'f'
      AND (NOT condeferrable OR confdeltype <> 'a')
"""
# The names of what relations do not name.
FURTHER_NAMES = """
SELECT typname FROM pg_type
WHERE typnamespace = %(schema)s::regnamespace AND typtype IN ('e', 'd', 'r')
UNION SELECT proname FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace
"""


def take_inventory(session: psycopg.Connection[Any], *, schema: str) -> Inventory:
    """Read the inventory of ``schema``."""

    def rows(query: str) -> list[Any]:
        return session.execute(query, {"schema": schema}).fetchall()

    relations = rows(RELATIONS)
    references = _of_leaves(
        rows(REFERENCES),
        # Partitioned tables have no rows of their own.
        leaves={oid: rest[-1] for oid, _, kind, *rest in relations if kind == "p"},
    )
    tables = _tables(
        (row for row in relations if row[2] == "r"), references, schema=schema
    )
    order, tangled = _children_first(
        tables, [(child, target) for child, target, at_once, _ in references if at_once]
    )
    return Inventory(
        tables=tuple(tables[oid] for oid in order),
        tangled=tuple(tables[oid] for oid in tangled),
        sequences=tuple(
            Sequence(oid, Identifier(schema, name), name)
            for oid, name, kind, *_ in relations
            if kind == "S"
        ),
        views=tuple(
            MaterializedView(
                oid,
                Identifier(schema, name),
                tuple(column for column, _, _ in columns),
                populated,
                name,
            )
            for oid, name, kind, populated, columns, *_ in relations
            if kind == "m"
        ),
        names=frozenset(row[1] for row in relations)
        | frozenset(row[0] for row in rows(FURTHER_NAMES)),
    )


def _tables(
    relations: Iterable[Any], references: list[Reference], *, schema: str
) -> dict[int, Table]:
    referring = {child for child, _, at_once, _ in references if at_once}
    following = {child for child, _, _, follows in references if follows}
    tables = {}
    for oid, name, _, _, columns, key, triggers, rules, hides, _ in relations:
        tables[oid] = Table(
            oid=oid,
            identifier=Identifier(schema, name),
            name=name,
            columns=tuple(column for column, _, _ in columns),
            settable=tuple(column for column, _, kind in columns if kind != "a"),
            key=_key(columns, key or ()),
            triggers=_pairs(triggers or ()),
            rules=_pairs(rules or ()),
            refers_at_once=oid in referring,
            follows=oid in following,
            hides_rows=hides,
        )
    return tables


def _key(columns: Iterable[Any], numbers: Collection[str]) -> tuple[str, ...]:
    """Return the key's columns; none where the database computes one of them."""
    key = tuple(column for column, number, _ in columns if number in numbers)
    return key if len(key) == len(numbers) else ()


def _of_leaves(
    references: Iterable[Reference], *, leaves: dict[int, list[int]]
) -> list[Reference]:
    """Replace partitioned tables on both sides by their partitions."""
    return [
        (child, target, at_once, follows)
        for referring, referred, at_once, follows in references
        for child in leaves.get(referring, [referring])
        for target in leaves.get(referred, [referred])
    ]


def _pairs(rows: Iterable[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, mode) for name, mode in rows)


def _children_first(
    tables: dict[int, Table], references: list[tuple[int, int]]
) -> tuple[list[int], list[int]]:
    """Order tables so that a referring one precedes the one it refers to."""
    graph: dict[int, set[int]] = {
        oid: set() for oid in sorted(tables, key=lambda oid: tables[oid].name)
    }
    for child, parent in references:
        if parent in graph and child in graph and child != parent:
            graph[parent].add(child)
    try:
        return list(TopologicalSorter(graph).static_order()), []
    except CycleError:
        tied = {oid for pair in references for oid in pair if oid in graph}
        return [oid for oid in graph if oid not in tied], sorted(tied)
