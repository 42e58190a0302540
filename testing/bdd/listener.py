"""The worker's side of events: a formatter that notes down what behave announces.

What features print outside of behave's capture is noted in the same list, so
that the parent can print it at the same place of the output.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

from behave.formatter.api import IFormatter
from behave.model import Feature

from testing.bdd.events import state_of, statements_of

__all__ = ["Listener", "NotedStream"]

Event = list[Any]


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


class Listener(IFormatter):  # type: ignore[misc]
    """Notes down formatter calls, each with the states that changed before it."""

    name = "listener"
    description = "Notes down events for the parent process"

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._index: dict[int, int] = {}
        self._statements: list[Any] = []
        self._sent: dict[int, dict[str, Any]] = {}
        self._scenario: Any = None
        self._flush: Callable[[list[Event]], None] = self.events.extend
        self.step_duration: Callable[[], float] = lambda: 0.0

    def note(self, event: Event) -> None:
        """Add an event."""
        self.events.append(event)

    def take(self) -> list[Event]:
        """Return the events since the last call."""
        events, self.events = self.events, []
        return events

    def begin(self, feature: Feature, *, flush: Callable[[list[Event]], None]) -> None:
        """Start a unit: from now on its statements are known by their place.

        ``flush`` is given the events so far, each time a scenario has ended.
        """
        self._flush = flush
        self._scenario = None
        self._statements = statements_of(feature)
        self._index = {id(item): place for place, item in enumerate(self._statements)}
        self._sent = {}

    def place_of(self, statement: Any) -> int | None:
        """Return a statement's place in its file."""
        return self._index.get(id(statement))

    def final_states(self) -> list[Any]:
        """Return what changed since the last event, now that the unit is over."""
        return self._changes(range(len(self._statements)), is_finished=True)

    def uri(self, uri: str) -> None:
        """Note a call."""
        self._call("uri", uri)

    def feature(self, feature: Any) -> None:
        """Note a call."""
        self._call("feature", self.place_of(feature))

    def rule(self, rule: Any) -> None:
        """Note a call."""
        self._finish_scenario("rule", self.place_of(rule))

    def background(self, background: Any) -> None:
        """Note a call, by the owner of the background."""
        owners = [s for s in self._statements if hasattr(s, "run_items")]
        owner = next(s for s in owners if s.background is background)
        self._call("background", self.place_of(owner))

    def scenario(self, scenario: Any) -> None:
        """Note a call."""
        self._finish_scenario("scenario", self.place_of(scenario))
        self._scenario = scenario

    def step(self, step: Any) -> None:
        """Note a call."""
        self._call("step", self.place_of(step))

    def match(self, match: Any) -> None:
        """Note a call with what formatters read from a match."""
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
        self._finish_scenario("rule_finished", None)

    def eof(self) -> None:
        """Note a call; by now the feature's own status is certain."""
        self._finish_scenario("eof", None, also=[0])

    def close(self) -> None:
        """Do nothing: the parent closes the formatters."""

    def _call(self, name: str, content: Any, states: list[Any] | None = None) -> None:
        self.note([name, content, states or []])

    def _finish_scenario(
        self, name: str, content: Any, also: list[int] | None = None
    ) -> None:
        """Note a call that comes after the present scenario's end."""
        places = []
        if self._scenario is not None:
            own = [self._scenario, *self._scenario.all_steps]
            places = [p for p in map(self.place_of, own) if p is not None]
            self._scenario = None
        changes = self._changes(places + (also or []), is_finished=True)
        if places:
            self.note(["states", None, changes])
            changes = []
            self._flush(self.take())
        self._call(name, content, changes)

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
