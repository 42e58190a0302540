"""The baseline: rows and sequence values to go back to, and the reset that does it.

The baseline is a stack. Its lowest level is what migrating left; hooks and
class set-ups put levels on top, which are taken off when their scope ends.
The rows of a level are kept in temporary tables of the lease's session, so
they end with the lease and leave nothing in the schema.

Nothing is truncated: a truncation makes new files and waits for the disk.
Rows are deleted, and a row of the baseline is put back only when it changed,
which its version (``ctid`` and ``xmin``) tells.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Set
from typing import Any

import psycopg
from psycopg import sql

from testing import reset_objects, reset_sequences, reset_sql
from testing.errors import SetupFailure
from testing.inventory import Inventory, take_inventory
from testing.kept_baselines import KeptBaseline
from testing.levels import Level, LevelStore
from testing.reset_objects import SEEN
from testing.reset_session import said_blocked, vacuum_grown
from testing.stale_views import go_by_earlier_states

__all__ = ["Baseline", "BaselineLost"]

LOGGER = logging.getLogger(__name__)
# Every so many resets, tables that have grown give their dead rows back.
RESETS_BETWEEN_VACUUMS = 100
# What a reset meets where a test has changed tables, types or functions.
STRUCTURE_CHANGED = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedObject,
    psycopg.errors.DatatypeMismatch,
    psycopg.errors.WrongObjectType,
)


class BaselineLost(SetupFailure):
    """The schema has changed so that no reset goes back; it has to be built anew."""


class Baseline:
    """The stack of one schema, worked on through the lease's session.

    ``rebuild`` brings the schema to the state that migrating gives, for when a
    test has changed it so that no reset goes back, and returns the session to go
    on with. ``known`` is what an earlier
    run left in writing of a schema that it kept.
    """

    def __init__(
        self,
        session: psycopg.Connection[Any],
        *,
        schema: str,
        rebuild: Callable[[], psycopg.Connection[Any]] | None = None,
        known: KeptBaseline | None = None,
    ) -> None:
        self.session = session
        self.schema = schema
        self.rebuild = rebuild
        self.levels: list[Level] = []
        self.store = LevelStore(session, schema=schema)
        # How many of the topmost levels are there for what a class has made, and
        # which of its tables are empty before each test.
        self.adopted = 0
        self.emptied: frozenset[str] = frozenset()
        self.resets = 0
        if known is None:
            self.push()
        else:
            self._begin_with(known)

    @property
    def inventory(self) -> Inventory:
        """What the schema holds at the newest level."""
        return self.levels[-1].inventory

    def push(self) -> None:
        """Make the present state the one to go back to, until it is popped."""
        top = self.levels[-1] if self.levels else None
        inventory = self._inventory(top)
        self._show_rows(inventory)
        dirty = self._dirty_tables(inventory, top)
        positions = self._positions(inventory)
        is_same = top is not None and inventory is top.inventory
        if top is not None and is_same and not dirty and positions == top.positions:
            # Nothing was loaded: the same level serves twice.
            self.levels.append(top)
        else:
            self._put_on(inventory, dirty, top, positions)
        self._show_rows(inventory, hidden=True)

    def _begin_with(self, known: KeptBaseline) -> None:
        """Take the lowest level from what is known: its rows alone are copied."""
        self.session.execute("SELECT set_config(%s, %s, false)", [SEEN, known.seen])
        self._show_rows(known.inventory)
        self._put_on(known.inventory, known.filled, None, known.positions)
        self._show_rows(known.inventory, hidden=True)

    def _put_on(
        self,
        inventory: Inventory,
        dirty: Set[int],
        top: Level | None,
        positions: reset_sequences.Positions,
    ) -> None:
        self.levels.append(
            self.store.create(inventory, dirty=dirty, positions=positions, below=top)
        )

    def adopt(self, *, emptied: frozenset[str]) -> None:
        """Let things stay that are not known yet, until whoever made them drops them.

        Their rows stay too, except those of tables with names among ``emptied``.
        The rows of all other tables are still those of the level below.
        """
        self.emptied = emptied
        if self.adopted and not self._holds_adopted():
            self._disown()
        below = self.levels[-1]
        inventory = self._inventory(below)
        if inventory is below.inventory or not below.inventory.oids <= inventory.oids:
            # The next reset names what is missing.
            return
        new = {
            thing.oid
            for thing in inventory.readable
            if thing.name not in below.inventory.names | emptied
        }
        self._show_rows(inventory)
        positions = {**self._positions(inventory), **below.positions}
        self._put_on(inventory, new, below, positions)
        self._show_rows(inventory, hidden=True)
        self.adopted += 1

    def _holds_adopted(self) -> bool:
        """Tell whether everything that was adopted is still there."""
        known = self.levels[-1 - self.adopted].inventory.oids
        oids = list(self.inventory.oids - known)
        query = "SELECT count(*) FROM pg_class WHERE oid = ANY (%s)"
        row: Any = self.session.execute(query, [oids]).fetchone()
        return bool(row[0] == len(oids))

    def _disown(self) -> None:
        """Take adopted levels off; what is left of their things is unknown again."""
        for _ in range(self.adopted):
            gone = self.levels.pop()
            self.store.drop(gone, below=self.levels[-1])
        self.adopted = 0
        self.session.execute(reset_objects.forget_things())

    def pop(self) -> None:
        """Forget the newest level and go back to the one below it."""
        gone = self.levels.pop()
        self.adopted = max(self.adopted - 1, 0)
        below = self.levels[-1]
        if gone.inventory is not below.inventory:
            # What came with the level is no longer to stay.
            self.session.execute(reset_objects.forget_things())
        self.reset()
        if gone is not below:
            self.store.drop(gone, below=below)

    def reset(self) -> None:
        """Put rows and sequences back to the newest level, in one round trip.

        Raises:
            SetupFailure: somebody holds locks on the rows and does not let go.
            BaselineLost: tables are not what they were, and cannot be rebuilt.

        """
        try:
            self._put_back()
        except BaselineLost as lost:
            self._recover(lost)
        self.resets += 1
        if self.resets % RESETS_BETWEEN_VACUUMS == 0:
            vacuum_grown(self.session, schema=self.schema)

    def _recover(self, lost: BaselineLost) -> None:
        """Go on without what a test has dropped of its class's, or build anew."""
        if self.adopted:
            self._disown()
            self.adopt(emptied=self.emptied)
            try:
                self._put_back()
            except BaselineLost as more:
                lost = more
            else:
                return
        self._start_anew(lost)

    def _start_anew(self, lost: BaselineLost) -> None:
        """Build the schema anew; what hooks have put on top would be missing."""
        depth = len(self.levels)
        if self.rebuild is None or any(
            one is not self.levels[0] for one in self.levels
        ):
            raise lost
        began = time.monotonic()
        session = self.rebuild()
        if session is not self.session:
            self.session = session
            self.store = LevelStore(session, schema=self.schema)
        self.levels.clear()
        for _ in range(depth):
            self.push()
        what, _, _ = str(lost).partition(" Next: ")
        LOGGER.warning("%s It was built anew (%.1fs).", what, time.monotonic() - began)

    def _put_back(self) -> None:
        try:
            self.store.run(self.levels[-1])
        except psycopg.errors.LockNotAvailable as error:
            raise SetupFailure(
                said_blocked(self.session, schema=self.schema)
            ) from error
        except STRUCTURE_CHANGED as error:
            raise BaselineLost(
                f"The schema {self.schema!r} in database "
                f"{self.session.info.dbname!r} cannot be reset: a test has dropped or "
                "altered what was there at its baseline "
                f"({str(error).splitlines()[0]}). Next: let tests that change tables "
                "put them back, or run them apart with Django's own runner."
            ) from error
        except psycopg.DatabaseError as error:
            if error.sqlstate != reset_objects.STALE_VIEW:
                raise
            if go_by_earlier_states(self.store, self.levels):
                return
            view = error.diag.message_primary
            raise BaselineLost(
                f"The materialized view {view} in database "
                f"{self.session.info.dbname!r} cannot be reset: a test has refreshed "
                "it, and its rows at the baseline were older than those of its "
                "tables, which no refresh brings back. Next: let what loads those "
                f"rows end with `REFRESH MATERIALIZED VIEW {view}`."
            ) from error

    def _inventory(self, top: Level | None) -> Inventory:
        """Return the present inventory, from ``top`` where nothing has come since."""
        inventory = top.inventory if top else None
        if inventory is not None:
            query = reset_objects.any_new_things(inventory, schema=self.schema)
            if self._row(query)[0]:
                inventory = None
        self.session.execute(reset_objects.note_things())
        return inventory or take_inventory(self.session, schema=self.schema)

    def _show_rows(self, inventory: Inventory, *, hidden: bool = False) -> None:
        if statements := reset_sql.in_sight(inventory, hidden=hidden):
            self.session.execute(statements)

    def _dirty_tables(self, inventory: Inventory, top: Level | None) -> set[int]:
        """Return the tables that differ from ``top``, or from empty without it."""
        written = {
            row[0] for row in self.session.execute(reset_sql.written_tables(inventory))
        }
        query = reset_sql.dirty_tables(
            inventory, kept=top.kept if top else {}, written=written
        )
        if query is None:
            return set()
        return {row[0] for row in self.session.execute(query)}

    def _positions(self, inventory: Inventory) -> dict[int, tuple[int, bool]]:
        query = reset_sequences.positions_query(
            inventory.sequences, server_version=self.session.info.server_version
        )
        if query is None:
            return {}
        return {
            oid: (last, called) for oid, last, called in self.session.execute(query)
        }

    def _row(self, query: sql.Composed) -> Any:
        return self.session.execute(query).fetchone()
