"""A whole BDD run, from options to exit code; the command ``behave`` is its front."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from behave.model import Feature
from behave.runner_util import print_undefined_step_snippets
from django.db import connections
from django.test.utils import setup_test_environment, teardown_test_environment

from testing.bdd.configuration import behave_arguments
from testing.bdd.console import Console
from testing.bdd.isolation import (
    ExistingDatabase,
    Isolation,
    SchemaIsolation,
    choose_hooks,
)
from testing.bdd.plan import (
    choose_paths,
    count_selected,
    load_features,
    order_units,
    package_of,
)
from testing.bdd.pool import FeaturePool
from testing.bdd.replay import Replay
from testing.bdd.scenario_runner import ScenarioRunner
from testing.bdd.worker import FeatureRole
from testing.conf import (
    EngineSettings,
    feature_from_environment,
    isolation_from_environment,
)
from testing.errors import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_NOTHING_SELECTED,
    EXIT_PASSED,
    UsageError,
)
from testing.overrides import settings_overrides
from testing.preparation import Plan, prepare, restore
from testing.runner import worker_count
from testing.workplace import sweep

__all__ = ["BehaveRun"]


@dataclass
class BehaveRun:
    """One run of ``manage.py behave``, with the command's options."""

    options: dict[str, Any]
    stderr: Any

    def run(self) -> int:
        """Run what was asked for; returns the exit code.

        Raises:
            SetupFailure: the run cannot be set up.

        """
        isolated = isolation_from_environment()
        engine = EngineSettings.load()
        paths = choose_paths(self.options["paths"], package=feature_from_environment())
        arguments = behave_arguments(self.options, paths=paths)
        setup_test_environment(debug=False)
        overrides = settings_overrides(engine)
        overrides.enable()
        try:
            runner, features = load_features(arguments)
            if self.options.get("reverse"):
                features.reverse()
            return self._run_features(
                runner, features, arguments=arguments, isolated=isolated, engine=engine
            )
        finally:
            overrides.disable()
            teardown_test_environment()

    def _run_features(
        self,
        runner: ScenarioRunner,
        features: list[Feature],
        *,
        arguments: list[str],
        isolated: bool,
        engine: EngineSettings,
    ) -> int:
        console = Console(self.stderr, self.options["verbosity"])
        scenarios = count_selected(features, runner.config)
        if not scenarios:
            console.problem(
                f"No scenario is selected in {len(features)} feature files, so nothing "
                "was tested. Next: look at --tags, --name and the line numbers given."
            )
            return EXIT_NOTHING_SELECTED
        size = min(self._workers(isolated), len(features))
        existing = self.options["use_existing_database"]
        plan = None if existing else self._prepare(isolated, runner.config.paths)
        method = engine.choose_start_method()
        console.begin(
            features=len(features),
            scenarios=scenarios,
            workers=size,
            method=method,
            place=_place(plan),
        )
        try:
            return self._replay(
                runner,
                features,
                role=FeatureRole(
                    arguments=arguments,
                    isolation=self._isolation(plan, isolated=isolated),
                    django=self.django,
                    shared={},
                    has_terminal=sys.stdout.isatty(),
                    loaded=(runner, features),
                    reverse=bool(self.options.get("reverse")),
                ),
                console=console,
                size=size,
                method=method,
            )
        finally:
            if plan is not None:
                sweep(plan)
                restore(plan)

    def _replay(
        self,
        runner: ScenarioRunner,
        features: list[Feature],
        *,
        role: FeatureRole,
        console: Console,
        size: int,
        method: str,
    ) -> int:
        """Run the crew between the parent's hooks, then let everybody report."""
        config = runner.config
        replay = Replay(config, features)
        outcome = replay.outcome
        pool = FeaturePool(
            features=features,
            order=order_units(features),
            replay=replay,
            console=console,
            stops_at_failure=bool(config.stop or self.options.get("failfast")),
        )
        runner.context.jobs = size
        runner.context.shared = role.shared
        interrupted = False
        if runner.run_hook("before_parallel"):
            connections.close_all()
            interrupted = pool.run(role=role, size=size, start_method=method)
        else:
            outcome.is_aborted = True
        runner.run_hook("after_parallel")
        outcome.hook_failures += runner.hook_failures
        replay.end()
        if config.show_snippets and outcome.undefined_steps:
            print_undefined_step_snippets(
                outcome.undefined_steps, colored=config.has_colored_mode()
            )
        console.end(
            failing=[f.filename for f in features if f.status.has_failed()],
            has_failed=outcome.has_failed,
        )
        if interrupted:
            return EXIT_INTERRUPTED
        return EXIT_FAILED if outcome.has_failed else EXIT_PASSED

    def _workers(self, isolated: bool) -> int:
        """Return how many workers run; one where they could not be kept apart.

        Raises:
            UsageError: several were asked for by number all the same.

        """
        asked = self.options["parallel"]
        reason = None
        if not isolated:
            reason = "BDD_SCHEMA_ISOLATION=false puts all scenarios on one schema"
        elif self.options["use_existing_database"]:
            reason = "--use-existing-database puts all scenarios on one database"
        if reason is None:
            return worker_count(asked)
        if asked not in ("auto", 1):
            raise UsageError(
                f"{reason}, and {asked} workers at once would disturb each other. "
                "Next: leave --parallel out, or leave isolation on."
            )
        return 1

    def _prepare(self, isolated: bool, paths: list[str]) -> Plan:
        return prepare(
            package=package_of(paths),
            keepdb=bool(self.options.get("keepdb")),
            verbosity=self.options["verbosity"],
            slot_prefix="" if isolated else "shared",
        )

    def _isolation(self, plan: Plan | None, *, isolated: bool) -> Isolation:
        """Choose what keeps scenarios apart and who makes ``context.test``."""
        options = self.options
        hooks_class = choose_hooks(
            runner_class=options["runner"],
            simple=options["simple"],
            existing=options["use_existing_database"],
            isolated=isolated,
        )
        passed_on = ("failfast", "interactive", "keepdb", "reverse")
        given = {name: options[name] for name in passed_on if options.get(name)}
        self.django = hooks_class(**given)
        if plan is None:
            return ExistingDatabase()
        return SchemaIsolation(plan, self.django, resets=isolated)


def _place(plan: Plan | None) -> str:
    if plan is None:
        return "the existing database"
    slots = "_".join(part for part in (plan.slot_prefix, plan.package) if part)
    return f"database {plan.database_names}, schemas {slots}_w…"
