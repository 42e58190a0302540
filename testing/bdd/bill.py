"""The bill of a run: where its seconds went, and what kept it from being faster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from testing.bdd.console_text import Ink, counted
from testing.bdd.record import RunRecord, UnitFact
from testing.bdd.scenario_fact import ScenarioFact

__all__ = ["Bill"]

COLUMNS = ("build", "scenarios", "steps", "http", "reset", "idle")
TITLES = {"http": "HTTP"}


@dataclass(frozen=True)
class Bill:
    """Seconds of a run, or of several that were merged.

    Attributes:
        wall: from begin to end; of merged runs, of the longest.
        workers: how many there were in all.
        rows: seconds by column for each worker.
        scenario_seconds: of all attempts together.
        longest, longest_seconds: the unit, which is never split, that took longest.
        total: seconds of all units.

    """

    wall: float
    workers: int
    rows: dict[str, dict[str, float]]
    scenario_seconds: float
    longest: str
    longest_seconds: float
    total: float

    @classmethod
    def of(cls, record: RunRecord, *, wall: float) -> Bill:
        """Make out the bill; ``wall`` counts where the record has no end yet."""
        is_merged = len(record.ends) > 1
        rows = {}
        for run, end in enumerate(record.ends, 1):
            for worker, row in sorted(end.bill.items(), key=lambda item: _key(item[0])):
                rows[f"{run}/w{worker}" if is_merged else f"w{worker}"] = row
        spans: Sequence[UnitFact | ScenarioFact] = record.units or record.scenarios
        longest = max(spans, key=lambda span: span.seconds, default=None)
        return cls(
            wall=max((end.seconds for end in record.ends), default=wall),
            workers=sum(run.workers for run in record.runs) or len(rows),
            rows=rows,
            scenario_seconds=sum(one.seconds for one in record.scenarios),
            longest=_name(record, longest),
            longest_seconds=longest.seconds if longest else 0.0,
            total=sum(span.seconds for span in spans),
        )

    @property
    def speed_up(self) -> float:
        """Seconds of scenarios in each second of the run."""
        return self.scenario_seconds / self.wall if self.wall else 0.0

    @property
    def efficiency(self) -> float:
        """The part of the workers' time that went into scenarios."""
        return self.speed_up / self.workers if self.workers else 0.0

    @property
    def bound(self) -> str:
        """What a run of these units cannot be faster than, and why."""
        share = self.total / self.workers if self.workers else 0.0
        if self.workers > 1 and self.longest_seconds > share:
            return f"{self.longest_seconds:.3f}s, the longest unit, {self.longest}"
        return f"{share:.3f}s, all units over {counted(self.workers, 'worker')}"

    def lines(self, *, is_detailed: bool, ink: Ink) -> list[str]:
        """Return the bill as text: for all together, or for each worker too."""
        lines = self._table(is_detailed=is_detailed, ink=ink) if self.rows else []
        lines.append(
            f"{ink.word('Speed-up')}  {self.speed_up:.2f} on "
            f"{counted(self.workers, 'worker')}, efficiency {self.efficiency:.0%}"
        )
        if self.longest:
            lines.append(f"{ink.word('Bound')}  {self.bound}")
        return lines

    def _table(self, *, is_detailed: bool, ink: Ink) -> list[str]:
        titles = "".join(f"{TITLES.get(name, name):>10}" for name in COLUMNS)
        lines = [f"{ink.word('Bill')}{titles}"]
        rows = self.rows.items() if is_detailed else ()
        for name, row in [*rows, ("all", self._total())]:
            cells = "".join(f"{row.get(column, 0.0):>9.3f}s" for column in COLUMNS)
            lines.append(f"{ink.word(name)}{cells}")
        return lines

    def _total(self) -> dict[str, float]:
        rows = self.rows.values()
        return {name: sum(row.get(name, 0.0) for row in rows) for name in COLUMNS}


def _key(worker: str) -> tuple[int, str]:
    """Order w2 before w10."""
    return (int(worker), "") if worker.isdecimal() else (0, worker)


def _name(record: RunRecord, unit: UnitFact | ScenarioFact | None) -> str:
    """Return where a unit stands: its file, or the line of its only scenario."""
    if unit is None:
        return ""
    if isinstance(unit, ScenarioFact):
        return unit.location
    inside = [one for one in record.scenarios if one.feature == unit.feature]
    if len(unit.places) == 1 and len({one.place for one in inside}) > 1:
        return next((x.location for x in inside if x.place == unit.places[0]), "?")
    paths = {one.feature: one.path for one in record.features}
    return paths.get(unit.feature, inside[0].path if inside else "?")
