"""When which worker did what: the lanes of a run, in parts of its wall time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, log10

from testing.bdd.record import RunRecord
from testing.bdd.reports.cases import Case
from testing.bdd.reports.shards import run_of_worker
from testing.bdd.reports.totals import Totals
from testing.bdd.scenario_fact import ScenarioFact

__all__ = ["Block", "Lane", "anchor_of", "lanes_of", "ticks_of"]

# Times at an axis, apart from its two ends.
TICKS = 8


@dataclass(frozen=True)
class Block:
    """A stretch of a lane, in percent of the axis.

    ``kind`` is ``build``, ``lost``, or the outcome of an attempt; ``reset`` is
    the part of the block, in percent, that the reset took at its end.
    """

    kind: str
    left: str
    width: str
    title: str
    anchor: str = ""
    reset: str = ""


@dataclass(frozen=True)
class Lane:
    """One worker; ``end`` is where its run ended, in percent of the axis."""

    name: str
    host: str
    end: str
    blocks: list[Block]


def anchor_of(fact: ScenarioFact) -> str:
    """Return a scenario's id on a page."""
    return f"scenario-{fact.feature}-{fact.place}"


def lanes_of(totals: Totals) -> list[Lane]:
    """Return a lane for each worker, in the order of their numbers."""
    record = totals.record
    outcomes = {(case.final.feature, case.final.place): case for case in totals.cases}
    numbers = {fact.worker for fact in record.workers}
    numbers |= {fact.worker for fact in record.scenarios}
    lanes = []
    for number in sorted(numbers):
        run = run_of_worker(record, number)
        name = f"{run + 1}/w{number}" if len(record.runs) > 1 else f"w{number}"
        blocks = list(_blocks(record, number, wall=totals.wall, cases=outcomes))
        end = _percent(totals.walls[run], totals.wall)
        host = record.runs[run].host if record.runs else ""
        lanes.append(Lane(name, host, end, blocks))
    return lanes


def ticks_of(wall: float) -> list[tuple[str, str]]:
    """Return places on the axis, in percent, with the seconds they stand for."""
    if wall <= 0:
        return []
    rough = wall / TICKS
    size: float = 10 ** floor(log10(rough))
    step = next(size * one for one in (1, 2, 5, 10) if size * one >= rough)
    digits = max(0, -floor(log10(step)))
    count = int(wall / step + 1e-9)
    return [
        (_percent(step * index, wall), f"{step * index:.{digits}f} s")
        for index in range(count + 1)
    ]


def _blocks(
    record: RunRecord,
    worker: int,
    *,
    wall: float,
    cases: dict[tuple[int, int], Case],
) -> Iterator[Block]:
    for built in record.workers:
        if built.worker == worker:
            title = f"build: schema {', '.join(built.schemas)} {built.way}"
            yield Block(
                "build",
                _percent(built.began, wall),
                _percent(built.seconds, wall),
                f"{title}\n{built.seconds:.3f} s",
            )
    for fact in record.scenarios:
        if fact.worker == worker:
            case = cases[fact.feature, fact.place]
            yield _scenario_block(fact, case, wall=wall)
    for lost in record.losses:
        if lost.worker == worker:
            title = f"worker lost after {lost.at:.3f} s: {lost.reason}"
            yield Block("lost", _percent(lost.at, wall), "0", title)


def _scenario_block(fact: ScenarioFact, case: Case, *, wall: float) -> Block:
    attempt = f", attempt {fact.attempt}" if len(case.attempts) > 1 else ""
    outcome = "failed" if fact.has_failed else case.outcome
    return Block(
        outcome,
        _percent(fact.began, wall),
        _percent(fact.seconds, wall),
        f"{fact.name}\n{fact.status} in {fact.seconds:.3f} s{attempt}\n{fact.location}",
        anchor=anchor_of(fact),
        reset=_percent(fact.reset_seconds, fact.seconds),
    )


def _percent(part: float, whole: float) -> str:
    """Return a CSS number; never out of bounds, whatever clocks said."""
    share = part / whole * 100 if whole > 0 else 0.0
    return f"{min(max(share, 0.0), 100.0):.3f}".rstrip("0").rstrip(".")
