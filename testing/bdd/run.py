"""A whole BDD run, from options to exit code; the command ``behave`` is its front."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass, field, replace
from typing import Any

from django.test.utils import setup_test_environment, teardown_test_environment

from testing.bdd.bisect import bisect
from testing.bdd.clashes import refuse_clashes
from testing.bdd.configuration import behave_arguments
from testing.bdd.consoles import make_console
from testing.bdd.feature_file import FeatureFile
from testing.bdd.history import History
from testing.bdd.isolation import (
    ExistingDatabase,
    Isolation,
    SchemaIsolation,
    choose_hooks,
)
from testing.bdd.options import RunOptions, chosen_seed
from testing.bdd.plan import choose_paths, load_features, package_of
from testing.bdd.record import RunRecord
from testing.bdd.reporting import write_reports
from testing.bdd.run_summary import repeat_lines
from testing.bdd.scenario_runner import ScenarioRunner
from testing.bdd.selection import (
    choose_units,
    failed_paths,
    replayed_paths,
    seed_of,
)
from testing.bdd.session import Session
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
from testing.keepsake import drop_keepsakes
from testing.overrides import settings_overrides
from testing.preparation import Plan, prepare, restore
from testing.process_end import spare_last_collections
from testing.runner import worker_count
from testing.testcases import refuse_shared_port
from testing.worker_folder import sweep_folders
from testing.workplace import sweep

__all__ = ["BehaveRun"]

# How a run that was not the last of several ended, by its exit code.
WORDS = {EXIT_PASSED: "passed", EXIT_INTERRUPTED: "was interrupted"}


@dataclass
class BehaveRun:
    """One run of ``manage.py behave``, with the command's options."""

    options: dict[str, Any]
    stderr: Any
    command: list[str] = field(default_factory=lambda: ["manage.py", *sys.argv[1:]])
    leaks: list[str] = field(default_factory=list)
    has_dropped: bool = False

    def run(self) -> int:
        """Run what was asked for; returns the exit code.

        Raises:
            SetupFailure: the run cannot be set up.

        """
        self.isolated = isolation_from_environment()
        self.engine = EngineSettings.load()
        self.chosen = RunOptions.read(self.options)
        refuse_clashes(
            self.chosen,
            self.options,
            isolated=self.isolated,
            package=feature_from_environment(),
        )
        self.console = make_console(
            stream=self.stderr,
            verbosity=self.options["verbosity"],
            color=self._color(),
        )
        paths = self._paths()
        if paths is None:
            self.console.problem("Nothing failed last time, so nothing is run again.")
            return EXIT_PASSED
        spare_last_collections()
        setup_test_environment(debug=False)
        overrides = settings_overrides(self.engine)
        overrides.enable()
        try:
            return self._repeat(behave_arguments(self.options, paths=paths))
        finally:
            overrides.disable()
            teardown_test_environment()

    def _repeat(self, arguments: list[str]) -> int:
        """Run as often as asked for; the exit code is the worst one."""
        codes: list[int] = []
        everything = self.chosen
        for number in range(1, self.chosen.repeat + 1):
            self.chosen = everything.of_run(number)
            if codes:
                # A run's record and models refer to each other, and lie where the
                # interpreter seldom looks for garbage, so they would pile up.
                gc.collect()
            codes.append(self._load_and_run(arguments))
            if self.chosen.repeat > 1:
                word = WORDS.get(codes[-1], "failed")
                self.console.problem(f"Run {number}/{self.chosen.repeat} {word}.")
            if codes[-1] not in (EXIT_PASSED, EXIT_FAILED):
                break
        if self.chosen.repeat > 1:
            leaks = self.leaks if self.chosen.check_leaks else None
            for line in repeat_lines(codes, wanted=self.chosen.repeat, leaks=leaks):
                self.console.problem(line)
        return max(codes)

    def _load_and_run(self, arguments: list[str]) -> int:
        """Run on hooks, steps and features that are loaded for this run alone."""
        runner, features = load_features(arguments)
        if self.options.get("reverse"):
            features.reverse()
        try:
            return self._once(runner, features, arguments)
        finally:
            runner.unload()

    def _once(
        self, runner: ScenarioRunner, features: list[FeatureFile], arguments: list[str]
    ) -> int:
        seed = chosen_seed(self.chosen.random)
        if self.chosen.replay is not None:
            # Within a feature, the order is the one that the seed had made.
            seed = seed_of(self.chosen.replay)
        history = self._history()
        units = choose_units(
            features,
            runner,
            chosen=self.chosen,
            history=history,
            seed=seed,
            workers=self._workers(),
        )
        has_history = bool(history.scenarios)
        # Of a big suite it is big, and nobody asks for it while the suite runs.
        del history
        if "database" not in (self.engine.isolation, self.engine.fallback):
            units = [
                replace(unit, is_alone=unit.is_alone or unit.needs_database)
                for unit in units
            ]
        selected = sum(len(feature.selected) for feature in features)
        if not units:
            return self._nothing(features, selected)
        size = 1 if self.chosen.replay else min(self._workers(), len(units))
        plan = None if self._is_existing else self._prepare(runner.config.paths, size)
        try:
            session = Session(
                runner=runner,
                features=features,
                units=units,
                arguments=arguments,
                isolation=self._isolation(plan),
                django=self.django,
                chosen=self.chosen,
                has_history=has_history,
                console=self.console,
                size=size,
                method=self.engine.choose_start_method(),
                place=_place(plan),
                database="" if plan is None else plan.database_names,
                command=self.command,
                seed=seed,
                total=selected,
                stops_at_failure=bool(
                    runner.config.stop or self.options.get("failfast")
                ),
            )
            if self.chosen.bisect:
                return bisect(session, target=self.chosen.bisect, console=self.console)
            code = session.run()
            self.leaks += session.leaks
            self._keep_memory(session.record)
            return code
        finally:
            if plan is not None:
                sweep(plan)
                sweep_folders()
                restore(plan)

    def _keep_memory(self, record: RunRecord) -> None:
        """Learn from the run and write the reports that were asked for.

        A shard learns nothing: the next one is cut by the same history.
        """
        if self.chosen.shard is None:
            # Read again: another run may have ended since this one began.
            history = self._history()
            history.learn(record)
            try:
                history.save()
            except OSError as error:
                self.console.problem(f"The history could not be written: {error}")
        write_reports(record, chosen=self.chosen)

    def _nothing(self, features: list[FeatureFile], selected: int) -> int:
        """Say why nothing runs: an empty shard is in order, an empty choice is not."""
        if selected and self.chosen.shard is not None:
            number, count = self.chosen.shard
            self.console.problem(
                f"Shard {number}/{count} is empty: there are fewer units than shards."
            )
            return EXIT_PASSED
        self.console.problem(
            f"No scenario is selected in {len(features)} feature files, so nothing "
            "was tested. Next: look at --tags, --name and the line numbers given."
        )
        return EXIT_NOTHING_SELECTED

    def _paths(self) -> list[str] | None:
        """Return what to run; None when only failures are wanted and none are known."""
        package = feature_from_environment()
        if self.chosen.replay is not None:
            return replayed_paths(self.chosen.replay, given=self.options["paths"])
        paths = choose_paths(self.options["paths"], package=package)
        if self.chosen.rerun_failed:
            return failed_paths(self._history(), within=paths) or None
        return paths

    def _history(self) -> History:
        return History.load(self.engine.journal_dir / "history.json")

    def _color(self) -> bool | None:
        return {"off": False, "never": False, "on": True, "always": True}.get(
            self.options.get("color", "auto")
        )

    @property
    def _is_existing(self) -> bool:
        return bool(self.options["use_existing_database"])

    def _workers(self) -> int:
        """Return how many workers run; one where they could not be kept apart.

        Raises:
            UsageError: several were asked for by number all the same.

        """
        asked = self.chosen.parallel
        reason = None
        if not self.isolated:
            reason = "BDD_SCHEMA_ISOLATION=false puts all scenarios on one schema"
        elif self._is_existing:
            reason = "--use-existing-database puts all scenarios on one database"
        if reason is None:
            return worker_count(asked)
        if asked not in ("auto", 1):
            raise UsageError(
                f"{reason}, and {asked} workers at once would disturb each other. "
                "Next: leave --parallel out, or leave isolation on."
            )
        return 1

    def _prepare(self, paths: list[str], workers: int) -> Plan:
        plan = prepare(
            workers=workers,
            serves=self.isolated and not self.options["simple"],
            package=package_of(paths),
            keepdb=bool(self.options.get("keepdb")),
            verbosity=self.options["verbosity"],
            slot_prefix="" if self.isolated else "shared",
        )
        if self.chosen.keep_failed and not self.has_dropped:
            # Only those of earlier commands: of repeated runs each may keep some.
            self.has_dropped = True
            drop_keepsakes(plan)
        return replace(plan, keep_failed=self.chosen.keep_failed)

    def _isolation(self, plan: Plan | None) -> Isolation:
        """Choose what keeps scenarios apart and who makes ``context.test``."""
        options = self.options
        hooks_class = choose_hooks(
            runner_class=options["runner"],
            simple=options["simple"],
            existing=self._is_existing,
            isolated=self.isolated,
        )
        if plan is not None:
            refuse_shared_port(hooks_class.testcase_class, workers=plan.workers)
        passed_on = ("failfast", "interactive", "keepdb", "reverse")
        given = {name: options[name] for name in passed_on if options.get(name)}
        self.django = hooks_class(**given)
        if plan is None:
            return ExistingDatabase()
        return SchemaIsolation(plan, self.django, resets=self.isolated)


def _place(plan: Plan | None) -> str:
    if plan is None:
        return "the existing database"
    slots = "_".join(part for part in (plan.slot_prefix, plan.package) if part)
    return f"database {plan.database_names}, schemas {slots}_w…"
