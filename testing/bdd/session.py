"""One pass over the chosen units: crew, replay, record, verdict."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import django
from behave.runner_util import print_undefined_step_snippets
from django.db import connections

from testing.bdd.assembly import Assembly
from testing.bdd.consoles import Console
from testing.bdd.feature_file import FeatureFile
from testing.bdd.foresight import Foresight
from testing.bdd.invocation import manage_command
from testing.bdd.isolation import Isolation
from testing.bdd.options import RunOptions
from testing.bdd.pool import FeaturePool
from testing.bdd.record import FORMAT, FeatureFact, RunEnd, RunFact, RunRecord
from testing.bdd.replay import Outcome, Replay
from testing.bdd.scenario_runner import ScenarioRunner
from testing.bdd.tally import bill_of
from testing.bdd.units import Unit, UnitQueue
from testing.bdd.urls import load_urls
from testing.bdd.worker import FeatureRole
from testing.conf import EngineSettings
from testing.errors import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_PASSED
from testing.hazard_report import HazardReport
from testing.leaks import LEAKS

__all__ = ["Session"]

# How many failing scenarios the last line names one by one.
MOST_NAMED = 6


@dataclass
class Session:
    """Everything one pass needs; :meth:`run` may be called once."""

    runner: ScenarioRunner
    features: list[FeatureFile]
    units: list[Unit]
    arguments: list[str]
    isolation: Isolation
    django: Any
    chosen: RunOptions
    has_history: bool
    console: Console
    size: int
    method: str
    place: str
    database: str
    command: list[str]
    seed: int | None
    total: int
    stops_at_failure: bool
    # Formatters are replayed as features end, so their calls need not be kept.
    record: RunRecord = field(default_factory=lambda: RunRecord(keeps_events=False))

    @property
    def leaks(self) -> list[str]:
        """What scenarios were found to leave behind, when that was looked for."""
        told = [line for end in self.record.ends for line in end.problems]
        return [line for line in told if LEAKS in line]

    def run(self) -> int:
        """Run all units and let everybody report; returns the exit code."""
        began = time.monotonic()
        if self.chosen.events is not None:
            self.chosen.events.parent.mkdir(parents=True, exist_ok=True)
            self.record.stream = self.chosen.events.open("w")
        self._open_record()
        assemblies = [Assembly(feature) for feature in self.features]
        replay = Replay(
            self.runner.config, assemblies, stepping_aside=self.console.pause
        )
        pool = FeaturePool(
            assemblies=assemblies,
            queue=UnitQueue(self.units),
            replay=replay,
            console=self.console,
            record=self.record,
            began=began,
            stops_at_failure=self.stops_at_failure,
            retries=self.chosen.retries,
            foresight=self._foresight(),
        )
        try:
            interrupted = self._run_crew(pool, replay.outcome)
            self.console.close()
            replay.end()
            self._judge(replay.outcome)
            code = _exit_code(replay.outcome, interrupted=interrupted)
            self._close(replay.outcome, code=code, seconds=time.monotonic() - began)
        finally:
            self.console.close()
            if self.record.stream is not None:
                self.record.stream.close()
                self.record.stream = None
        return code

    def run_quietly(self, units: list[Unit], console: Console) -> RunRecord:
        """Run units in this order on one fresh worker, without any formatter."""
        assemblies = [Assembly(feature) for feature in self.features]
        config = self.runner.config
        outputs, reporters = config.format, config.reporters
        config.format, config.reporters = [], []
        record = RunRecord(keeps_events=False)
        try:
            replay = Replay(config, assemblies)
            pool = FeaturePool(
                assemblies=assemblies,
                queue=UnitQueue(units),
                replay=replay,
                console=console,
                record=record,
                began=time.monotonic(),
            )
            if pool.run(role=self._role(), size=1, start_method=self.method):
                # Half a try would tell something wrong.
                raise KeyboardInterrupt
        finally:
            config.format, config.reporters = outputs, reporters
        return record

    @contextmanager
    def parent_hooks(self, *, jobs: int) -> Iterator[bool]:
        """Be between before_parallel, whose verdict it gives, and after_parallel."""
        runner = self.runner
        runner.context.jobs = jobs
        runner.context.shared = {}
        passed = bool(runner.run_hook("before_parallel"))
        connections.close_all()
        try:
            yield passed
        finally:
            runner.run_hook("after_parallel")

    def _run_crew(self, pool: FeaturePool, outcome: Outcome) -> bool:
        """Run the crew between the parent's hooks; returns whether interrupted."""
        interrupted = False
        with self.parent_hooks(jobs=self.size) as passed:
            if passed:
                self._take_models_apart()
                if self.method == "fork":
                    load_urls()
                interrupted = pool.run(
                    role=self._role(), size=self.size, start_method=self.method
                )
            else:
                outcome.is_aborted = True
        outcome.hook_failures += self.runner.hook_failures
        return interrupted

    def _take_models_apart(self) -> None:
        """Free the models: whoever needs one, here or in a worker, parses it again."""
        for feature in self.features:
            feature.take_apart()

    def _foresight(self) -> Foresight | None:
        """Return what orders units by what the run itself finds out.

        That is for a first run, and where nothing else decides the order.
        """
        is_ordered = (
            self.seed is not None
            or self.chosen.replay is not None
            or self.chosen.parallel_by == "package"
        )
        if is_ordered or self.has_history:
            return None
        return Foresight.of(
            self.units,
            self.features,
            registry=self.runner.step_registry,
        )

    def _rerun(self, failing: list[str]) -> str:
        """Return the command that runs again what failed, a short one."""
        if not failing:
            return ""
        if len(failing) > MOST_NAMED and self.chosen.shard is None:
            return manage_command("--rerun-failed")
        return manage_command(*failing)

    def _role(self) -> FeatureRole:
        return FeatureRole(
            arguments=self.arguments,
            isolation=self.isolation,
            django=self.django,
            shared=dict(getattr(self.runner.context, "shared", {})),
            paths=[feature.filename for feature in self.features],
            has_terminal=sys.stdout.isatty(),
            timeout=self.chosen.timeout,
            step_timeout=self.chosen.step_timeout,
            retries=self.chosen.retries,
            checks_leaks=self.chosen.check_leaks,
            workers=self.size,
            seed=self.seed,
            loaded=(self.runner, self.features),
        )

    def _open_record(self) -> None:
        selected = sum(unit.active for unit in self.units)
        run = RunFact(
            format=FORMAT,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            command=self.command,
            workers=self.size,
            method=self.method,
            database=self.database,
            seed=self.seed,
            shard="/".join(map(str, self.chosen.shard or ())),
            selected=selected,
            python=platform.python_version(),
            django=django.__version__,
            behave=version("behave"),
            host=platform.node(),
            total=self.total,
        )
        self.record.add(run)
        for number, feature in enumerate(self.features):
            self.record.add(_feature_fact(number, feature))
        total = sum(unit.seconds for unit in self.units)
        longest = max((unit.seconds for unit in self.units), default=0.0)
        self.console.begin(
            run,
            features=len({unit.feature for unit in self.units}),
            place=self.place,
            estimate=max(total / self.size, longest) if self.has_history else None,
        )

    def _judge(self, outcome: Outcome) -> None:
        """Apply what the options make of flaky scenarios; show missing steps."""
        config = self.runner.config
        flaky = self.record.flaky_scenarios()
        if flaky and self.chosen.fail_on_flaky:
            noun = "scenario is" if len(flaky) == 1 else "scenarios are"
            outcome.problems.append(f"{len(flaky)} {noun} flaky")
        if self.record.hazards and EngineSettings.load().hazards == "error":
            outcome.problems.append(HazardReport.of(self.record.hazards).verdict)
        for problem in outcome.problems:
            self.console.problem(problem)
        if config.show_snippets and outcome.undefined_steps:
            print_undefined_step_snippets(
                outcome.undefined_steps, colored=config.has_colored_mode()
            )

    def _close(self, outcome: Outcome, *, code: int, seconds: float) -> None:
        self.record.add(
            RunEnd(
                exit_code=code,
                seconds=seconds,
                problems=outcome.problems,
                hook_failures=outcome.hook_failures,
                bill=bill_of(self.record, seconds=seconds),
            )
        )
        failing = [f.location for f in self.record.final_scenarios() if f.has_failed]
        self.console.end(
            self.record,
            exit_code=code,
            rerun=self._rerun(failing),
        )


def _exit_code(outcome: Outcome, *, interrupted: bool) -> int:
    if interrupted:
        return EXIT_INTERRUPTED
    return EXIT_FAILED if outcome.has_failed else EXIT_PASSED


def _feature_fact(number: int, file: FeatureFile) -> FeatureFact:
    with file.lent() as (feature, *_):
        return FeatureFact(
            feature=number,
            path=feature.filename,
            line=feature.line,
            keyword=feature.keyword,
            name=feature.name,
            description=[str(line) for line in feature.description],
            tags=[str(tag) for tag in feature.tags],
            language=str(feature.language or "en"),
            source=file.text.replace("\r\n", "\n"),
        )
