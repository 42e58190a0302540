"""Estimates that grow while a first run goes on, when no history tells anything.

Longest first needs durations. A first run learns them as it goes: each step
function that has run is known from then on, and the units that still wait are
put in order anew. A step that nobody has seen yet counts as long as the longest
one seen, so that what is unknown is tried early: a long unit that starts last
keeps everybody waiting, one that turns out short costs nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from testing.bdd.feature_file import FeatureFile
from testing.bdd.scenario_fact import ScenarioFact
from testing.bdd.units import Unit, magnitude

__all__ = ["Foresight", "StepFinder"]

# A median is made from the first durations of a step, this many of them.
OBSERVED = 7


class StepFinder:
    """Finds the functions of steps, each text only once: matching takes time."""

    def __init__(self, registry: Any) -> None:
        self._registry = registry
        self._found: dict[tuple[str, str], str] = {}

    def locations(self, scenario: Any) -> list[str]:
        """Return ``file:line`` of each step's function, empty for undefined ones."""
        return [self._location(step) for step in scenario.all_steps]

    def _location(self, step: Any) -> str:
        key = (step.step_type, step.name)
        if key not in self._found:
            place = getattr(self._registry.find_match(step), "location", None)
            self._found[key] = f"{place.filename}:{place.line}" if place else ""
        return self._found[key]


@dataclass
class Foresight:
    """What is known of steps so far, and the steps of each unit.

    ``steps`` has the locations of their functions, by feature and places.
    """

    steps: dict[tuple[int, tuple[int, ...]], list[str]]
    seen: dict[str, list[float]] = field(default_factory=dict)
    has_news: bool = False

    @classmethod
    def of(
        cls,
        units: Iterable[Unit],
        files: Sequence[FeatureFile],
        *,
        registry: Any,
    ) -> Foresight:
        """Look up the steps of units, which refer to these files."""
        finder = StepFinder(registry)
        steps = {}
        for unit in units:
            file = files[unit.feature]
            with file.lent() as statements:
                steps[unit.feature, unit.places] = [
                    location
                    for place in unit.places
                    if place in file.selected
                    for location in finder.locations(statements[place])
                ]
        return cls(steps)

    def learn(self, fact: ScenarioFact) -> None:
        """Take in how long the steps of a scenario took."""
        for step in fact.steps:
            if not step.location or step.status != "passed":
                continue
            durations = self.seen.setdefault(step.location, [])
            self.has_news |= not durations
            if len(durations) < OBSERVED:
                durations.append(step.seconds)

    def order(self, waiting: Sequence[Unit]) -> list[Unit]:
        """Return waiting units, longest first by what is known now.

        Before them stays what came up during the run, after that what clashes
        with others, as ever.
        """
        self.has_news = False
        known = {place: statistics.median(times) for place, times in self.seen.items()}
        longest = max(known.values(), default=0.0)

        def urgency(unit: Unit) -> tuple[Any, ...]:
            steps = self.steps.get((unit.feature, unit.places))
            if steps is None:
                return (0,)
            seconds = sum(known.get(place, longest) for place in steps)
            return (1, not (unit.reads or unit.writes), -magnitude(seconds))

        return sorted(waiting, key=urgency)
