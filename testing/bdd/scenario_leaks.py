"""What scenarios and the hooks of features leave behind, by their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from testing.bdd.losses import location_of
from testing.leaks import LEAKS, LeakWatch
from testing.workplace import Workplace

__all__ = ["ScenarioLeaks"]


@dataclass
class ScenarioLeaks:
    """A worker's leak watch; without one nothing is looked for, and nothing found.

    Attributes:
        watch: what looks.
        of_hooks: what hooks of features left, in words.

    """

    watch: LeakWatch | None = None
    of_hooks: list[str] = field(default_factory=list)
    _before: Workplace | None = None

    def begin(self, runner: Any) -> list[str]:
        """Look, at each scope of a runner too; returns what cannot be looked at."""
        if self.watch is None:
            return []
        runner.on_scope_open = self.watch.open_scope
        runner.on_scope_close = partial(self._close_scope, self.watch, runner)
        return self.watch.begin()

    def settle(self) -> None:
        """Take what there is now as what belongs there."""
        if self.watch is not None:
            self.watch.settle()

    def move(self, workplace: Workplace) -> None:
        """Look at another workplace, until :meth:`move_back`."""
        if self.watch is not None:
            self._before = self.watch.workplace
            self.watch.move(workplace)

    def move_back(self) -> None:
        """Look at the workplace before, now that the other one is left."""
        if self.watch is not None and self._before is not None:
            self.watch.move(self._before)

    def of(self, scenario: Any) -> list[str]:
        """Return what the scenario that is over left behind, each thing once."""
        if self.watch is None:
            return []
        return [f"{location_of(scenario)}{LEAKS}{line}" for line in self.watch.found()]

    def _close_scope(self, watch: LeakWatch, runner: Any) -> None:
        """Note what the hooks of the runner's feature left."""
        whose = f"{runner.feature.filename}, its hooks,"
        self.of_hooks += [f"{whose}{LEAKS}{line}" for line in watch.close_scope()]
