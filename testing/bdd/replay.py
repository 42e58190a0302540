"""The parent's side of events: formatters and reporters, called in file order.

Whatever worker ran a unit and whenever, the formatters that the user named see
what they would see in a sequential run.
"""

from __future__ import annotations

import base64
import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from behave.configuration import Configuration
from behave.formatter._registry import make_formatters
from behave.matchers import Match, NoMatch
from behave.model_type import Argument, FileLocation
from behave.runner_util import parse_features

from testing.bdd.assembly import Assembly
from testing.bdd.events import apply_state
from testing.bdd.feature_file import FeatureFile
from testing.bdd.listener import Event
from testing.bdd.record import RunRecord

__all__ = ["Outcome", "Replay", "replay_record"]


@dataclass
class Outcome:
    """Everything that can make a run fail: behave knows five sources.

    The others are this engine's own: workers that were lost, and what its
    options ask for, such as leaks found.
    """

    failed_features: int = 0
    hook_failures: int = 0
    undefined_steps: list[Any] = field(default_factory=list)
    cleanups_failed: bool = False
    is_aborted: bool = False
    lost: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def has_failed(self) -> bool:
        """Tell whether the run is red."""
        return bool(
            self.failed_features
            or self.hook_failures
            or self.undefined_steps
            or self.cleanups_failed
            or self.is_aborted
            or self.lost
            or self.problems
        )


class Replay:
    """Plays features' events into formatters and reporters, each in its turn."""

    def __init__(
        self,
        config: Configuration,
        assemblies: Sequence[Assembly],
        *,
        stepping_aside: Callable[[], Any] = contextlib.nullcontext,
    ) -> None:
        self.config = config
        self.assemblies = assemblies
        self.outcome = Outcome()
        self.stepping_aside = stepping_aside
        self.formatters = make_formatters(config, config.outputs)
        for reporter in config.reporters:
            # Without timings two runs of the same features read the same.
            if not config.show_timings and hasattr(reporter, "show_duration"):
                reporter.show_duration = False
        self._turn = 0
        self._shown: set[str] = set()

    def advance(self) -> bool:
        """Play the next feature in file order if it is complete.

        Returns whether it was, so that others can have their turn between two.
        """
        while self._turn < len(self.assemblies):
            assembly = self.assemblies[self._turn]
            if assembly.is_in_run and not assembly.is_complete:
                return False
            if assembly.is_in_run:
                with self.stepping_aside():
                    self._play(assembly)
            self._turn += 1
            if assembly.is_in_run:
                return True
        return False

    def show_once(self, events: list[Event]) -> None:
        """Print what workers print outside of units, the same text only once."""
        for name in ("stdout", "stderr"):
            text = "".join(content for stream, content, _ in events if stream == name)
            for line in text.splitlines(keepends=True):
                if line not in self._shown:
                    self._shown.add(line)
                    with self.stepping_aside():
                        _print(name, line)

    def end(self) -> None:
        """Play what is left, then close formatters and reporters.

        What never ran is reported as untested; what ran in part, as far as it
        came.
        """
        for assembly in self.assemblies[self._turn :]:
            if assembly.has_begun:
                self._play(assembly)
            elif assembly.is_in_run:
                self._report(assembly)
        self._turn = len(self.assemblies)
        if self.outcome.is_aborted:
            sys.stdout.write("\nABORTED: By user.\n")
        for formatter in self.formatters:
            formatter.close()
        for reporter in self.config.reporters:
            reporter.end()

    def _play(self, assembly: Assembly) -> None:
        parts = list(assembly.parts())
        for scenario, events in parts:
            if scenario is not None:
                # A formatter may put something of its own around run(), as
                # allure-behave does; what it waits for happens inside.
                scenario.run = partial(self._play_events, assembly, events)
        for scenario, events in parts:
            if scenario is None:
                self._play_events(assembly, events)
            else:
                try:
                    scenario.run()
                finally:
                    del scenario.run
        _apply(assembly, assembly.states())
        for outline in assembly.statements:
            if outline.type == "scenario_outline":
                outline.clear_status()
        self.outcome.failed_features += assembly.file.model.status.has_failed()
        self.outcome.undefined_steps += [
            statement
            for statement in assembly.statements
            if statement.type == "step" and statement.status.name == "undefined"
        ]
        self._report(assembly)
        assembly.forget_events()

    def _play_events(self, assembly: Assembly, events: list[Event]) -> None:
        for event in events:
            self._call(assembly, *event)

    def _report(self, assembly: Assembly) -> None:
        for reporter in self.config.reporters:
            reporter.feature(assembly.file.model)

    def _call(self, assembly: Assembly, name: str, content: Any, states: Any) -> None:
        _apply(assembly, states)
        if name == "states":
            return
        if name in ("stdout", "stderr"):
            _print(name, content)
            return
        arguments = _arguments(assembly, name, content)
        for formatter in list(self.formatters):
            method = getattr(formatter, name, None)
            if method is None:
                continue
            try:
                method(*arguments)
            except Exception as error:  # noqa: BLE001 - a formatter may do anything
                self.formatters.remove(formatter)
                self.outcome.problems.append(
                    f"The formatter {formatter.name!r} failed in {name}() with "
                    f"{type(error).__name__}: {error}; its output ends there."
                )


def replay_record(record: RunRecord, config: Configuration) -> Outcome:
    """Play a record, of one run or of several merged, into behave's formatters.

    The features are read again from the files that the record names.
    """
    places = [FileLocation(fact.path) for fact in record.features]
    assemblies = [Assembly(FeatureFile.read(one)) for one in parse_features(places)]
    by_number = {
        fact.feature: assembly
        for fact, assembly in zip(record.features, assemblies, strict=True)
    }
    for scenario in record.final_scenarios():
        assembly = by_number[scenario.feature]
        assembly.is_in_run = True
        assembly.add_scenario(scenario.place, scenario.events, is_final=True)
    for unit in record.units:
        by_number[unit.feature].is_in_run = True
        by_number[unit.feature].add_unit(unit)
    replay = Replay(config, assemblies)
    replay.end()
    return replay.outcome


def _arguments(assembly: Assembly, name: str, content: Any) -> tuple[Any, ...]:
    """Return what a formatter's method is called with."""
    if name == "uri":
        return (content,)
    if name == "match":
        return (_rebuild_match(*content),)
    if name == "embedding":
        return content[0], base64.b64decode(content[1])
    if content is None:
        return ()
    statement = assembly.statements[content]
    return (statement.background if name == "background" else statement,)


def _apply(assembly: Assembly, states: Any) -> None:
    for place, state in states:
        apply_state(assembly.statements[place], state)


def _print(name: str, text: str) -> None:
    stream = sys.stdout if name == "stdout" else sys.stderr
    stream.write(text)
    stream.flush()


def _rebuild_match(arguments: list[Any], location: list[Any] | None) -> Match:
    if location is None:
        return NoMatch()
    match = Match(None, [Argument(*one) for one in arguments])
    match.location = FileLocation(*location)
    return match
