"""The parent of a BDD run: hands units to a crew and takes in what comes back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from testing.bdd.assembly import Assembly
from testing.bdd.console_text import counted
from testing.bdd.consoles import Console
from testing.bdd.foresight import Foresight
from testing.bdd.intake import Intake
from testing.bdd.posts import Post
from testing.bdd.record import Lost, RunRecord, WorkerFact
from testing.bdd.replay import Replay
from testing.bdd.scenario_fact import StepFact
from testing.bdd.takeover import Death, Takeover
from testing.bdd.units import Unit, UnitQueue
from testing.crew import Crew
from testing.crew_worker import Role
from testing.errors import SetupFailure
from testing.hazard_report import Finding

__all__ = ["FeaturePool"]


@dataclass
class FeaturePool:
    """Runs units on workers, and keeps record, replay and console up to date."""

    assemblies: Sequence[Assembly]
    queue: UnitQueue
    replay: Replay
    console: Console
    record: RunRecord
    began: float
    stops_at_failure: bool = False
    retries: int = 0
    has_answered: bool = False
    foresight: Foresight | None = None
    posts: dict[int, Post] = field(default_factory=dict)
    unpacked: deque[Assembly] = field(default_factory=deque)
    crew: Crew | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for unit in [*self.queue.together, *self.queue.alone]:
            assembly = self.assemblies[unit.feature]
            assembly.is_in_run = True
            assembly.open_units += 1
            assembly.expected |= set(unit.places)
            assembly.selected |= assembly.file.selected & set(unit.places)
        self.intake = Intake(
            assemblies=self.assemblies,
            queue=self.queue,
            console=self.console,
            record=self.record,
            began=self.began,
            on_failure=self._stop_if_asked,
            retries=self.retries,
            foresight=self.foresight,
        )
        self.takeover = Takeover(
            assemblies=self.assemblies,
            outcome=self.replay.outcome,
            console=self.console,
            put=self.intake.put,
            tell=self.intake.tell,
            began=self.began,
        )

    def run(self, *, role: Role, size: int, start_method: str) -> bool:
        """Run all units; returns whether the user interrupted."""
        self.crew = Crew(
            size=size,
            start_method=start_method,
            role=role,
            source=self.queue,
            observer=self,
        )
        self.crew.run()
        return self.crew.is_interrupted

    def ready(self, worker_id: int, answer: Any) -> bool:
        """Give units to a worker whose opening hooks passed."""
        self.replay.show_once(answer["output"])
        self._note_hazards(answer["hazards"])
        builds = answer["builds"]
        fact = WorkerFact(
            worker=worker_id,
            schemas=[build.schema for build in builds],
            way=", ".join(dict.fromkeys(build.way for build in builds)),
            note="; ".join(build.note for build in builds if build.note),
            began=answer["began"] - self.began,
            seconds=answer["seconds"],
        )
        self.posts[worker_id] = Post(schema=fact.schemas[0] if fact.schemas else "")
        self.record.add(fact)
        self.console.worker_ready(fact)
        return bool(answer["passed"])

    def started(self, worker_id: int, job: Unit) -> None:  # noqa: ARG002 - protocol
        """Take note that a worker begins a unit."""
        self.posts[worker_id].begin_unit()

    def reported(self, worker_id: int, job: Unit, report: Any) -> None:
        """Take in what a worker tells about its unit."""
        post = self.posts[worker_id]
        self._note_hazards(report.pop("hazards", ()))
        if report["kind"] == "began":
            self._begin_scenario(worker_id, job, report)
        elif report["kind"] == "scenario":
            self.replay.outcome.problems += report["leaks"]
            self.intake.end_scenario(
                post,
                job,
                report,
                worker_id=worker_id,
                is_last_try=bool(self.crew and self.crew.is_interrupted),
            )
        else:
            post.timed_out = report["text"]
            post.steps = [StepFact(**step) for step in report.get("steps", ())]
            post.segment = report.get("segment", [])

    def done(self, worker_id: int, job: Unit, answer: Any) -> None:
        """Take in what stands between the scenarios of a unit that is over."""
        self._note_hazards(answer.pop("hazards"))
        post = self.posts[worker_id]
        assembly = self.intake.end_unit(post, job, answer, worker_id=worker_id)
        self.unpacked.append(assembly)

    def settle(self) -> bool:
        """Put waiting units in a better order; let a complete feature have its turn.

        What has to wait for its turn is packed.
        """
        if self.foresight is not None and self.foresight.has_news:
            self.queue.arrange(self.foresight.order)
        if self.replay.advance():
            return True
        if self.unpacked:
            self.unpacked.popleft().pack()
        return bool(self.unpacked)

    def starts_again(self, worker_id: int, reason: str) -> None:
        """Name what killed a worker before it had begun; nothing is lost by it."""
        self.console.problem(
            f"Worker {worker_id} {reason} while starting; it starts again."
        )

    def refused(self, worker_id: int, message: str) -> None:
        """Give up: without its schema a worker would only get in the way."""
        raise SetupFailure(f"Worker {worker_id} could not be set up. {message}")

    def died(self, worker_id: int, job: Unit | None, reason: str) -> None:
        """Name what killed a worker, and see that nothing of its unit is lost."""
        post = self.posts.get(worker_id, Post())
        place = post.place if job is not None else None
        if not post.timed_out:
            self.record.add(
                Lost(
                    worker=worker_id,
                    feature=None if job is None else job.feature,
                    place=place,
                    reason=reason.splitlines()[0],
                    at=time.monotonic() - self.began,
                )
            )
        if job is None:
            self.console.problem(f"Worker {worker_id} {reason} between two units.")
            self.replay.outcome.lost.append(f"worker {worker_id}")
            return
        self.takeover.take_over(
            Death(
                worker_id=worker_id,
                schema=post.schema,
                unit=job,
                place=place,
                finished=frozenset(post.finished),
                reason=post.timed_out or reason,
                is_timeout=bool(post.timed_out),
                began=post.began,
                steps=tuple(post.steps),
                segment=tuple(post.segment),
            )
        )

    def left(self, worker_id: int, answer: Any) -> None:  # noqa: ARG002 - protocol
        """Add up what only the worker as a whole can say."""
        outcome = self.replay.outcome
        self.replay.show_once(answer.get("output", ()))
        self._note_hazards(answer.get("hazards", ()))
        outcome.hook_failures += answer.get("hook_failures", 0)
        outcome.cleanups_failed |= answer.get("cleanups_failed", False)
        outcome.is_aborted |= answer.get("is_aborted", False)
        outcome.problems += answer.get("problems", ())

    def tick(self) -> float | None:
        """End workers whose own watchdog should have done so and did not."""
        self._answer_interrupt()
        now = time.monotonic()
        nearest = None
        for worker_id, post in self.posts.items():
            left = post.time_left(now)
            if left is None:
                continue
            if left <= 0 and self.crew:
                post.give_up()
                self.crew.kill(worker_id)
            elif nearest is None or left < nearest:
                nearest = left
        return nearest

    def _note_hazards(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.record.add(finding)

    def _answer_interrupt(self) -> None:
        """Say once what the first Ctrl-C does, and what a second one would."""
        if self.crew and self.crew.is_interrupted and not self.has_answered:
            self.has_answered = True
            running = len(self.crew.jobs())
            self.console.problem(
                f"Interrupted: waiting for what {counted(running, 'worker')} "
                "still had to do; Ctrl-C again ends at once."
            )

    def _begin_scenario(self, worker_id: int, unit: Unit, report: Any) -> None:
        place = report["place"]
        assembly = self.assemblies[unit.feature]
        self.posts[worker_id].begin_scenario(
            place, at=report["at"], limit=report["limit"]
        )
        if place in assembly.selected:
            self.console.scenario_began(
                worker=worker_id,
                path=assembly.file.filename,
                line=report["line"],
                name=report["name"],
            )

    def _stop_if_asked(self) -> None:
        """After a failure let nothing further begin, where that was asked for."""
        if self.stops_at_failure and self.crew:
            self.crew.stop()
            self._forget_waiting()

    def _forget_waiting(self) -> None:
        """Expect nothing more of units that will not run."""
        running = [job.feature for job in self.crew.jobs()] if self.crew else []
        for number, assembly in enumerate(self.assemblies):
            assembly.open_units = running.count(number)
            if assembly.units and not assembly.open_units:
                assembly.expected.clear()
