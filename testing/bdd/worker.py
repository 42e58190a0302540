"""One worker of a BDD run: an isolated place, behave's runner, units on request."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from behave.runner import Context
from django.test.utils import setup_test_environment

from testing.bdd.facts import scenario_fields, unfinished_steps
from testing.bdd.feature_file import FeatureFile
from testing.bdd.isolation import Isolation
from testing.bdd.listener import Listener, NotedStream
from testing.bdd.losses import location_of
from testing.bdd.plan import load_features
from testing.bdd.scenario_leaks import ScenarioLeaks
from testing.bdd.scenario_runner import ScenarioRunner
from testing.bdd.statements import SuiteStatements
from testing.bdd.units import DATABASE, SERIAL, Unit
from testing.bdd.watchdog import Watchdog, limit_from_tags
from testing.call_stack import Test
from testing.conf import EngineSettings
from testing.hazard_watch import HazardWatch
from testing.overrides import settings_overrides

__all__ = ["FeatureRole"]

Report = Callable[[dict[str, Any]], None]


@dataclass
class FeatureRole:
    """What each worker does; pickled when workers are spawned.

    Attributes:
        arguments: behave's command line, to load the suite again where a
            process does not inherit it.
        isolation: how scenarios are kept apart.
        django: makes ``context.test``.
        shared: what ``before_parallel`` hands to every worker; plain data.
        has_terminal: whether the parent's standard output is one.
        timeout, step_timeout: limits in seconds, None for none.
        retries: how often a failing scenario will be tried again.
        checks_leaks: whether to look for what scenarios leave behind.
        workers: how many there are.
        paths: the features, in the order that their numbers refer to.
        seed: of a random order of scenarios within a feature, None without.
        loaded: the suite as the parent has loaded it, inherited by forking.

    """

    arguments: list[str]
    isolation: Isolation
    django: Any
    shared: dict[str, Any]
    has_terminal: bool = False
    timeout: float | None = None
    step_timeout: float | None = None
    retries: int = 0
    checks_leaks: bool = False
    workers: int = 1
    seed: int | None = None
    paths: list[str] = field(default_factory=list)
    loaded: tuple[ScenarioRunner, list[FeatureFile]] | None = None
    halt: Any = None
    listener: Listener = field(default_factory=Listener)
    watchdog: Watchdog | None = None
    hazards: HazardWatch | None = None
    leaks: ScenarioLeaks = field(default_factory=ScenarioLeaks)
    _report: Report | None = None
    _began: float = 0.0
    _step_began: float = 0.0
    _statements: SuiteStatements | None = None
    _attempt: int = 1
    _kept: list[str] = field(default_factory=list)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what cannot be pickled and will be loaded again."""
        return {**vars(self), "loaded": None, "halt": None}

    def set_up(self, worker_id: int, report: Report) -> dict[str, Any]:
        """Make the place, load the suite, run the hooks that open the run."""
        began = time.monotonic()
        self._report = report
        self._take_over_streams()
        if self.loaded is None:
            setup_test_environment()
            settings_overrides(EngineSettings.load()).enable()
            runner, files = load_features(self.arguments)
            files.sort(key=lambda file: self.paths.index(file.filename))
            self.loaded = runner, files
        runner = self._furnish(worker_id)
        self._statements = SuiteStatements(self.loaded[1], seed=self.seed)
        builds = self.isolation.enter(worker_id)
        built = time.monotonic()
        self.leaks = self._watch_leaks()
        self.hazards = HazardWatch(EngineSettings.load(), test=self._present_test)
        self.hazards.begin()
        passed = runner.start()
        self.isolation.settle()
        self.isolation.push()
        self.leaks.settle()
        self.watchdog = Watchdog(
            report=report, details=self.isolation.busy_with, so_far=self._so_far
        )
        return {
            "passed": passed,
            "builds": builds,
            "began": began,
            "seconds": built - began,
            "hazards": self.hazards.take(),
            "output": self.listener.take(),
        }

    def work(self, job: Unit, report: Report) -> dict[str, Any]:  # noqa: ARG002
        """Run a unit, reporting when a scenario begins and when it is over.

        The answer is what there is to tell of the unit as a whole.
        """
        if not job.needs_database:
            return self._work(job)
        with self.isolation.on_clones() as workplace:
            self.leaks.move(workplace)
            answer = self._work(job)
        self.leaks.move_back()
        return answer

    def _work(self, job: Unit) -> dict[str, Any]:
        self._attempt = job.attempt - job.deaths
        assert self._statements is not None  # noqa: S101 - made by set_up
        statements = self._statements.chosen(job)
        runner = self.runner
        failures_before = runner.hook_failures
        began = time.monotonic()
        self.listener.begin(statements, chosen=set(job.places))
        failed = runner.run_unit(statements[0])
        return {
            "began": began,
            "seconds": time.monotonic() - began,
            "failed": failed,
            "hook_failures": runner.hook_failures - failures_before,
            "segments": self.listener.take_segments(),
            "states": self.listener.final_states(),
            "hazards": self.hazards.take() if self.hazards else [],
        }

    def finish(self) -> dict[str, Any]:
        """Run the hooks that close the run, then give the place back."""
        try:
            if self.loaded is None or self.runner.context is None:
                return {}
            runner = self.runner
            failures_before = runner.hook_failures
            cleanups_failed = runner.end()
            return {
                "hook_failures": runner.hook_failures - failures_before,
                "is_aborted": bool(runner.context.aborted),
                "cleanups_failed": cleanups_failed,
                "problems": self.leaks.of_hooks,
                "hazards": self.hazards.take() if self.hazards else [],
                "output": self.listener.take(),
            }
        finally:
            if self.hazards is not None:
                self.hazards.end()
            self.isolation.leave()

    @property
    def runner(self) -> ScenarioRunner:
        """The loaded runner."""
        assert self.loaded is not None  # noqa: S101 - set_up has loaded it
        return self.loaded[0]

    @property
    def _limits(self) -> Watchdog:
        assert self.watchdog is not None  # noqa: S101 - set_up has made it
        return self.watchdog

    def _furnish(self, worker_id: int) -> ScenarioRunner:
        """Give the runner what it needs in this process."""
        runner = self.runner
        runner.isolation = self.isolation
        runner.django = self.django
        runner.worker_id = worker_id
        runner.halt = self.halt
        runner.shared = self.shared
        runner.override = EngineSettings.load().setting_tags_function()
        runner.formatters = [self.listener]
        runner.before_reset = self._keep_if_failed
        runner.on_scenario_end = self._end_scenario
        runner.context = Context(runner)
        self.listener.step_duration = runner.step_duration
        self.listener.on_scenario = self._begin_scenario
        self.listener.on_step = self._begin_step
        return runner

    def _begin_scenario(self, scenario: Any) -> None:
        self._began = time.monotonic()
        if (log := self.isolation.exchanges()) is not None:
            log.step = -1
            log.take()
        limit = limit_from_tags(scenario.effective_tags, default=self.timeout)
        self._limits.watch("scenario", limit, f"Scenario {scenario.name!r}")
        assert self._report is not None  # noqa: S101 - set by set_up
        place = self.listener.place_of(scenario)
        self._report(
            {
                "kind": "began",
                "place": place,
                "at": self._began,
                "line": scenario.line,
                "name": scenario.name,
                "limit": limit,
            }
        )

    def _begin_step(self, number: int, match: Any) -> None:
        self._step_began = time.monotonic()
        if (log := self.isolation.exchanges()) is not None:
            log.step = number
        if self.step_timeout is not None:
            self._limits.watch(
                "step", self.step_timeout, f"The step at {match.location}"
            )

    def _end_scenario(self, reset_seconds: float) -> None:
        """Report a scenario that is over, its last clean-up and reset included."""
        self._limits.rest()
        ended = self.listener.end_scenario()
        if ended is None:
            return
        scenario, segment = ended
        log = self.isolation.exchanges()
        fields = scenario_fields(
            scenario, segment=segment, exchanges=log.take() if log else []
        )
        assert self._report is not None  # noqa: S101 - set by set_up
        self._report(
            {
                "kind": "scenario",
                "place": self.listener.place_of(scenario),
                "segment": segment,
                "leaks": self.leaks.of(scenario),
                "hazards": self.hazards.take() if self.hazards else [],
                "fields": {
                    **fields,
                    "error": "\n".join([fields["error"], *self._kept]).strip(),
                    "began": self._began,
                    "seconds": time.monotonic() - self._began,
                    "reset_seconds": reset_seconds,
                },
            }
        )

    def _keep_if_failed(self) -> None:
        """Keep a failing scenario's data before it is put back."""
        scenario = self.listener.present
        self._kept = []
        is_last = self._attempt > self.retries
        if scenario is not None and is_last and scenario.status.has_failed():
            self._kept = self.isolation.keep_failed()

    def _watch_leaks(self) -> ScenarioLeaks:
        """Begin to look for leaks; where it cannot look, the user is told once."""
        if not self.checks_leaks:
            return ScenarioLeaks()
        leaks = ScenarioLeaks(self.isolation.leak_watch(workers=self.workers))
        for line in leaks.begin(self.runner):
            sys.stderr.write(f"{line}\n")
        return leaks

    def _present_test(self) -> Test:
        """Return the scenario that runs now, or whose hooks do."""
        scenario = self.listener.present
        if scenario is not None:
            tags = scenario.effective_tags
            return Test(location_of(scenario), SERIAL in tags, DATABASE in tags)
        feature = self.runner.feature
        return Test(f"hooks of {feature.filename if feature else 'the run'}")

    def _so_far(self) -> dict[str, Any]:
        """Return what is known of a scenario that runs; the watchdog's thread asks."""
        scenario = self.listener.present
        if scenario is None:
            return {}
        segment = self.listener.present_segment()
        seconds = time.monotonic() - self._step_began
        steps = unfinished_steps(scenario, segment=segment, seconds=seconds)
        return {"steps": steps, "segment": segment}

    def _take_over_streams(self) -> None:
        """Turn what this process prints into events."""
        note = self.listener.note
        sys.stdout = NotedStream("stdout", note, tty=self.has_terminal)
        sys.stderr = NotedStream("stderr", note, tty=self.has_terminal)
