"""Materialized views whose rows at a baseline were older than those of their tables."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from testing.levels import Level, LevelStore
from testing.reset_objects import STALE_VIEW

__all__ = ["go_by_earlier_states"]


def go_by_earlier_states(store: LevelStore, levels: Sequence[Level]) -> bool:
    """Go back to the topmost level by way of a state in which its views were right.

    A view that a refresh under the present level's rows does not bring back may
    be that of a level below, or of empty tables. Its rows then stay, while those
    of the tables come back. Returns whether one of these states gave the view
    its rows; where none did, nothing was done.
    """
    top = levels[-1]
    empty = top.without_rows()
    states = (*reversed(levels[:-1]), empty)
    for state in states:
        # Here, since a transaction that fails would take it back.
        store.make_function(state)
    try:
        return any(_runs_through(store, state, top) for state in states)
    finally:
        store.drop(empty, below=top)


def _runs_through(store: LevelStore, *states: Level) -> bool:
    """Go to one state after the other; False, and nothing done, if it fails."""
    try:
        with store.session.transaction():
            for state in states:
                store.run(state)
    except psycopg.DatabaseError as error:
        if error.sqlstate != STALE_VIEW:
            raise
        return False
    return True
