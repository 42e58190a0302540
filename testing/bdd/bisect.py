"""Finding the one scenario that makes another fail when it runs before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from testing.bdd.consoles import Console
from testing.bdd.invocation import manage_command
from testing.bdd.units import Unit
from testing.errors import EXIT_FAILED, EXIT_PASSED, SetupFailure, UsageError

__all__ = ["bisect"]


def bisect(session: Any, *, target: str, console: Console) -> int:
    """Find the smallest pair of an order-dependent failure, and name it.

    Each try runs some scenarios and then the target on one fresh worker. The
    exit code is that of a failed run when a pair was found, or when the target
    fails by itself.

    Raises:
        SetupFailure: a worker is lost, or before_parallel fails.
        UsageError: the target is not among the selected scenarios.

    """
    with session.parent_hooks(jobs=1) as passed:
        if not passed:
            raise SetupFailure(
                "The hook before_parallel failed, so scenarios lack what it shares. "
                "Next: mend it; `manage.py behave -j 1` tells more."
            )
        return _search(session, target=target, console=console)


def _search(session: Any, *, target: str, console: Console) -> int:
    everything = _one_by_one(session.units)
    last = _find(session, everything, target)
    before = [unit for unit in everything if unit != last]
    if _fails(session, [last], console):
        console.problem(f"{target} fails by itself: nothing before it is to blame.")
        return EXIT_FAILED
    if not _fails(session, [*before, last], console):
        console.problem(
            f"{target} passes after all {len(before)} others: the order is not to "
            "blame. Next: try another order with --random, then bisect with its seed."
        )
        return EXIT_PASSED
    while len(before) > 1:
        middle = len(before) // 2
        first, second = before[:middle], before[middle:]
        if _fails(session, [*first, last], console):
            before = first
        elif _fails(session, [*second, last], console):
            before = second
        else:
            names = ", ".join(_location(session, unit) for unit in before)
            console.problem(f"{target} fails only after several together: {names}")
            return EXIT_FAILED
    culprit = _location(session, before[0])
    console.problem(
        f"{target} fails after {culprit}.\n"
        f"Repeat with: {_command(session, before[0], last, target=target)}"
    )
    return EXIT_FAILED


def _command(session: Any, culprit: Unit, last: Unit, *, target: str) -> str:
    """Return what runs the pair again, in this order.

    Within one file scenarios run from top to bottom; the other way round only a
    bisection puts them.
    """
    pair = [_location(session, culprit), target]
    is_upside_down = culprit.feature == last.feature and culprit.places > last.places
    how = ["--bisect", target] if is_upside_down else ["-j", "1"]
    return manage_command(*how, *pair)


def _one_by_one(units: list[Unit]) -> list[Unit]:
    """Return each selected scenario as a unit of its own, in order."""
    return [
        Unit(feature=unit.feature, places=(place,), active=1)
        for unit in units
        for place in unit.places
    ]


def _find(session: Any, units: list[Unit], target: str) -> Unit:
    for unit in units:
        if _is_same(_location(session, unit), target):
            return unit
    raise UsageError(
        f"--bisect names {target!r}, which is not among the selected scenarios. Next: "
        "give the file and line of a scenario, as a failure prints it."
    )


def _is_same(location: str, target: str) -> bool:
    """Tell whether two ``file:line`` mean the same, however they are written."""
    one, _, line = location.rpartition(":")
    other, _, wanted = target.rpartition(":")
    return line == wanted and Path(one).resolve() == Path(other).resolve()


def _fails(session: Any, units: list[Unit], console: Console) -> bool:
    record = session.run_quietly(units, console)
    if record.losses:
        raise SetupFailure(
            f"A worker was lost while bisecting ({record.losses[0].reason}), so the "
            "result would be wrong. Next: find out what ends it, with `manage.py "
            "behave -j 1` on the scenario it names."
        )
    last = units[-1]
    return any(
        fact.has_failed
        for fact in record.final_scenarios()
        if (fact.feature, fact.place) == (last.feature, last.places[0])
    )


def _location(session: Any, unit: Unit) -> str:
    statement = session.features[unit.feature].statements[unit.places[0]]
    return f"{statement.filename}:{statement.line}"
