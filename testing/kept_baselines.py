"""What a run knew of a schema that it kept, so that the next one need not ask again.

A session that has just begun pays for each table it looks at: the inventory of
200 tables takes it longer than all else that precedes a worker's first test.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.sql import Identifier

from testing.inventory import Inventory, MaterializedView, Sequence, Table
from testing.json_file import write_whole
from testing.reset_objects import SEEN
from testing.reset_sequences import Positions

__all__ = ["KeptBaseline", "KeptBaselines"]

# Names one keeping of one schema: every change of its mark writes a new comment.
STAMP = """
SELECT concat_ws('.', database.oid, schema.oid, comment.xmin)
FROM pg_namespace schema
JOIN pg_description comment ON classoid = 'pg_namespace'::regclass
                               AND objoid = schema.oid
JOIN pg_database database ON datname = current_database()
WHERE nspname = %s
"""


@dataclass(frozen=True)
class KeptBaseline:
    """The lowest level of a schema's baseline, without its rows.

    Attributes:
        inventory: what the schema holds.
        filled: the tables and views with rows, by their oids.
        positions: where the sequences stand, by their oids.
        seen: up to which identifiers the inventory tells the truth; what has
            come later is found as a reset finds what a test has made.

    """

    inventory: Inventory
    filled: frozenset[int]
    positions: Positions
    seen: str


class KeptBaselines:
    """Baselines of kept schemas on disk, one file for each schema."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(
        self, session: psycopg.Connection[Any], *, schema: str
    ) -> KeptBaseline | None:
        """Return what is known of a schema, None when it was not kept like this.

        ``session`` is the lease's; its schema still carries the mark with which
        it was kept.
        """
        try:
            content = json.loads(self._path(session, schema).read_text())
            if content.pop("stamp") != _stamp(session, schema):
                return None
            return KeptBaseline(
                inventory=_inventory(content["inventory"], schema=schema),
                filled=frozenset(content["filled"]),
                positions={oid: (last, called) for oid, last, called in content["at"]},
                seen=content["seen"],
            )
        except (OSError, ValueError, TypeError, KeyError):
            # Missing, cut off or of another version: the schema can be asked.
            return None

    def save(
        self,
        session: psycopg.Connection[Any],
        *,
        schema: str,
        inventory: Inventory,
        filled: frozenset[int],
        positions: Positions,
    ) -> None:
        """Write down what is known of a schema that was just marked as kept.

        Raises:
            OSError: the folder cannot be written to.

        """
        (seen,) = session.execute("SELECT current_setting(%s)", [SEEN]).fetchone() or (
            "",
        )
        content = {
            "stamp": _stamp(session, schema),
            "inventory": {
                name: [_without_identifier(one) for one in getattr(inventory, name)]
                for name in ("tables", "tangled", "sequences", "views")
            }
            | {"names": sorted(inventory.names)},
            "filled": sorted(filled),
            "at": [(oid, last, called) for oid, (last, called) in positions.items()],
            "seen": seen,
        }
        write_whole(self._path(session, schema), content)

    def _path(self, session: psycopg.Connection[Any], schema: str) -> Path:
        name = quote(f"kept-{session.info.dbname}-{schema}.json", safe="")
        return self.folder / name


def _stamp(session: psycopg.Connection[Any], schema: str) -> str:
    row = session.execute(STAMP, [schema]).fetchone()
    return row[0] if row else ""


def _without_identifier(thing: Table | Sequence | MaterializedView) -> dict[str, Any]:
    return {name: value for name, value in vars(thing).items() if name != "identifier"}


def _inventory(content: dict[str, Any], *, schema: str) -> Inventory:
    """Return an inventory as it was taken; JSON knows lists only."""
    kinds = {"tables": Table, "tangled": Table, "sequences": Sequence}
    kinds["views"] = MaterializedView
    return Inventory(
        names=frozenset(content["names"]),
        **{
            name: tuple(
                kind(
                    identifier=Identifier(schema, facts["name"]),
                    **{key: _tuples(value) for key, value in facts.items()},
                )
                for facts in content[name]
            )
            for name, kind in kinds.items()
        },
    )


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
