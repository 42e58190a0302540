"""What came out for another project's suite: its runs, and where the sides differ."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field

from bench.suite_catalog import Suite

SIDES = ("stock", "ours")


@dataclass
class Run:
    """One run of one side.

    ``wall`` is from start to exit, ``cpu`` is what the process and its workers
    used, without the server; both in seconds.
    """

    side: str
    wall: float
    cpu: float
    status: int
    trouble: str = ""
    ran: int = 0
    outcomes: dict[str, list[str]] = field(default_factory=dict, repr=False)
    reasons: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass
class Verdict:
    """What came out for one suite."""

    suite: Suite
    runs: list[Run]
    trouble: str = ""

    @property
    def is_equal(self) -> bool:
        """Tell whether each test went on both sides as on the other."""
        sides = {run.side for run in self.runs}
        return not self.trouble and len(sides) == 2 and not self.differences

    @property
    def differences(self) -> dict[str, dict[str, list[str]]]:
        """For each test that went differently: its outcomes on each side.

        A test that one and the same side answers differently from round to
        round says nothing of the other; see `unsteady`.
        """
        if self.trouble:
            return {}
        views = self._views()
        left_out = {*self.unsteady, *self.suite.by_order}
        return {
            name: {side: sorted(view.get(name, ["missing"])) for side, view in views}
            for name in sorted(set().union(*(view for _, view in views)))
            if name not in left_out
            and len({tuple(view.get(name, ["missing"])) for _, view in views}) > 1
        }

    @property
    def unsteady(self) -> list[str]:
        """The tests that stock itself does not answer the same each time."""
        stock = [run.outcomes for run in self.runs if run.side == "stock"]
        names = set().union(*stock)
        return sorted(
            name for name in names if len({str(one.get(name)) for one in stock}) > 1
        )

    def wall(self, side: str) -> float:
        """Return the median of a side's whole runs, in seconds."""
        walls = [run.wall for run in self.runs if run.side == side]
        return statistics.median(walls) if walls else 0.0

    def cpu(self, side: str) -> float:
        """Return the median of a side's processor time, in seconds."""
        times = [run.cpu for run in self.runs if run.side == side]
        return statistics.median(times) if times else 0.0

    def _views(self) -> list[tuple[str, dict[str, list[str]]]]:
        return [
            (f"{run.side} {number // 2 + 1}", run.outcomes)
            for number, run in enumerate(self.runs)
        ]

    def as_dict(self) -> dict:
        """Return everything, for the JSON file."""
        runs = [
            {key: value for key, value in asdict(run).items() if key != "outcomes"}
            for run in self.runs
        ]
        return {
            "suite": self.suite.name,
            "version": self.suite.version,
            "is_equal": self.is_equal,
            "trouble": self.trouble,
            "tests": self.runs[0].ran if self.runs else 0,
            "wall": {side: self.wall(side) for side in SIDES},
            "cpu": {side: self.cpu(side) for side in SIDES},
            "differences": self.differences,
            "unsteady": self.unsteady,
            "by_order": self.suite.by_order,
            "runs": runs,
        }
