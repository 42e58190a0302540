"""The worker's side of events: a formatter that notes down what behave announces.

Events are kept in segments, one for each scenario and for what stands between,
so that the parent can put a feature together again from several units. What
features print outside of behave's capture is noted in the same segments.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Collection
from typing import Any

from behave.formatter.api import IFormatter

from testing.bdd.events import state_of

__all__ = ["AFTER", "BEFORE", "Event", "Listener", "NotedStream"]

# [formatter's method, what it is called with, states that changed before it]
Event = list[Any]

# Segments that belong to the feature as a whole. Other segments are called by
# the place of their scenario or rule; the end of a rule has a minus before it.
BEFORE = "before"
AFTER = "after"


class NotedStream(io.TextIOBase):
    """A standard stream whose text becomes events."""

    def __init__(self, name: str, note: Callable[[Event], None], *, tty: bool) -> None:
        self.name = name
        self._note = note
        self._tty = tty

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding that text is taken to have."""
        return "utf-8"

    def writable(self) -> bool:
        """Tell that this stream can be written to."""
        return True

    def isatty(self) -> bool:
        """Tell whether the parent's stream is a terminal."""
        return self._tty

    def write(self, text: str) -> int:
        """Note down some text."""
        if text:
            self._note([self.name, text, []])
        return len(text)


def _ignore(*_: object) -> None:
    """Do nothing where nobody wants to hear of it."""


class Listener(IFormatter):  # type: ignore[misc]
    """Notes down formatter calls, each with the states that changed before it."""

    name = "listener"
    description = "Notes down events for the parent process"

    def __init__(self) -> None:
        self.segments: dict[str, list[Event]] = {}
        # No lambdas here: a listener travels to workers that are not forked.
        self.step_duration: Callable[[], float] = float
        self.present: Any = None
        # Called with a scenario when it begins.
        self.on_scenario: Callable[[Any], None] = _ignore
        self.on_step: Callable[[int, Any], None] = _ignore
        self._key = BEFORE
        self._index: dict[int, int] = {}
        self._statements: list[Any] = []
        self._sent: dict[int, dict[str, Any]] = {}
        self._chosen: Collection[int] = ()
        self._is_muted = False
        self._rule: int | None = None
        self._step = -1

    def begin(self, statements: list[Any], *, chosen: Collection[int]) -> None:
        """Start a unit: some scenarios of a feature, known by their places."""
        self._statements = statements
        self._index = {id(item): place for place, item in enumerate(self._statements)}
        self._chosen = chosen
        self._sent = {}
        self._turn_to(BEFORE)

    def take(self) -> list[Event]:
        """Return the events since the last call, in the order they came."""
        segments, self.segments = self.segments, {}
        return [event for events in segments.values() for event in events]

    def take_segments(self) -> dict[str, list[Event]]:
        """Return the segments that are left at the end of a unit."""
        segments, self.segments = self.segments, {}
        return segments

    def note(self, event: Event) -> None:
        """Add an event to the present segment."""
        if not self._is_muted:
            self.segments.setdefault(self._key, []).append(event)

    def place_of(self, statement: Any) -> int | None:
        """Return a statement's place in its file."""
        return self._index.get(id(statement))

    def end_scenario(self) -> tuple[Any, list[Event]] | None:
        """Close the present scenario's segment and return both.

        Returns None for a scenario that was not chosen or not announced.
        """
        scenario, self.present = self.present, None
        place = self.place_of(scenario)
        if place is None or place not in self._chosen:
            self._turn_to(AFTER)
            return None
        own = [scenario, *scenario.all_steps]
        places = [p for p in map(self.place_of, own) if p is not None]
        changes = self._changes(places, is_finished=True)
        self._is_muted = False
        self.segments.setdefault(str(place), []).append(["states", None, changes])
        segment = self.segments.pop(str(place))
        self._turn_to(AFTER)
        return scenario, segment

    def present_segment(self) -> list[Event]:
        """Return the events of the scenario that runs, as far as it came.

        A copy, so that another thread may ask.
        """
        return list(self.segments.get(str(self.place_of(self.present)), ()))

    def final_states(self) -> list[Any]:
        """Return what has not been told yet, now that the unit is over.

        That is the state of feature, rules and outlines, and of scenarios that
        behave passed over without a word.
        """
        places = []
        for place, item in enumerate(self._statements):
            if item.type in ("feature", "rule", "scenario_outline"):
                places.append(place)
            elif item.type == "scenario" and place in self._chosen:
                steps = [self.place_of(step) for step in item.all_steps]
                places += [place, *(step for step in steps if step is not None)]
        return self._changes(places, is_finished=True)

    def uri(self, uri: str) -> None:
        """Note a call."""
        self._call("uri", uri)

    def feature(self, feature: Any) -> None:
        """Note a call."""
        self._call("feature", self.place_of(feature))

    def rule(self, rule: Any) -> None:
        """Note a call."""
        self._rule = self.place_of(rule)
        self._turn_to(str(self._rule))
        self._call("rule", self._rule)

    def background(self, background: Any) -> None:
        """Note a call, by the owner of the background."""
        owners = [s for s in self._statements if hasattr(s, "run_items")]
        owner = next(s for s in owners if s.background is background)
        self._call("background", self.place_of(owner))

    def scenario(self, scenario: Any) -> None:
        """Note a call."""
        place = self.place_of(scenario)
        self._turn_to(str(place))
        self._is_muted = place not in self._chosen
        self._step = -1
        self.present = scenario
        if not self._is_muted:
            self.on_scenario(scenario)
        self._call("scenario", place)

    def step(self, step: Any) -> None:
        """Note a call."""
        self._call("step", self.place_of(step))

    def match(self, match: Any) -> None:
        """Note a call with what formatters read from a match."""
        self._step += 1
        self.on_step(self._step, match)
        arguments = [
            [one.start, one.end, one.original, _plain(one.value), one.name]
            for one in match.arguments or ()
        ]
        place = match.location
        location = [place.filename, place.line] if place else None
        self._call("match", [arguments, location])

    def result(self, step: Any) -> None:
        """Note a call."""
        place = self.place_of(step)
        if step.duration:
            step.duration = self.step_duration()
        places = [] if place is None else [place]
        self._call("result", place, self._changes(places, is_finished=False))

    def embedding(self, mime_type: str, data: bytes | str) -> None:
        """Note an attachment."""
        raw = data.encode() if isinstance(data, str) else data
        self._call("embedding", [mime_type, base64.b64encode(raw).decode()])

    def rule_finished(self) -> None:
        """Note a call."""
        self._turn_to(f"-{self._rule}")
        changes = self._changes([self._rule], is_finished=True)
        self._call("rule_finished", None, changes)
        self._turn_to(AFTER)

    def eof(self) -> None:
        """Note a call; by now the feature's own status is certain."""
        self._turn_to(AFTER)
        self._call("eof", None, self._changes([0], is_finished=True))

    def close(self) -> None:
        """Do nothing: the parent closes the formatters."""

    def _turn_to(self, key: str) -> None:
        self._key = key
        self._is_muted = False

    def _call(self, name: str, content: Any, states: list[Any] | None = None) -> None:
        self.note([name, content, states or []])

    def _changes(self, places: Any, *, is_finished: bool) -> list[Any]:
        changes = []
        for place in places:
            state = state_of(self._statements[place], is_finished=is_finished)
            if self._sent.get(place) != state:
                self._sent[place] = state
                changes.append([place, state])
        return changes


def _plain(value: Any) -> Any:
    """Return a step argument's value as plain data, by its text if need be."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)
