"""One worker of a BDD run: an isolated place, behave's runner, units on request."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from behave.model import Feature
from behave.runner import Context
from django.test.utils import setup_test_environment

from testing.bdd.isolation import Isolation
from testing.bdd.listener import Listener, NotedStream
from testing.bdd.plan import load_features
from testing.bdd.scenario_runner import ScenarioRunner
from testing.conf import EngineSettings
from testing.overrides import settings_overrides

__all__ = ["FeatureRole"]


@dataclass
class FeatureRole:
    """What each worker does; pickled when workers are spawned.

    Attributes:
        arguments: behave's command line, to load the suite again where a
            process does not inherit it.
        isolation: how scenarios are kept apart.
        shared: what ``before_parallel`` hands to every worker; plain data.
        loaded: the suite as the parent has loaded it, inherited by forking.

    """

    arguments: list[str]
    isolation: Isolation
    django: Any
    shared: dict[str, Any]
    has_terminal: bool = False
    reverse: bool = False
    loaded: tuple[ScenarioRunner, list[Feature]] | None = None
    listener: Listener = field(default_factory=Listener)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what cannot be pickled and will be loaded again."""
        return {**vars(self), "loaded": None}

    def set_up(self, worker_id: int) -> dict[str, Any]:
        """Make the place, load the suite, run the hooks that open the run."""
        began = time.perf_counter()
        self._take_over_streams()
        if self.loaded is None:
            setup_test_environment()
            settings_overrides(EngineSettings.load()).enable()
            self.loaded = load_features(self.arguments)
            if self.reverse:
                self.loaded[1].reverse()
        runner = self.runner
        runner.isolation = self.isolation
        runner.django = self.django
        runner.worker_id = worker_id
        runner.shared = self.shared
        runner.override = EngineSettings.load().setting_tags_function()
        runner.formatters = [self.listener]
        runner.context = Context(runner)
        builds = self.isolation.enter(worker_id)
        built = time.perf_counter()
        passed = runner.start()
        self.isolation.push()
        return {
            "passed": passed,
            "builds": builds,
            "build_seconds": built - began,
            "output": self.listener.take(),
        }

    def work(self, job: int, report: Callable[[Any], None]) -> None:
        """Run the feature at index ``job``, reporting after each scenario."""
        runner, features = self._suite
        feature = features[job]
        began = time.perf_counter()
        undefined_before = len(runner.undefined_steps)
        self.listener.begin(feature, flush=lambda events: report({"events": events}))
        self.listener.step_duration = runner.step_duration
        failed = runner.run_unit(feature)
        places = map(self.listener.place_of, runner.undefined_steps[undefined_before:])
        result = {
            "failed": failed,
            "states": self.listener.final_states(),
            "undefined": [place for place in places if place is not None],
            "seconds": time.perf_counter() - began,
        }
        report({"events": self.listener.take(), "result": result})

    def finish(self) -> dict[str, Any]:
        """Run the hooks that close the run, then give the place back."""
        try:
            if self.loaded is None:
                return {}
            runner = self.runner
            cleanups_failed = runner.end() if runner.context else False
            return {
                "hook_failures": runner.hook_failures,
                "is_aborted": runner.aborted,
                "cleanups_failed": cleanups_failed,
                "output": self.listener.take(),
            }
        finally:
            self.isolation.leave()

    @property
    def runner(self) -> ScenarioRunner:
        """The loaded runner."""
        return self._suite[0]

    @property
    def _suite(self) -> tuple[ScenarioRunner, list[Feature]]:
        assert self.loaded is not None  # noqa: S101 - set_up has loaded it
        return self.loaded

    def _take_over_streams(self) -> None:
        """Turn what this process prints into events."""
        note = self.listener.note
        sys.stdout = NotedStream("stdout", note, tty=self.has_terminal)
        sys.stderr = NotedStream("stderr", note, tty=self.has_terminal)
