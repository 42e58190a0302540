"""The parent of a BDD run: hands units to a crew and replays what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from behave.model import Feature

from testing.bdd.console import Console
from testing.bdd.replay import Replay
from testing.crew import Crew, Role
from testing.errors import SetupFailure

__all__ = ["FeaturePool"]


@dataclass
class FeaturePool:
    """Runs features on workers and tells replay and console about them."""

    features: Sequence[Feature]
    order: Sequence[int]
    replay: Replay
    console: Console
    stops_at_failure: bool
    crew: Crew | None = field(default=None, repr=False)

    def run(self, *, role: Role, size: int, start_method: str) -> bool:
        """Run all units; returns whether the user interrupted."""
        self.crew = Crew(
            size=size,
            start_method=start_method,
            role=role,
            jobs=self.order,
            observer=self,
        )
        self.crew.run()
        return self.crew.is_interrupted

    def ready(self, worker_id: int, answer: Any) -> bool:
        """Give units to a worker whose opening hooks passed."""
        self.replay.show_once(answer["output"])
        self.console.worker_ready(worker_id, answer)
        return bool(answer["passed"])

    def reported(self, worker_id: int, job: int, report: Any) -> None:
        """Replay what a worker did."""
        unit = self.order[job]
        self.replay.play(unit, report["events"])
        if result := report.get("result"):
            self.replay.finish(unit, result)
            self.console.unit_done(
                worker_id=worker_id,
                feature=self.features[unit],
                failed=result["failed"],
                seconds=result["seconds"],
            )
            if result["failed"] and self.stops_at_failure and self.crew:
                self.crew.stop()

    def done(self, worker_id: int, job: int) -> None:
        """Take note that a worker is free; its result came before."""

    def refused(self, worker_id: int, message: str, *, is_setup: bool) -> None:
        """Give up when a worker cannot be set up; go on when a unit broke it."""
        if is_setup:
            raise SetupFailure(f"Worker {worker_id} could not be set up. {message}")
        self.console.problem(f"Worker {worker_id} could not go on.\n{message}")

    def died(self, worker_id: int, job: int | None, exit_code: int | None) -> None:
        """Count a unit whose worker is gone as failed, and name it."""
        where = "between two features"
        if job is not None:
            unit = self.order[job]
            where = self.features[unit].filename
            self.replay.finish(unit, {"failed": True})
        how = "" if exit_code is None else f" with status {exit_code}"
        self.replay.outcome.lost.append(where)
        self.console.problem(f"Worker {worker_id} ended{how} in {where}.")

    def left(self, worker_id: int, answer: Any) -> None:  # noqa: ARG002 - protocol
        """Add up what only the worker as a whole can say."""
        outcome = self.replay.outcome
        self.replay.show_once(answer.get("output", ()))
        outcome.hook_failures += answer.get("hook_failures", 0)
        outcome.cleanups_failed |= answer.get("cleanups_failed", False)
        outcome.is_aborted |= answer.get("is_aborted", False)
