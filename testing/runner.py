"""Django's test runner on leased schemas.

With ``TEST_RUNNER = "testing.runner.SchemaRunner"``, ``manage.py test`` works as
ever. Instead of creating databases, each process leases a schema of the test
database.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from typing import Any
from unittest import TestSuite

from django.db import connections
from django.test.runner import DiscoverRunner, ParallelTestSuite

from testing.conf import EngineSettings
from testing.overrides import settings_overrides
from testing.parallel_suite import SchemaParallelSuite
from testing.preparation import Plan, prepare, restore
from testing.surroundings import Surroundings, slot_of
from testing.worker_folder import sweep_folders
from testing.workplace import Workplace, enter, leave, sweep

__all__ = ["SchemaRunner", "SchemaRunnerMixin", "worker_count"]


def worker_count(parallel: str | int) -> int:
    """Return how many workers ``--parallel`` asks for.

    ``auto`` is DJANGO_TEST_PROCESSES or the number of processors, with each
    start method; Django itself counts one where it does not know the method.
    """
    if parallel != "auto":
        return int(parallel)
    named = os.environ.get("DJANGO_TEST_PROCESSES")
    return int(named) if named else multiprocessing.cpu_count()


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
        self.workplace = None
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
        self.workplace = enter(self.plan, worker_id=1)
        return self.workplace

    def run_suite(self: Any, suite: TestSuite, **kwargs: Any) -> Any:
        """Run the suite; a parallel one is told where its workers work."""
        if isinstance(suite, SchemaParallelSuite):
            suite.plan = self.plan or Plan(EngineSettings.load(), (), {})
            return super().run_suite(suite, **kwargs)  # type: ignore[misc]
        engine = EngineSettings.load()
        surroundings = Surroundings(
            engine,
            worker_id=1,
            slot=slot_of(self.workplace, engine=engine, worker_id=1),
            parts=engine.own_surroundings(runs_features=False, workers=1),
        )
        with surroundings:
            return super().run_suite(suite, **kwargs)  # type: ignore[misc]

    def teardown_databases(self, old_config: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Give schemas back, those of workers that died included."""
        if isinstance(old_config, Workplace):
            leave(old_config)
        if self.plan is not None:
            sweep(self.plan)
            restore(self.plan)
        # Those of workers that died.
        sweep_folders()
        connections.close_all()


class SchemaRunner(SchemaRunnerMixin, DiscoverRunner):
    """Django's own runner, on schemas."""
