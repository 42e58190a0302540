"""Django's test runner on leased schemas.

With ``TEST_RUNNER = "testing.runner.SchemaRunner"``, ``manage.py test`` works as
ever. Instead of creating databases, each process leases a schema of the test
database.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest import TestResult, TestSuite

from django.db import connections
from django.test.runner import DiscoverRunner, ParallelTestSuite
from django.test.utils import override_settings, setup_test_environment

from testing.conf import EngineSettings
from testing.crew import Crew
from testing.errors import SetupFailure
from testing.overrides import settings_overrides
from testing.preparation import Plan, prepare, restore
from testing.workplace import Workplace, enter, leave, sweep

__all__ = ["SchemaParallelSuite", "SchemaRunner", "SchemaRunnerMixin", "worker_count"]


def worker_count(parallel: str | int) -> int:
    """Return how many workers ``--parallel`` asks for.

    ``auto`` is DJANGO_TEST_PROCESSES or the number of processors, with each
    start method; Django itself counts one where it does not know the method.
    """
    if parallel != "auto":
        return int(parallel)
    named = os.environ.get("DJANGO_TEST_PROCESSES")
    return int(named) if named else multiprocessing.cpu_count()


@dataclass
class UnitTestRole:
    """A worker that runs test classes."""

    suite: SchemaParallelSuite
    workplace: Workplace | None = None
    overrides: override_settings | None = field(default=None, repr=False)

    def set_up(self, worker_id: int) -> list[Any]:
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
        return self.workplace.builds

    def work(self, job: int, report: Callable[[Any], None]) -> None:
        """Run the test class at index ``job`` and report its events."""
        suite = self.suite
        runner = suite.runner_class(failfast=suite.failfast, buffer=suite.buffer)
        report(runner.run(suite.subsuites[job]).events)

    def finish(self) -> None:
        """Give the schemas back."""
        if self.workplace is not None:
            leave(self.workplace)


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
        self.crew = Crew(
            size=self.processes,
            start_method=self.start_method,
            role=UnitTestRole(self),
            jobs=range(len(self.subsuites)),
            observer=self,
        )
        self.crew.run()
        return result

    def __getstate__(self) -> dict[str, Any]:
        """Leave the parent's side out of what a spawned worker gets."""
        return {k: v for k, v in vars(self).items() if k not in ("result", "crew")}

    def ready(self, worker_id: int, answer: Any) -> bool:  # noqa: ARG002 - protocol
        """Let every worker that is set up have classes."""
        return True

    def reported(self, worker_id: int, job: int, report: Any) -> None:  # noqa: ARG002
        """Hand a class's events to the result."""
        tests: list[Any] = list(self.subsuites[job])
        for event in report:
            self.handle_event(self.result, tests, event)
        if self.result.shouldStop:
            self.crew.stop()

    def done(self, worker_id: int, job: int) -> None:
        """Take note that a class is finished."""

    def refused(self, worker_id: int, message: str, *, is_setup: bool) -> None:  # noqa: ARG002
        """Give up: a worker without a schema would leave tests out."""
        raise SetupFailure(f"Worker {worker_id} stopped. {message}")

    def died(self, worker_id: int, job: int | None, exit_code: int | None) -> None:
        """Count every test of a class whose worker died as an error."""
        if job is None:
            return
        tests: list[Any] = list(self.subsuites[job])
        for test in tests:
            message = f"Worker {worker_id} ended with status {exit_code} in this class."
            error: Any = (RuntimeError, RuntimeError(message), None)
            self.result.startTest(test)
            self.result.addError(test, error)
            self.result.stopTest(test)

    def left(self, worker_id: int, answer: Any) -> None:
        """Take note that a worker has given its schemas back."""


class SchemaRunnerMixin:
    """Schemas for any runner that derives from ``DiscoverRunner``."""

    parallel_test_suite: type[ParallelTestSuite] = SchemaParallelSuite

    def setup_test_environment(self, **kwargs: Any) -> None:
        """Set up Django's test environment and the project's overrides."""
        super().setup_test_environment(**kwargs)  # type: ignore[misc]
        self._overrides = settings_overrides(EngineSettings.load())
        self._overrides.enable()

    def teardown_test_environment(self, **kwargs: Any) -> None:
        """Undo the overrides and Django's test environment."""
        self._overrides.disable()
        super().teardown_test_environment(**kwargs)  # type: ignore[misc]

    def setup_databases(self: Any, **kwargs: Any) -> Any:
        """Lease and build a schema here, or prepare for workers that will."""
        aliases = kwargs.get("aliases")
        if aliases is not None and not aliases:
            self.plan = None
            return None
        self.plan = prepare(
            aliases=aliases, keepdb=self.keepdb, verbosity=self.verbosity
        )
        self.log(f"Testing in schemas of {self.plan.database_names}.", logging.DEBUG)
        if self.parallel > 1:
            return self.plan
        return enter(self.plan, worker_id=1)

    def run_suite(self: Any, suite: TestSuite, **kwargs: Any) -> Any:
        """Run the suite; a parallel one is told where its workers work."""
        if isinstance(suite, SchemaParallelSuite):
            suite.plan = self.plan or Plan(EngineSettings.load(), (), {})
        return super().run_suite(suite, **kwargs)  # type: ignore[misc]

    def teardown_databases(self, old_config: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Give schemas back, those of workers that died included."""
        if isinstance(old_config, Workplace):
            leave(old_config)
        if self.plan is not None:
            sweep(self.plan)
            restore(self.plan)
        connections.close_all()


class SchemaRunner(SchemaRunnerMixin, DiscoverRunner):
    """Django's own runner, on schemas."""
