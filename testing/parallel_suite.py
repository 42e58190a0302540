"""Test classes on a crew of workers, each with a schema of its own.

Unlike Django's suite it survives the death of a worker: the test that ran is
named, tried once more alone, and the rest of its class goes on elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from unittest import TestResult, TestSuite

from django.test.runner import ParallelTestSuite, RemoteTestResult
from django.test.utils import override_settings, setup_test_environment

from testing.crew import Crew
from testing.errors import SetupFailure
from testing.overrides import settings_overrides
from testing.portable_errors import portable
from testing.preparation import Plan
from testing.surroundings import Surroundings, slot_of
from testing.workplace import Workplace, enter, leave

__all__ = ["SchemaParallelSuite"]


@dataclass(frozen=True)
class ClassJob:
    """Tests of one class, by their indexes in its subsuite."""

    subsuite: int
    tests: tuple[int, ...]
    is_alone: bool = False


@dataclass
class ClassQueue:
    """Classes in their order; what is tried again runs alone, at the end."""

    together: list[ClassJob]
    alone: list[ClassJob] = field(default_factory=list)

    def take(self, running: Sequence[ClassJob]) -> ClassJob | None:
        """Return the next class that may run beside those."""
        if any(job.is_alone for job in running):
            return None
        if self.together:
            return self.together.pop(0)
        return self.alone.pop(0) if self.alone and not running else None

    def is_empty(self) -> bool:
        """Tell whether no class is left."""
        return not self.together and not self.alone

    def clear(self) -> None:
        """Forget the classes that are left."""
        self.together.clear()
        self.alone.clear()


@dataclass
class UnitTestRole:
    """A worker that runs test classes."""

    suite: SchemaParallelSuite
    workplace: Workplace | None = None
    surroundings: Surroundings | None = None
    overrides: override_settings | None = field(default=None, repr=False)
    halt: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what another process gets by itself."""
        return {**vars(self), "halt": None}

    def set_up(self, worker_id: int, report: Callable[[Any], None]) -> list[Any]:  # noqa: ARG002
        """Lease and build this worker's schemas; answer how they came to be."""
        suite = self.suite
        assert suite.plan is not None  # noqa: S101 - set before workers start
        if suite.start_method != "fork":
            process_setup: Any = suite.process_setup
            process_setup.__func__(*suite.process_setup_args)
            setup_test_environment(debug=suite.debug_mode)
            self.overrides = settings_overrides(suite.plan.engine)
            self.overrides.enable()
        self.workplace = enter(suite.plan, worker_id=worker_id)
        engine = suite.plan.engine
        self.surroundings = Surroundings(
            engine,
            worker_id=worker_id,
            slot=slot_of(self.workplace, engine=engine, worker_id=worker_id),
            parts=engine.own_surroundings(runs_features=False, workers=suite.processes),
        ).enter()
        return self.workplace.builds

    def work(self, job: ClassJob, report: Callable[[Any], None]) -> None:
        """Run tests of a class; report each one's beginning, then all events."""
        suite = self.suite
        runner: Any = suite.runner_class(failfast=suite.failfast, buffer=suite.buffer)
        if runner.resultclass is RemoteTestResult:
            # A result of the project's own tells when the class is over.
            runner.resultclass = partial(_telling_result, report)
        tests: list[Any] = list(suite.subsuites[job.subsuite])
        report(("events", runner.run(TestSuite(tests[i] for i in job.tests)).events))

    def finish(self) -> None:
        """Give the schemas back."""
        if self.surroundings is not None:
            self.surroundings.leave()
        if self.workplace is not None:
            leave(self.workplace)


def _telling_result(report: Callable[[Any], None]) -> TellingResult:
    result = TellingResult()
    result.report = report
    return result


class TellingResult(RemoteTestResult):
    """Reports its events as soon as a test is over.

    Known by its name on both sides, since a failing subtest is sent with its
    test case, and that with this result.
    """

    report: Callable[[Any], None] | None = None

    def __getstate__(self) -> Any:
        """Leave out what ties this result to its process."""
        state: Any = super().__getstate__()
        return {**state, "report": None}

    def startTest(self, test: Any) -> None:
        """Say which test begins, in case that it ends the process."""
        super().startTest(test)
        if self.report is not None:
            self.report(("started", self.test_index))

    def addError(self, test: Any, err: Any) -> None:
        """Note an error, in a form that can be sent."""
        super().addError(test, portable(err))

    def addFailure(self, test: Any, err: Any) -> None:
        """Note a failure, in a form that can be sent."""
        super().addFailure(test, portable(err))

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        """Note an expected failure, in a form that can be sent."""
        super().addExpectedFailure(test, portable(err))

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        """Note how a subtest ended, in a form that can be sent."""
        super().addSubTest(test, subtest, None if err is None else portable(err))

    def stopTest(self, test: Any) -> None:
        """Tell all now: what comes later may end the process."""
        super().stopTest(test)
        if self.report is not None:
            self.report(("events", self.events))
            self.events = []


class SchemaParallelSuite(ParallelTestSuite):
    """Distributes test classes over a crew of workers with a schema each.

    ``process_setup``, ``process_setup_args`` and ``runner_class`` of Django's
    suite mean what they mean there.
    """

    plan: Plan | None = None
    start_method = ""

    def run(self, result: TestResult, debug: bool = False) -> TestResult:  # noqa: ARG002
        """Run all classes, passing on what each test reports as it comes in."""
        assert self.plan is not None  # noqa: S101 - the runner sets it
        self.start_method = self.plan.engine.choose_start_method()
        self.result = result
        self.queue = ClassQueue(
            [
                ClassJob(number, tuple(range(len(list(subsuite)))))
                for number, subsuite in enumerate(self.subsuites)
            ]
        )
        # For each worker: the test that runs, and how many of its job are done.
        self.running: dict[int, tuple[int | None, int]] = {}
        self.crew = Crew(
            size=self.processes,
            start_method=self.start_method,
            role=UnitTestRole(self),
            source=self.queue,
            observer=self,
        )
        self.crew.run()
        if self.crew.is_interrupted:
            raise KeyboardInterrupt
        return result

    def __getstate__(self) -> dict[str, Any]:
        """Leave the parent's side out of what a spawned worker gets."""
        own = ("result", "crew", "queue", "running")
        return {key: value for key, value in vars(self).items() if key not in own}

    def ready(self, worker_id: int, answer: Any) -> bool:  # noqa: ARG002 - protocol
        """Let every worker that is set up have classes."""
        return True

    def started(self, worker_id: int, job: ClassJob) -> None:  # noqa: ARG002
        """Take note that a class begins."""
        self.running[worker_id] = (None, 0)

    def reported(self, worker_id: int, job: ClassJob, report: Any) -> None:
        """Hand a test's events to the result."""
        kind, content = report
        if kind == "started":
            self.running[worker_id] = (content, self.running[worker_id][1])
            return
        tests: list[Any] = list(self.subsuites[job.subsuite])
        chosen = [tests[index] for index in job.tests]
        for event in content:
            self.handle_event(self.result, chosen, event)
        now, done = self.running[worker_id]
        if now is not None:
            self.running[worker_id] = (None, max(done, now + 1))
        if self.result.shouldStop:
            self.crew.stop()

    def done(self, worker_id: int, job: ClassJob) -> None:
        """Take note that a class is finished."""

    def refused(self, worker_id: int, message: str) -> None:
        """Give up: a worker without a schema would leave tests out."""
        raise SetupFailure(f"Worker {worker_id} could not be set up. {message}")

    def died(self, worker_id: int, job: ClassJob | None, reason: str) -> None:
        """Name the test that ran; try it once more alone, and go on with the rest."""
        if job is None:
            return
        now, done = self.running[worker_id]
        # Without a running test it was the class's own set-up or tear-down.
        killer = done if now is None else now
        if job.is_alone or killer >= len(job.tests):
            index = job.tests[min(killer, len(job.tests) - 1)]
            self._count_as_error(
                job, index, f"Worker {worker_id} {reason} in this test"
            )
        else:
            self.queue.alone.append(
                replace(job, tests=(job.tests[killer],), is_alone=True)
            )
        rest = job.tests[killer + 1 :]
        if rest:
            self.queue.together.insert(0, replace(job, tests=rest))

    def left(self, worker_id: int, answer: Any) -> None:
        """Take note that a worker has given its schemas back."""

    def tick(self) -> float | None:
        """Let tests take their time."""
        return None

    def _count_as_error(self, job: ClassJob, index: int, message: str) -> None:
        tests: list[Any] = list(self.subsuites[job.subsuite])
        error: Any = (RuntimeError, RuntimeError(message), None)
        self.result.startTest(tests[index])
        self.result.addError(tests[index], error)
        self.result.stopTest(tests[index])
