"""Django's test runner on leased schemas.

With ``TEST_RUNNER = "testing.runner.SchemaRunner"``, ``manage.py test`` works as
ever. Instead of creating databases, each process leases a schema of the test
database.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import sys
from collections.abc import Iterator
from typing import Any
from unittest import TestSuite, removeHandler

from django.core.checks.registry import Tags, registry
from django.db import connections
from django.test.runner import DiscoverRunner, ParallelTestSuite

from testing.adoption import adopting
from testing.conf import EngineSettings
from testing.errors import SetupFailure
from testing.fixture_data import keep_serialized_contents, resetting_flush
from testing.hazard_report import HazardReport
from testing.hazard_watch import collecting
from testing.live_servers import quick_live_servers
from testing.occupancy import enter, leave
from testing.overrides import settings_overrides
from testing.parallel_suite import SchemaParallelSuite, suite_on_schemas
from testing.preparation import Plan, prepare, restore
from testing.process_end import spare_last_collections
from testing.surroundings import Surroundings, slot_of
from testing.worker_folder import sweep_folders
from testing.workplace import Workplace, sweep

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


class LastBeforeDjango(type):
    """Lets the mixin stand right before Django's runner, wherever it is named.

    ``class Ours(SchemaRunnerMixin, Theirs)`` would otherwise never come to what
    ``Theirs`` adds around ``super().setup_databases()``.
    """

    def mro(cls) -> list[type]:
        """Return the order of classes with the mixin moved."""
        order = super().mro()
        mixin = next((c for c in order if c.__dict__.get("is_schema_mixin")), None)
        if mixin is None or DiscoverRunner not in order:
            return order
        order.remove(mixin)
        order.insert(order.index(DiscoverRunner), mixin)
        return order


class SchemaRunnerMixin(metaclass=LastBeforeDjango):
    """Schemas for any runner that derives from ``DiscoverRunner``."""

    is_schema_mixin = True
    parallel_test_suite: type[ParallelTestSuite] = SchemaParallelSuite
    # Set when databases are set up; there is none where no test wants one.
    plan: Plan | None = None
    workplace: Workplace | None = None
    is_set_up = False

    def setup_test_environment(self, **kwargs: Any) -> None:
        """Set up Django's test environment and the project's overrides."""
        spare_last_collections()
        super().setup_test_environment(**kwargs)  # type: ignore[misc]
        self._overrides = settings_overrides(EngineSettings.load())
        self._overrides.enable()

    def teardown_test_environment(self, **kwargs: Any) -> None:
        """Undo the overrides and Django's test environment."""
        self._overrides.disable()
        super().teardown_test_environment(**kwargs)  # type: ignore[misc]

    def build_suite(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Build the suite; a parallel one of the project's runs on schemas too."""
        chosen = self.parallel_test_suite
        self.parallel_test_suite = suite_on_schemas(chosen)
        try:
            return super().build_suite(*args, **kwargs)  # type: ignore[misc]
        finally:
            self.parallel_test_suite = chosen

    def get_resultclass(self: Any) -> Any:
        """Return the class of results, which also hears of each class that begins."""
        chosen = super().get_resultclass()  # type: ignore[misc]
        # What the runner of unittest's kind, XML or text, would take by itself.
        chosen = chosen or getattr(self.test_runner, "resultclass", None)
        return adopting(chosen) if isinstance(chosen, type) else chosen

    # Django's handler lets the first Ctrl-C end the test that runs; there is none yet.
    @removeHandler
    def setup_databases(self: Any, **kwargs: Any) -> Any:
        """Lease and build a schema here, or prepare for workers that will.

        Returns what Django's runner would: databases to destroy, none of which
        are the engine's.

        Raises:
            KeyboardInterrupt: by Ctrl-C; what was built so far is dropped.

        """
        self.is_set_up = True
        aliases = kwargs.get("aliases")
        if aliases is not None and not aliases:
            return []
        try:
            return self._set_up(**kwargs)
        except KeyboardInterrupt:
            if self.plan is not None:
                sweep(self.plan)
            sys.stderr.write("Interrupted while schemas were prepared: no test ran.\n")
            raise

    def _set_up(self: Any, **kwargs: Any) -> Any:
        with self.time_keeper.timed("  Preparing schemas"):
            self.plan = prepare(
                aliases=kwargs.get("aliases"),
                keepdb=self.keepdb,
                verbosity=self.verbosity,
                workers=self.parallel,
                interactive=self.interactive,
                serialized=kwargs.get("serialized_aliases") or (),
            )
        self.log(f"Testing in schemas of {self.plan.database_names}.", logging.DEBUG)
        if self.parallel <= 1:
            with self.time_keeper.timed("  Building schemas"):
                self.workplace = self._move_in()
        if self.debug_sql:
            for connection in connections.all():
                connection.force_debug_cursor = True
        return []

    def run_checks(self: Any, databases: Any) -> None:
        """Run the project's checks; those that ask a database find their tables."""
        with contextlib.ExitStack() as stack:
            is_nowhere = self.plan is not None and self.workplace is None
            if is_nowhere and _asks_databases():
                stack.callback(leave, self._move_in())
            super().run_checks(databases)  # type: ignore[misc]

    def run_suite(self: Any, suite: TestSuite, **kwargs: Any) -> Any:
        """Run the suite; a parallel one is told where its workers work.

        Raises:
            SetupFailure: the databases were set up by somebody else.

        """
        if not self.is_set_up:
            name = f"{type(self).__module__}.{type(self).__qualname__}"
            raise SetupFailure(
                f"The runner {name} sets up databases without calling "
                "super().setup_databases(), so no schema was leased. Next: call it "
                "there, or set TEST_RUNNER to that runner without the mixin."
            )
        self.hazards = HazardReport()
        with contextlib.ExitStack() as stack:
            stack.callback(self._tell_hazards)
            if isinstance(suite, SchemaParallelSuite):
                suite.plan = self.plan or Plan(EngineSettings.load(), (), {})
                suite.debug_sql = self.debug_sql
                suite.keeps_order = (
                    self.reverse
                    or self.shuffle is not False
                    or bool(suite.plan.others.aliases)
                )
                suite.log = self.log
                suite.hazards = self.hazards
            else:
                classes = {type(test) for test in _tests_of(suite)}
                stack.enter_context(quick_live_servers(classes))
                stack.enter_context(resetting_flush())
                stack.enter_context(self._surroundings())
                stack.enter_context(collecting(self.hazards))
            return super().run_suite(suite, **kwargs)  # type: ignore[misc]

    def suite_result(self: Any, suite: TestSuite, result: Any, **kwargs: Any) -> int:
        """Return the number of failures; hazards count where they are forbidden.

        An interruption counts as one failure: Django's own runner ends with
        status 0 when Ctrl-C leaves tests out.
        """
        failures: int = super().suite_result(suite, result, **kwargs)  # type: ignore[misc]
        if EngineSettings.load().hazards == "error":
            failures += len(self.hazards.places)
        total = suite.countTestCases()
        left = total - result.testsRun
        # A run that --failfast ended has failed, and says so by itself.
        if result.shouldStop and result.wasSuccessful() and left > 0:
            sys.stderr.write(
                f"Interrupted: {left} of {total} tests did not run, so the run has "
                "not passed.\n"
            )
            failures += 1
        return failures

    def teardown_databases(self: Any, old_config: Any, **kwargs: Any) -> None:
        """Give schemas back, those of workers that died included."""
        if self.workplace is not None:
            leave(self.workplace)
            self.workplace = None
        if self.plan is not None:
            sweep(self.plan)
            restore(self.plan)
        # Those of workers that died.
        sweep_folders()
        connections.close_all()
        super().teardown_databases(old_config, **kwargs)  # type: ignore[misc]

    def _tell_hazards(self: Any) -> None:
        """Tell what was found, after the results of the tests."""
        is_detailed = self.verbosity >= 3
        lines = self.hazards.lines(is_detailed=is_detailed) if self.verbosity else []
        if lines and EngineSettings.load().hazards == "error":
            lines += ["", self.hazards.verdict]
        sys.stderr.write("".join(f"{line}\n" for line in ["", *lines] if lines))

    def _surroundings(self) -> Surroundings:
        engine = EngineSettings.load()
        return Surroundings(
            engine,
            worker_id=1,
            slot=slot_of(self.workplace, engine=engine, worker_id=1),
            parts=engine.own_surroundings(runs_features=False, workers=1),
        )

    def _move_in(self: Any) -> Workplace:
        workplace = enter(self.plan, worker_id=1)
        keep_serialized_contents(self.plan.serialized)
        for build in workplace.builds:
            self.log(f"Schema {build.schema} {build.way}.", logging.DEBUG)
            if build.note:
                self.log(f"Schemas of {build.alias!r} are {build.way}: {build.note}.")
        return workplace


class SchemaRunner(SchemaRunnerMixin, DiscoverRunner):
    """Django's own runner, on schemas."""


def _tests_of(suite: Any) -> Iterator[Any]:
    """Yield every test of a suite."""
    for test in suite:
        if isinstance(test, TestSuite):
            yield from _tests_of(test)
        else:
            yield test


def _asks_databases() -> bool:
    """Tell whether a check of the project's or of a package asks a database."""
    return any(
        Tags.database in getattr(check, "tags", ())
        and not check.__module__.startswith(("django.", "testing."))
        for check in registry.get_checks()
    )
