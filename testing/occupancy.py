"""The workplaces that this process occupies: entered, asked for, and left.

A process has one at a time, and for a while one of clones on top of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db import connections

from testing.baseline import Baseline
from testing.clones import CloneLease
from testing.other_engines import OtherEngines
from testing.places import Place
from testing.pools import use_pool
from testing.preparation import Plan
from testing.transfer import transfer_rows
from testing.workplace import Workplace

__all__ = [
    "aliases_beside",
    "baseline_of",
    "enter",
    "leave",
    "on_clones",
    "present_workplace",
    "works_on_clones",
]

# The workplaces this process occupies; the command `flush` resets through them.
_occupied: list[Workplace] = []


def enter(plan: Plan, *, worker_id: int) -> Workplace:
    """Occupy a workplace in this process; on failure nothing stays occupied.

    Raises:
        SetupFailure: a schema cannot be leased or built.

    """
    for alias, pool in plan.pools.items():
        # Also where settings were read anew, in a spawned worker.
        use_pool(connections[alias], pool)
    workplace = Workplace(plan)
    try:
        workplace.occupy(worker_id=worker_id)
    except BaseException:
        workplace.leave()
        raise
    _occupied.append(workplace)
    return workplace


def leave(workplace: Workplace) -> None:
    """Leave a workplace that was entered."""
    if workplace in _occupied:
        _occupied.remove(workplace)
    workplace.leave()


def baseline_of(alias: str) -> Baseline | None:
    """Return the baseline of the schema that ``alias`` works on in this process."""
    for workplace in reversed(_occupied):
        if found := workplace.baseline_of(alias):
            return found
    return None


def aliases_beside(alias: str) -> tuple[str, ...]:
    """Return the aliases that lead to the same schema as ``alias``, itself too."""
    for workplace in reversed(_occupied):
        for database in workplace.plan.databases:
            if alias in database.aliases:
                return database.aliases
    return (alias,)


@contextmanager
def on_clones(workplace: Workplace) -> Iterator[Workplace]:
    """Work on a clone of each database for a while, then go back.

    What hooks had loaded into the schemas is carried over. Databases that are
    cloned anyway are left as they are.

    Raises:
        SetupFailure: a clone cannot be had.

    """
    plan = workplace.plan
    left = tuple(d for d in plan.databases if d.aliases[0] not in plan.cloned)
    own = replace(
        plan,
        databases=left,
        cloned=frozenset(database.aliases[0] for database in left),
        keepdb=False,
        others=OtherEngines(),
    )
    inner = enter(own, worker_id=workplace.worker_id)
    try:
        for alias, lease in inner.leases.items():
            if len(set(map(id, workplace.baselines[alias].levels))) > 1:
                outer = workplace.leases[alias]
                transfer_rows(
                    outer.session,
                    lease.session,
                    source_schema=outer.schema,
                    target_schema=lease.schema,
                )
        inner.push()
        # What is not left is reset as ever.
        for alias in workplace.baselines.keys() - inner.leases.keys():
            inner.baselines[alias] = workplace.baselines[alias]
        yield inner
    finally:
        leave(inner)


def present_workplace() -> Workplace | None:
    """Return the workplace that this process works in, None without one."""
    return _occupied[-1] if _occupied else None


def works_on_clones() -> bool:
    """Tell whether every database this process works in is a clone of its own."""
    places: dict[str, Place] = {}
    for workplace in _occupied:
        places |= workplace.leases
    return bool(places) and all(
        isinstance(place, CloneLease) for place in places.values()
    )
