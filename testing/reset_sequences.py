"""Sequences: where they stand, and how they are put back there.

PostgreSQL 18 has a function that reads any sequence. Before, each has to be
selected from like a table, with a plan of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from testing import inventory

__all__ = ["Positions", "positions_query", "rewind"]

# The version that has pg_get_sequence_data().
READS_ALL = 180000

# For each sequence, by its oid: last value, and whether it was handed out.
Positions = Mapping[int, tuple[int, bool]]


def positions_query(
    sequences: Sequence[inventory.Sequence], *, server_version: int
) -> Composed | None:
    """Return a query for oid, last value and is_called of each sequence."""
    if not sequences:
        return None
    if server_version >= READS_ALL:
        return SQL(
            "SELECT one, last_value, is_called"
            " FROM unnest({}::bigint[]) one, pg_get_sequence_data(one::oid)"
        ).format(Literal([sequence.oid for sequence in sequences]))
    parts = [
        SQL("SELECT {}, last_value, is_called FROM {}").format(
            sequence.oid, sequence.identifier
        )
        for sequence in sequences
    ]
    return SQL(" UNION ALL ").join(parts)


def rewind(
    sequences: Sequence[inventory.Sequence],
    positions: Positions,
    *,
    server_version: int,
) -> Composable:
    """Return the part of a reset that puts sequences back.

    It uses the variables ``thing``, ``last`` and ``called``.
    """
    if not sequences:
        return SQL("")
    if server_version < READS_ALL:
        return SQL("\n").join(
            _rewind(sequence.identifier, *positions[sequence.oid])
            for sequence in sequences
        )
    where = [positions[sequence.oid] for sequence in sequences]
    return SQL(
        "FOR thing IN SELECT name, wanted, was_called FROM"
        " unnest({names}::text[], {wanted}::bigint[], {called}::boolean[])"
        " AS s (name, wanted, was_called), pg_get_sequence_data(name::regclass) AS now"
        " WHERE (now.last_value, now.is_called) IS DISTINCT FROM (wanted, was_called)"
        " LOOP PERFORM setval(thing.name::regclass, thing.wanted, thing.was_called);"
        " END LOOP;"
    ).format(
        names=Literal([one.identifier.as_string(None) for one in sequences]),
        wanted=Literal([last for last, _ in where]),
        called=Literal([called for _, called in where]),
    )


def _rewind(sequence: Identifier, last: int, called: bool) -> Composed:
    return SQL(
        "SELECT last_value, is_called INTO last, called FROM {name};"
        " IF last <> {last} OR called <> {called} THEN"
        " PERFORM setval({text}, {last}, {called}); END IF;"
    ).format(
        name=sequence,
        text=sequence.as_string(None),
        last=last,
        called=called,
    )
