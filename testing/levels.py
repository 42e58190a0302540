"""Levels of a baseline, as the lease's session keeps them.

Each has copies of rows in temporary tables, shared with the levels below where
nothing has changed, and a function that goes back to it.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
from psycopg import sql

from testing import reset_rows, reset_sql
from testing.inventory import Inventory, MaterializedView, Table
from testing.reset_sequences import Positions

__all__ = ["Level", "LevelStore"]

# For each table with rows, by its oid: where they are, and how many.
Kept = dict[int, tuple[str, int]]

# Names levels; a session may have one baseline after another.
_numbers = count(1)


@dataclass(frozen=True)
class Level:
    """One state to go back to.

    Attributes:
        number: names the level's function and tables; never used twice.
        inventory: what the schema held, whatever came later is dropped.
        kept: for each table with rows, by its oid: the temporary table that
            holds them and how many there are.
        positions: for each sequence, by its oid: last value, and whether it
            was handed out.

    """

    number: int
    inventory: Inventory
    kept: Kept
    positions: Positions

    def without_rows(self) -> Level:
        """Return a level with the same things, in which all tables are empty."""
        return Level(next(_numbers), self.inventory, {}, self.positions)


class LevelStore:
    """Makes levels of one schema in a session, runs them and drops them."""

    def __init__(self, session: psycopg.Connection[Any], *, schema: str) -> None:
        self.session = session
        self.schema = schema
        # Levels whose function the session has; many a worker never resets.
        self.made: set[int] = set()

    def create(
        self,
        inventory: Inventory,
        *,
        dirty: Set[int],
        positions: Positions,
        below: Level | None,
    ) -> Level:
        """Return a level of the present state.

        ``dirty`` are the tables, by their oids, whose rows are copied; the
        other copies are those of the level ``below``.
        """
        number = next(_numbers)
        copies = [
            (thing, f"level_{number}_{thing.oid}")
            for thing in inventory.readable
            if thing.oid in dirty
        ]
        kept = dict(below.kept) if below else {}
        return Level(number, inventory, self._keep(copies, kept), positions)

    def make_function(self, level: Level) -> None:
        """Make the function that goes back to a level, once."""
        if level.number in self.made:
            return
        self.session.execute(
            reset_sql.reset_function(
                level.inventory,
                schema=self.schema,
                number=level.number,
                kept=level.kept,
                positions=level.positions,
                server_version=self.session.info.server_version,
            )
        )
        self.made.add(level.number)

    def run(self, level: Level) -> None:
        """Go back to a level; errors of the database come through.

        What came after the session last noted what there is, goes.
        """
        self.make_function(level)
        self.session.execute(f"SELECT pg_temp.reset_{level.number}()")

    def drop(self, level: Level, *, below: Level) -> None:
        """Drop what a level has, but not what the one below it has too."""
        names = {copy for copy, _ in level.kept.values()}
        for copy in names - {copy for copy, _ in below.kept.values()}:
            self.session.execute(
                sql.SQL("DROP TABLE pg_temp.{}").format(sql.Identifier(copy))
            )
        if level.number in self.made:
            self.made.remove(level.number)
            self.session.execute(
                sql.SQL("DROP FUNCTION pg_temp.{}()").format(
                    sql.Identifier(f"reset_{level.number}")
                )
            )

    def _keep(
        self, copies: list[tuple[Table | MaterializedView, str]], kept: Kept
    ) -> Kept:
        """Copy rows into the tables named; returns all copies that have some."""
        if not copies:
            return kept
        # One round trip, and one commit of all that it adds to the catalog.
        cursor = self.session.execute(
            sql.SQL(";").join(
                reset_rows.keep_rows(thing, copy=copy) for thing, copy in copies
            )
        )
        for thing, copy in copies:
            kept.pop(thing.oid, None)
            if cursor.rowcount:
                kept[thing.oid] = (copy, cursor.rowcount)
            cursor.nextset()
        return kept
