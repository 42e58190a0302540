"""Test classes on a crew of workers, each with a schema of its own.

Unlike Django's suite it survives the death of a worker: the test that ran is
named, tried once more alone, and the rest of its class goes on elsewhere.
"""

from __future__ import annotations

import contextlib
import logging
import unittest
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from unittest import TestResult

from django.test.runner import ParallelTestSuite

from testing.call_stack import is_serial
from testing.class_queue import ClassHistory, ClassJob, ClassQueue
from testing.crew import Crew
from testing.errors import SetupFailure
from testing.hazard_report import HazardReport
from testing.isolation import runs_alone
from testing.preparation import Plan
from testing.unit_worker import UnitTestRole, UnitTests, wants_database
from testing.workplace import Build

__all__ = ["SchemaParallelSuite", "suite_on_schemas"]


# A class is short that takes less than this part of the shortest possible run; so
# much at most can be lost by not sorting it.
SHORT = 0.05


@dataclass
class Turn:
    """A worker at a job: its tests, the index of the one that runs, how many are over.

    ``now`` is None between two tests.
    """

    tests: list[Any]
    now: int | None = None
    done: int = 0


class SchemaParallelSuite(ParallelTestSuite):
    """Distributes test classes over a crew of workers with a schema each.

    ``process_setup``, ``process_setup_args`` and ``runner_class`` of Django's
    suite mean what they mean there.
    """

    plan: Plan | None = None
    debug_sql = False
    # Whether classes keep the order they came in.
    keeps_order = False
    log: Callable[..., None] | None = None
    # What workers find, put together by the runner's own report.
    hazards: HazardReport

    def run(self, result: TestResult, debug: bool = False) -> TestResult:  # noqa: ARG002
        """Run all classes, passing on what each test reports as it comes in."""
        assert self.plan is not None  # noqa: S101 - the runner sets it
        engine = self.plan.engine
        method = engine.choose_start_method()
        self.result = result
        self.history = ClassHistory.load(engine.journal_dir / "classes.json")
        self.queue = ClassQueue.of(
            replace(job, is_alone=True)
            if runs_alone(type(self._first_test(job)), engine=engine)
            else job
            for job in self._jobs()
        )
        # What each worker is at.
        self.turns: dict[int, Turn] = {}
        self.notes: set[str] = set()
        setup: Any = self.process_setup
        self.crew = Crew(
            size=self.processes,
            start_method=method,
            role=UnitTestRole(self._handout(is_forked=method == "fork")),
            source=self.queue,
            observer=self,
            prelude=(setup.__func__, self.process_setup_args),
            # Django's own handler takes the first one, and stops the result.
            lets_finish=False,
        )
        self.crew.run()
        # A read-only checkout runs in Django's order each time.
        with contextlib.suppress(OSError):
            self.history.save()
        return result

    def ready(self, worker_id: int, answer: Any) -> bool:  # noqa: ARG002 - protocol
        """Let every worker that is set up have classes."""
        return True

    def started(self, worker_id: int, job: ClassJob) -> None:
        """Take note that a class begins."""
        tests = self._class_tests[job.subsuite]
        self.turns[worker_id] = Turn([tests[index] for index in job.tests])

    def reported(self, worker_id: int, job: ClassJob, report: Any) -> None:
        """Hear of a schema that was built, a test that began, or its events."""
        kind, content = report
        if kind == "started":
            self.turns[worker_id].now = content
        elif kind == "events":
            self._pass_on(self.turns[worker_id], content)
        elif kind == "took":
            self.history.learn(self._name(job), tests=len(job.tests), seconds=content)
        elif kind == "hazards":
            self.hazards.add(content)
        elif kind == "built":
            self._tell_builds(worker_id, content)
        else:
            self.refused(worker_id, content)

    def done(self, worker_id: int, job: ClassJob, answer: Any) -> None:
        """Take note that a class is finished."""

    def settle(self) -> bool:
        """Leave nothing for later."""
        return False

    def starts_again(self, worker_id: int, reason: str) -> None:
        """Name what killed a worker before it had begun."""
        assert self.log is not None  # noqa: S101 - the runner sets it
        self.log(f"Worker {worker_id} {reason} while starting; it starts again.")

    def refused(self, worker_id: int, message: str) -> None:
        """Give up: a worker without a schema would leave tests out."""
        raise SetupFailure(f"Worker {worker_id} could not be set up. {message}")

    def died(self, worker_id: int, job: ClassJob | None, reason: str) -> None:
        """Name the test that ran; try it once more alone, and go on with the rest."""
        if job is None:
            return
        turn = self.turns[worker_id]
        # Without a running test it was the class's own set-up or tear-down.
        killer = turn.done if turn.now is None else turn.now
        if job.is_retry or killer >= len(job.tests):
            index = job.tests[min(killer, len(job.tests) - 1)]
            self._count_as_error(
                job, index, f"Worker {worker_id} {reason} in this test"
            )
        else:
            self.queue.alone.append(job.again(job.tests[killer]))
        rest = job.tests[killer + 1 :]
        if rest:
            self.queue.put_first(job.rest(rest))

    def left(self, worker_id: int, answer: Any) -> None:
        """Take note that a worker has given its schemas back."""

    def tick(self) -> float | None:
        """Let tests take their time."""
        return None

    def _handout(self, *, is_forked: bool) -> UnitTests:
        assert self.plan is not None  # noqa: S101 - the runner sets it
        return UnitTests(
            subsuites=self.subsuites,
            plan=self.plan,
            runner_class=self.runner_class,
            workers=self.processes,
            is_forked=is_forked,
            failfast=self.failfast,
            buffer=self.buffer,
            debug_mode=self.debug_mode,
            debug_sql=self.debug_sql,
        )

    def _jobs(self) -> list[ClassJob]:
        """Return the classes, the longest first where their order is free.

        It is free where every database goes back to its baseline after a test
        that commits; where nobody knows how long anything takes, Django's own
        order is as good as any. Short classes keep it: they fill the gaps at the
        end, and tests that hang on what ran before them notice little; what long
        ones leave in in-memory caches is gone before those begin. Tests
        tagged ``serial`` are a job of their own, which runs alone.
        """
        jobs = []
        for number, tests in enumerate(self._class_tests):
            alone = tuple(n for n, test in enumerate(tests) if is_serial(test))
            others = tuple(n for n in range(len(tests)) if n not in alone)
            for chosen in filter(None, (others, alone)):
                job = ClassJob(
                    number,
                    chosen,
                    is_alone=chosen is alone,
                    wants_database=wants_database(tests),
                )
                estimate = self.history.estimate(self._name(job), tests=len(chosen))
                jobs.append(replace(job, seconds=estimate))
        if self.keeps_order or not self.history:
            return jobs
        ideal = sum(job.seconds for job in jobs) / self.processes
        jobs = [replace(job, is_early=job.seconds > SHORT * ideal) for job in jobs]
        # What could not even be loaded is told first, as ever.
        return sorted(
            jobs,
            key=lambda job: (
                not self._is_broken(job),
                -job.seconds if job.is_early else 0.0,
            ),
        )

    @cached_property
    def _class_tests(self) -> list[list[Any]]:
        """The tests of each class, to be found by their indexes."""
        return [list(subsuite) for subsuite in self.subsuites]

    def _first_test(self, job: ClassJob) -> Any:
        return self._class_tests[job.subsuite][0]

    def _name(self, job: ClassJob) -> str:
        test_class = type(self._first_test(job))
        return f"{test_class.__module__}.{test_class.__qualname__}"

    def _is_broken(self, job: ClassJob) -> bool:
        # unittest puts this in the place of what cannot be imported;
        # test_parallel_suite.py pins the name.
        broken: Any = unittest.loader._FailedTest  # type: ignore[attr-defined]  # noqa: SLF001
        return isinstance(self._first_test(job), broken)

    def _pass_on(self, turn: Turn, events: Sequence[Any]) -> None:
        for event in events:
            self.handle_event(self.result, turn.tests, event)
        if turn.now is not None:
            turn.done = max(turn.done, turn.now + 1)
            turn.now = None
        if self.result.shouldStop:
            # The others finish the test they are at.
            self.crew.halt.set()
            self.crew.stop()

    def _tell_builds(self, worker_id: int, builds: Sequence[Build]) -> None:
        """Say how schemas were built; why one could not be replayed, only once."""
        assert self.log is not None  # noqa: S101 - the runner sets it
        for build in builds:
            self.log(
                f"Worker {worker_id}: schema {build.schema} {build.way}.", logging.DEBUG
            )
            if build.note and build.note not in self.notes:
                self.notes.add(build.note)
                self.log(f"Schemas of {build.alias!r} are {build.way}: {build.note}.")

    def _count_as_error(self, job: ClassJob, index: int, message: str) -> None:
        test = self._class_tests[job.subsuite][index]
        error: Any = (RuntimeError, RuntimeError(message), None)
        self.result.startTest(test)
        self.result.addError(test, error)
        self.result.stopTest(test)


def suite_on_schemas(chosen: type[ParallelTestSuite]) -> type[ParallelTestSuite]:
    """Return a suite class that is both ``chosen``, the project's, and the engine's.

    Raises:
        SetupFailure: ``chosen`` replaces ``init_worker`` or ``run_subsuite``,
            and its own way of starting workers would be left out.

    """
    for name in ("init_worker", "run_subsuite"):
        if getattr(chosen, name) is not getattr(ParallelTestSuite, name):
            raise SetupFailure(
                f"{chosen.__module__}.{chosen.__qualname__} replaces {name!r} of "
                "Django's parallel suite, which makes databases and workers that "
                "this engine has no use for, so it would be ignored. Next: move what "
                "it does into `process_setup` of that class, or run with "
                "--parallel 1."
            )
    if issubclass(chosen, SchemaParallelSuite):
        return chosen
    if chosen is not ParallelTestSuite:
        return type(chosen.__name__, (chosen, SchemaParallelSuite), {})
    # Scripts such as Django's own runtests.py set attributes on this very class.
    given = {
        name: vars(ParallelTestSuite)[name]
        for name in ("process_setup", "process_setup_args", "runner_class")
    }
    return type("SchemaParallelSuite", (SchemaParallelSuite,), given)
