"""The parent's side of events: formatters and reporters, called in file order.

Whatever worker ran a unit and whenever, the formatters that the user named see
what they would see in a sequential run.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from behave.configuration import Configuration
from behave.formatter._registry import make_formatters
from behave.matchers import Match, NoMatch
from behave.model import Feature
from behave.model_type import Argument, FileLocation

from testing.bdd.events import apply_state, statements_of

__all__ = ["Outcome", "Replay"]


@dataclass
class Outcome:
    """Everything that can make a run fail: behave knows five sources.

    A sixth is this engine's own: ``lost`` are units whose worker died.
    """

    failed_features: int = 0
    hook_failures: int = 0
    undefined_steps: list[Any] = field(default_factory=list)
    cleanups_failed: bool = False
    is_aborted: bool = False
    lost: list[str] = field(default_factory=list)

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
        )


class Replay:
    """Plays units' events into formatters and reporters, each unit in its turn.

    The unit whose turn it is plays as its events arrive; later ones wait.
    """

    def __init__(self, config: Configuration, features: Sequence[Feature]) -> None:
        self.config = config
        self.features = features
        self.outcome = Outcome()
        self.formatters = make_formatters(config, config.outputs)
        for reporter in config.reporters:
            # Without timings two runs of the same features read the same.
            if not config.show_timings and hasattr(reporter, "show_duration"):
                reporter.show_duration = False
        self._turn = 0
        self._waiting: dict[int, list[Any]] = {}
        self._finished: dict[int, dict[str, Any]] = {}
        self._statements: list[Any] = []
        self._shown: set[str] = set()
        self._begin()

    def play(self, unit: int, events: list[Any]) -> None:
        """Take in events of a unit."""
        if unit == self._turn:
            for event in events:
                self._play(event)
        else:
            self._waiting.setdefault(unit, []).extend(events)

    def finish(self, unit: int, result: dict[str, Any]) -> None:
        """Take in a unit's end: final states, failed or not, undefined steps."""
        self._finished[unit] = result
        self._advance()

    def show_once(self, events: list[Any]) -> None:
        """Print what workers print outside of units, the same text only once."""
        for name, text, _ in events:
            if text not in self._shown:
                self._shown.add(text)
                self._print(name, text)

    def end(self) -> None:
        """Report units that never ran, then close formatters and reporters."""
        while self._turn < len(self.features):
            self._finished.setdefault(self._turn, {})
            self._advance()
        if self.outcome.is_aborted:
            sys.stdout.write("\nABORTED: By user.\n")
        for formatter in self.formatters:
            formatter.close()
        for reporter in self.config.reporters:
            reporter.end()

    def _begin(self) -> None:
        if self._turn < len(self.features):
            self._statements = statements_of(self.features[self._turn])

    def _advance(self) -> None:
        """Let finished units have their turn, one after the other."""
        while self._turn in self._finished:
            for event in self._waiting.pop(self._turn, ()):
                self._play(event)
            self._close_unit(self._finished.pop(self._turn))
            self._turn += 1
            self._begin()
        for event in self._waiting.pop(self._turn, ()):
            self._play(event)

    def _close_unit(self, result: dict[str, Any]) -> None:
        self._apply(result.get("states", ()))
        self.outcome.failed_features += bool(result.get("failed"))
        steps = [self._statements[place] for place in result.get("undefined", ())]
        self.outcome.undefined_steps.extend(steps)
        for reporter in self.config.reporters:
            reporter.feature(self.features[self._turn])

    def _play(self, event: Any) -> None:
        name, content, states = event
        self._apply(states)
        if name == "states":
            return
        if name in ("stdout", "stderr"):
            self._print(name, content)
            return
        argument = self._argument(name, content)
        for formatter in self.formatters:
            call = getattr(formatter, name, None)
            if call is not None:
                call(*argument)

    def _argument(self, name: str, content: Any) -> tuple[Any, ...]:
        if name == "uri":
            return (content,)
        if name == "match":
            return (_rebuild_match(*content),)
        if name == "embedding":
            return content[0], base64.b64decode(content[1])
        if content is None:
            return ()
        statement = self._statements[content]
        return (statement.background if name == "background" else statement,)

    def _apply(self, states: Any) -> None:
        for place, state in states:
            apply_state(self._statements[place], state)

    def _print(self, name: str, text: str) -> None:
        stream = sys.stdout if name == "stdout" else sys.stderr
        stream.write(text)
        stream.flush()


def _rebuild_match(arguments: list[Any], location: list[Any] | None) -> Match:
    if location is None:
        return NoMatch()
    match = Match(None, [Argument(*one) for one in arguments])
    match.location = FileLocation(*location)
    return match
