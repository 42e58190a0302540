"""What earlier runs took and how they ended, to put units in order by.

A scenario that was never run is estimated from its steps: each step function
has a median, whatever scenario it stood in.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testing.bdd.record import RunRecord
from testing.bdd.scenario_fact import ScenarioFact
from testing.json_file import write_whole

__all__ = ["History", "key_of"]

FORMAT = 1
FIELDS = {"scenarios": dict, "steps": dict, "failed": list, "failed_locations": list}
# How many durations a median is made from, the latest ones.
REMEMBERED = 15
# Of a step about which nothing is known, in seconds.
UNKNOWN_STEP = 0.01


def key_of(*, path: str, name: str) -> str:
    """Return what a scenario is remembered by; example rows have their own names."""
    return f"{path}::{name}"


@dataclass
class History:
    """Durations in seconds, the latest last, and the failures of the last run."""

    path: Path
    scenarios: dict[str, list[float]] = field(default_factory=dict)
    steps: dict[str, list[float]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    failed_locations: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> History:
        """Read a history; one that is missing or damaged is empty."""
        try:
            content = json.loads(path.read_text())
            if isinstance(content, dict) and content.pop("format") == FORMAT:
                kinds = {key: type(value) for key, value in content.items()}
                if kinds == FIELDS:
                    return cls(path, **content)
        except (OSError, ValueError, KeyError):
            pass
        return cls(path)

    def save(self) -> None:
        """Write the history so that no reader ever sees half of it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        (self.path.parent / ".gitignore").write_text("*\n")
        content = {
            "format": FORMAT,
            "scenarios": self.scenarios,
            "steps": self.steps,
            "failed": self.failed,
            "failed_locations": self.failed_locations,
        }
        write_whole(self.path, content)

    def learn(self, record: RunRecord) -> None:
        """Take in a run: how long everything took, and what failed.

        What the run did not touch is kept as it was.
        """
        ran = {_key(fact) for fact in record.scenarios}
        self.failed = [key for key in self.failed if key not in ran]
        touched = {fact.location for fact in record.scenarios}
        self.failed_locations = [
            place for place in self.failed_locations if place not in touched
        ]
        for fact in record.final_scenarios():
            if fact.has_failed:
                self.failed.append(_key(fact))
                self.failed_locations.append(fact.location)
            elif fact.status == "passed":
                _remember(self.scenarios, _key(fact), fact.seconds)
                for step in fact.steps:
                    if step.location and step.status == "passed":
                        _remember(self.steps, step.location, step.seconds)

    def estimate(
        self,
        scenario: Any,
        *,
        locations: Callable[[Any], Iterable[str]],
    ) -> float:
        """Return how long a scenario will take, in seconds; never zero.

        ``locations`` finds ``file:line`` of the functions of its steps; it is
        asked only where the scenario itself is unknown.
        """
        known = self.scenarios.get(key_of(path=scenario.filename, name=scenario.name))
        if known:
            return statistics.median(known)
        medians = [statistics.median(times) for times in self.steps.values()]
        usual = statistics.median(medians) if medians else UNKNOWN_STEP
        found = [
            statistics.median(self.steps[place]) if place in self.steps else usual
            for place in locations(scenario)
        ]
        return max(sum(found), UNKNOWN_STEP)


def _key(fact: ScenarioFact) -> str:
    return key_of(path=fact.path, name=fact.name)


def _remember(times: dict[str, list[float]], key: str, seconds: float) -> None:
    kept = times.setdefault(key, [])
    kept.append(round(seconds, 6))
    del kept[:-REMEMBERED]
