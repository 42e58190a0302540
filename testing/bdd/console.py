"""What a run says about itself, on standard error.

Standard output belongs to the formatters.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from behave.model import Feature

__all__ = ["Console", "counted"]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 feature``, ``2 features``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@dataclass
class Console:
    """Plain lines in fixed columns.

    ``verbosity`` is Django's: 0 says only what went wrong, 1 the first and the
    last line, 2 each unit and how each schema came to be.
    """

    stream: TextIO
    verbosity: int
    began: float = field(default_factory=time.perf_counter)
    done: int = 0
    total: int = 0
    seconds_in_units: float = 0.0
    workers: int = 0

    def begin(
        self, *, features: int, scenarios: int, workers: int, method: str, place: str
    ) -> None:
        """Say what is going to run, with the facts that reproduce it."""
        self.total = features
        self.workers = workers
        how = f" ({method})" if method else ""
        self._say(
            1,
            f"Running {counted(features, 'feature')} "
            f"({counted(scenarios, 'scenario')}) "
            f"on {counted(workers, 'worker')}{how}; {place}",
        )

    def worker_ready(self, worker_id: int, answer: dict[str, Any]) -> None:
        """Say where a worker works, and aloud when its journal could not be used."""
        for build in answer.get("builds", ()):
            note = f": {build.note}" if build.note else ""
            seconds = answer["build_seconds"]
            self._say(
                1 if build.note else 2,
                f"worker {worker_id}: schema {build.schema} {build.way}"
                f" [{seconds:7.3f}s]{note}",
            )

    def unit_done(
        self, *, worker_id: int, feature: Feature, failed: bool, seconds: float
    ) -> None:
        """Say that a unit is done."""
        self.done += 1
        self.seconds_in_units += seconds
        word = "FAIL" if failed else "PASS"
        width = len(str(self.total))
        self._say(
            2,
            f"{word:>12} [{seconds:7.3f}s] ({self.done:>{width}}/{self.total})"
            f" w{worker_id} {feature.filename}",
        )

    def problem(self, text: str) -> None:
        """Say what went wrong, at every verbosity."""
        self._say(0, text)

    def end(self, *, failing: Sequence[str], has_failed: bool) -> None:
        """Say how it ended, and what to run next."""
        wall = time.perf_counter() - self.began
        verdict = "failed" if has_failed else "passed"
        self._say(
            1,
            f"{verdict.upper():>12} [{wall:7.3f}s] {self.done} of "
            f"{counted(self.total, 'feature')}; "
            f"{self.seconds_in_units:.3f}s in scenarios on "
            f"{counted(self.workers, 'worker')}",
        )
        if failing:
            self._say(1, f"Rerun: manage.py behave {' '.join(failing)}")

    def _say(self, level: int, text: str) -> None:
        if self.verbosity >= level:
            self.stream.write(f"{text}\n")
            self.stream.flush()
