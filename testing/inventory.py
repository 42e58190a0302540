"""What a schema holds that a reset has to know: tables, sequences, triggers."""

from __future__ import annotations

from collections.abc import Iterable
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
    def readable(self) -> tuple[Table | MaterializedView, ...]:
        """All that has rows: tables, and the views that are populated."""
        return (*self.everything, *(view for view in self.views if view.is_populated))


# One round trip. A reference counts as immediate where it is checked at once;
# the others wait until all is in place. Partitioned tables have no rows of their
# own: references of and to them are those of their partitions.
INVENTORY = """
WITH own AS MATERIALIZED (
    SELECT c.oid, relname, relkind, relispopulated, relforcerowsecurity, relhasrules,
           relhastriggers
    FROM pg_class c
    WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'S', 'm')
          AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e'
                          AND classid = 'pg_class'::regclass)
), columns AS MATERIALIZED (
    SELECT attrelid, array_agg(attname::text ORDER BY attnum) AS names,
           array_agg(attname::text ORDER BY attnum) FILTER (WHERE attidentity <> 'a')
               AS settable
    FROM pg_attribute JOIN own ON own.oid = attrelid AND relkind IN ('r', 'm')
    WHERE attnum > 0 AND NOT attisdropped AND attgenerated = '' GROUP BY 1
), keys AS MATERIALIZED (
    SELECT indrelid, array_agg(attname::text ORDER BY attnum) AS names
    FROM pg_index JOIN own ON own.oid = indrelid
    JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
    WHERE indisprimary GROUP BY 1
), member AS MATERIALIZED (
    WITH RECURSIVE tree AS (
        SELECT inhparent, inhrelid FROM pg_inherits JOIN pg_class ON oid = inhparent
        WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'p'
        UNION ALL
        SELECT tree.inhparent, i.inhrelid
        FROM tree JOIN pg_inherits i ON i.inhparent = tree.inhrelid
    ) SELECT inhparent AS parent, inhrelid AS leaf FROM tree
), refers AS MATERIALIZED (
    SELECT DISTINCT coalesce(child.leaf, conrelid) AS child,
           coalesce(target.leaf, confrelid) AS target,
           NOT condeferrable OR confdeltype = 'r' AS at_once,
           confdeltype IN ('c', 'n', 'd') AS follows
    FROM pg_constraint
    LEFT JOIN member child ON child.parent = conrelid
    LEFT JOIN member target ON target.parent = confrelid
    WHERE connamespace = %(schema)s::regnamespace AND contype = 'f'
)
SELECT own.oid::int8, relname, relkind, coalesce(columns.names, '{}'),
       coalesce(settable, '{}'), coalesce(keys.names, '{}'), relispopulated,
       CASE WHEN relhastriggers THEN
           ARRAY(SELECT ARRAY[tgname::text, tgenabled::text] FROM pg_trigger
                 WHERE tgrelid = own.oid AND NOT tgisinternal AND tgenabled <> 'D'
                 ORDER BY tgname)
       ELSE '{}' END,
       CASE WHEN relhasrules AND relkind = 'r' THEN
           ARRAY(SELECT ARRAY[rulename::text, ev_enabled::text] FROM pg_rewrite
                 WHERE ev_class = own.oid AND ev_enabled <> 'D' ORDER BY rulename)
       ELSE '{}' END,
       EXISTS (SELECT FROM refers WHERE child = own.oid AND follows),
       relforcerowsecurity AND row_security_active(own.oid),
       ARRAY(SELECT target::int8 FROM refers WHERE child = own.oid AND at_once)
FROM own LEFT JOIN columns ON attrelid = own.oid LEFT JOIN keys ON indrelid = own.oid
ORDER BY own.oid
"""
NAMES = """
SELECT relname FROM pg_class
WHERE relnamespace = %(schema)s::regnamespace AND relkind NOT IN ('i', 'I', 't')
UNION SELECT typname FROM pg_type
WHERE typnamespace = %(schema)s::regnamespace AND typtype IN ('e', 'd', 'r')
UNION SELECT proname FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace
"""


def take_inventory(session: psycopg.Connection[Any], *, schema: str) -> Inventory:
    """Read the inventory of ``schema``."""
    tables: dict[int, Table] = {}
    sequences: list[Sequence] = []
    views: list[MaterializedView] = []
    targets: dict[int, list[int]] = {}
    rows = session.execute(INVENTORY, {"schema": schema}).fetchall()
    for oid, name, kind, columns, settable, key, populated, *rest in rows:
        identifier = Identifier(schema, name)
        if kind == "S":
            sequences.append(Sequence(oid, identifier, name))
        elif kind == "m":
            views.append(MaterializedView(oid, identifier, tuple(columns), populated))
        else:
            triggers, rules, follows, hides, targets[oid] = rest
            tables[oid] = Table(
                oid=oid,
                identifier=identifier,
                name=name,
                columns=tuple(columns),
                settable=tuple(settable),
                key=tuple(key),
                triggers=_pairs(triggers),
                rules=_pairs(rules),
                refers_at_once=bool(targets[oid]),
                follows=follows,
                hides_rows=hides,
            )
    order, tangled = _children_first(tables, targets)
    names = session.execute(NAMES, {"schema": schema}).fetchall()
    return Inventory(
        tables=tuple(tables[oid] for oid in order),
        tangled=tuple(tables[oid] for oid in tangled),
        sequences=tuple(sequences),
        views=tuple(views),
        names=frozenset(row[0] for row in names),
    )


def _pairs(rows: Iterable[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, mode) for name, mode in rows)


def _children_first(
    tables: dict[int, Table], targets: dict[int, list[int]]
) -> tuple[list[int], list[int]]:
    """Order tables so that a referring one precedes the one it refers to."""
    graph: dict[int, set[int]] = {
        oid: set() for oid in sorted(tables, key=lambda oid: tables[oid].name)
    }
    for child, parents in targets.items():
        for parent in parents:
            if parent in graph and child != parent:
                graph[parent].add(child)
    try:
        return list(TopologicalSorter(graph).static_order()), []
    except CycleError:
        pairs = [(child, p) for child, parents in targets.items() for p in parents]
        tied = {oid for pair in pairs for oid in pair if oid in graph}
        return [oid for oid in graph if oid not in tied], sorted(tied)
