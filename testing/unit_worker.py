"""A worker that runs test classes: what it does, and what it tells of them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any
from unittest import TestSuite

from django.db import connections
from django.test.runner import RemoteTestResult
from django.test.utils import setup_test_environment

from testing.adoption import AdoptingResult
from testing.class_queue import ClassJob
from testing.errors import SetupFailure
from testing.fixture_data import keep_serialized_contents, resetting_flush
from testing.hazard_watch import HazardWatch, watching
from testing.live_servers import quick_live_servers
from testing.occupancy import enter, leave
from testing.overrides import SettingsOverrides, settings_overrides
from testing.portable_errors import portable, portable_subtest
from testing.preparation import Plan
from testing.process_caches import empty_process_caches
from testing.surroundings import Surroundings, slot_of
from testing.workplace import Workplace

__all__ = ["TellingResult", "UnitTestRole", "UnitTests", "wants_database"]

Report = Callable[[Any], None]


@dataclass(frozen=True)
class UnitTests:
    """What every worker gets: the tests, and Django's options for running them.

    Attributes:
        subsuites: the tests of each class.
        plan: where the schemas are.
        runner_class: Django's seam: what runs a class and collects its events.
        workers: how many there are.
        is_forked: workers inherit what the parent has set up.
        failfast, buffer, debug_mode, debug_sql: options of ``manage.py test``.

    """

    subsuites: Sequence[Any]
    plan: Plan
    runner_class: Any
    workers: int
    is_forked: bool
    failfast: bool = False
    buffer: bool = False
    debug_mode: bool = False
    debug_sql: bool = False


@dataclass
class UnitTestRole:
    """What each worker does; pickled when workers are spawned.

    Its schemas are built when the first class comes that may use them, so that
    a worker whose tests want no database builds none.
    """

    tests: UnitTests
    worker_id: int = 0
    workplace: Workplace | None = None
    surroundings: Surroundings | None = None
    overrides: SettingsOverrides | None = field(default=None, repr=False)
    halt: Any = None
    undo: ExitStack = field(default_factory=ExitStack, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what another process gets by itself."""
        return {**vars(self), "halt": None, "undo": ExitStack()}

    def set_up(self, worker_id: int, report: Report) -> None:  # noqa: ARG002
        """Make this process like its parent, wherever it did not inherit that."""
        self.worker_id = worker_id
        if not self.tests.is_forked:
            setup_test_environment(debug=self.tests.debug_mode)
            self.overrides = settings_overrides(self.tests.plan.engine)
            self.overrides.enable()
        self.undo.enter_context(resetting_flush())

    def work(self, job: ClassJob, report: Report) -> None:
        """Run tests of a class; report each one's beginning, then all events."""
        self._make_ready(job, report)
        given = self.tests
        runner: Any = given.runner_class(failfast=given.failfast, buffer=given.buffer)
        if runner.resultclass is RemoteTestResult:
            # A result of the project's own tells when the class is over.
            runner.resultclass = partial(_telling_result, report, self.halt)
        tests: list[Any] = list(given.subsuites[job.subsuite])
        began = time.monotonic()
        with quick_live_servers({type(test) for test in tests}), watching(self._watch):
            # Copies, as Django's workers have them: a suite lets go of each test
            # after it, and what the test kept in itself goes at once.
            result = runner.run(TestSuite(copy(tests[i]) for i in job.tests))
        report(("events", result.events))
        if found := self._watch.take():
            report(("hazards", found))
        report(("took", time.monotonic() - began))
        if job.is_early:
            # In Django's order the classes that follow would not have met it.
            empty_process_caches()

    def finish(self) -> None:
        """Give the schemas back, and all that came with them."""
        if self.surroundings is not None:
            self.surroundings.leave()
        self.undo.close()
        if self.workplace is not None:
            leave(self.workplace)

    @cached_property
    def _watch(self) -> HazardWatch:
        return HazardWatch(self.tests.plan.engine)

    def _make_ready(self, job: ClassJob, report: Report) -> None:
        """Have what the job needs: schemas, and surroundings named after them."""
        try:
            if job.wants_database and self.workplace is None:
                self._move_in(report)
            if self.surroundings is None:
                self._settle()
        except Exception as error:
            is_expected = isinstance(error, SetupFailure)
            text = str(error) if is_expected else traceback.format_exc()
            report(("refused", text))
            raise

    def _move_in(self, report: Report) -> None:
        self.workplace = enter(self.tests.plan, worker_id=self.worker_id)
        keep_serialized_contents(self.tests.plan.serialized)
        for connection in connections.all():
            connection.force_debug_cursor = self.tests.debug_sql
        report(("built", self.workplace.builds))

    def _settle(self) -> None:
        """Have caches, media and mail of one's own, named after the schema."""
        engine = self.tests.plan.engine
        self.surroundings = Surroundings(
            engine,
            worker_id=self.worker_id,
            slot=slot_of(self.workplace, engine=engine, worker_id=self.worker_id),
            parts=engine.own_surroundings(
                runs_features=False, workers=self.tests.workers
            ),
        ).enter()


def _telling_result(report: Report, halt: Any) -> TellingResult:
    result = TellingResult()
    result.report, result.halt = report, halt
    return result


class TellingResult(AdoptingResult, RemoteTestResult):
    """Reports its events as soon as a test is over; nothing is lost on the way."""

    report: Report
    halt: Any

    def startTest(self, test: Any) -> None:
        """Say which test begins, in case that it ends the process."""
        super().startTest(test)
        self.report(("started", self.test_index))

    def stopTest(self, test: Any) -> None:
        """Tell all now: what comes later may end the process."""
        super().stopTest(test)
        self.report(("events", self.events))
        self.events = []
        if self.halt.is_set():
            self.stop()

    def addError(self, test: Any, err: Any) -> None:
        """Note an error in a form that reaches the parent."""
        super().addError(test, portable(err))

    def addFailure(self, test: Any, err: Any) -> None:
        """Note a failure in a form that reaches the parent."""
        super().addFailure(test, portable(err))

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        """Note an expected failure in a form that reaches the parent."""
        super().addExpectedFailure(test, portable(err))

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        """Note a subtest's failure in a form that reaches the parent."""
        if err is not None:
            err, subtest = portable(err), portable_subtest(subtest)
        super().addSubTest(test, subtest, err)


def wants_database(tests: Sequence[Any]) -> bool:
    """Tell whether tests of a class may use a database.

    Django keeps those of a ``SimpleTestCase`` away from databases that it does
    not name; what is not Django's is not kept away from anything.
    """
    return any(getattr(test, "databases", True) for test in tests)
