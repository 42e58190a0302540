"""What a schema holds that a reset has to know: tables, sequences, triggers."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import psycopg
from psycopg.sql import Identifier

__all__ = ["Inventory", "Sequence", "Table", "take_inventory"]


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
        refers_at_once: whether it has references that cannot be deferred.

    """

    oid: int
    identifier: Identifier
    columns: tuple[str, ...]
    settable: tuple[str, ...]
    key: tuple[str, ...]
    triggers: tuple[tuple[str, str], ...]
    name: str = ""
    refers_at_once: bool = False

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


@dataclass(frozen=True)
class Sequence:
    """A sequence, identity columns' own included."""

    oid: int
    identifier: Identifier
    name: str = ""


@dataclass(frozen=True)
class Inventory:
    """Tables in an order in which they can be emptied, and sequences.

    ``tangled`` are tables whose constraints refer to each other in a circle and
    cannot be deferred: they have to be emptied by one statement.
    """

    tables: tuple[Table, ...]
    tangled: tuple[Table, ...]
    sequences: tuple[Sequence, ...]


TABLES = """
SELECT c.oid::int, c.relname,
       ARRAY(SELECT attname::text FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                   AND attgenerated = '' ORDER BY attnum),
       ARRAY(SELECT attname::text FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                   AND attgenerated = '' AND attidentity <> 'a' ORDER BY attnum),
       ARRAY(SELECT attname::text FROM pg_index, pg_attribute
             WHERE indrelid = c.oid AND indisprimary AND attrelid = c.oid
                   AND attnum = ANY (indkey) ORDER BY attnum),
       ARRAY(SELECT ARRAY[tgname::text, tgenabled::text] FROM pg_trigger
             WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled <> 'D'
             ORDER BY tgname)
FROM pg_class c WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r'
ORDER BY c.relname
"""
SEQUENCES = """
SELECT oid::int, relname FROM pg_class
WHERE relnamespace = %s::regnamespace AND relkind = 'S' ORDER BY relname
"""
# Constraints that are checked at once; the others wait until all is in place.
IMMEDIATE_REFERENCES = """
SELECT conrelid::int, confrelid::int FROM pg_constraint
WHERE connamespace = %s::regnamespace AND contype = 'f'
      AND (NOT condeferrable OR confdeltype = 'r')
"""


def take_inventory(session: psycopg.Connection[Any], *, schema: str) -> Inventory:
    """Read the inventory of ``schema``."""
    references = session.execute(IMMEDIATE_REFERENCES, [schema]).fetchall()
    referring = {child for child, _ in references}
    tables = {
        oid: Table(
            oid=oid,
            identifier=Identifier(schema, name),
            name=name,
            refers_at_once=oid in referring,
            columns=tuple(columns),
            settable=tuple(settable),
            key=tuple(key),
            triggers=tuple((trigger, mode) for trigger, mode in triggers),
        )
        for oid, name, columns, settable, key, triggers in session.execute(
            TABLES, [schema]
        )
    }
    sequences = tuple(
        Sequence(oid, Identifier(schema, name), name)
        for oid, name in session.execute(SEQUENCES, [schema])
    )
    order, tangled = _children_first(list(tables), references)
    return Inventory(
        tables=tuple(tables[oid] for oid in order),
        tangled=tuple(tables[oid] for oid in tangled),
        sequences=sequences,
    )


def _children_first(
    oids: list[int], references: list[tuple[int, int]]
) -> tuple[list[int], list[int]]:
    """Order tables so that a referring one precedes the one it refers to."""
    graph: dict[int, set[int]] = {oid: set() for oid in oids}
    for child, parent in references:
        # A partition's parent has no rows of its own and is not among them.
        if child in graph and parent in graph and child != parent:
            graph[parent].add(child)
    try:
        return list(TopologicalSorter(graph).static_order()), []
    except CycleError:
        tied = {oid for pair in references for oid in pair if oid in graph}
        return [oid for oid in oids if oid not in tied], sorted(tied)
