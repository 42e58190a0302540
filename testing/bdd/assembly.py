"""Putting a feature together again from what its units reported.

A feature may have been run in several units, and a scenario several times. For
each scenario the last attempt counts; the result reads as if one process had
run the feature from top to bottom.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from testing.bdd.feature_file import FeatureFile
from testing.bdd.listener import AFTER, BEFORE, Event
from testing.bdd.record import UnitFact, without_events
from testing.bdd.scenario_fact import StepFact

__all__ = ["Assembly"]

# States of a container that no unit can tell from its part alone.
BROKEN = ("hook_error", "cleanup_error")


@dataclass
class Assembly:
    """One feature and what has come in about it.

    ``expected`` are the places of scenarios that have no final result yet;
    ``selected`` of those that tags, names and lines select: the others are only
    announced, as skipped.
    """

    file: FeatureFile
    expected: set[int] = field(default_factory=set)
    selected: set[int] = field(default_factory=set)
    events: dict[str, list[Event]] = field(default_factory=dict)
    segments: dict[str, bytes] = field(default_factory=dict)
    units: list[UnitFact] = field(default_factory=list)
    open_units: int = 0
    # Features of other shards are not this run's to report.
    is_in_run: bool = False

    @property
    def statements(self) -> list[Any]:
        """The feature's statements in file order, the feature first."""
        return self.file.statements

    @property
    def has_begun(self) -> bool:
        """Whether anything has come in."""
        return bool(self.units or self.events or self.segments)

    @property
    def is_complete(self) -> bool:
        """Whether nothing more will come."""
        return not self.expected and not self.open_units

    def add_scenario(self, place: int, segment: list[Event], *, is_final: bool) -> None:
        """Take in a scenario's events; a later attempt replaces an earlier one."""
        self.events[str(place)] = segment
        if is_final:
            self.expected.discard(place)

    def add_unit(self, fact: UnitFact) -> None:
        """Take in what stands between scenarios, from the first unit that has it."""
        for key, events in fact.segments.items():
            if key == AFTER or not self._events(key):
                self.events[key] = events
        self.units.append(replace(fact, segments={}))

    def add_lost(
        self,
        place: int,
        *,
        kind: str,
        error: str,
        segment: Sequence[Event] = (),
        steps: Sequence[StepFact] = (),
    ) -> list[Event]:
        """Make the events of a scenario whose worker died, and take them in.

        ``kind`` is the name of an exception, ``error`` its text. ``segment`` and
        ``steps`` are what the worker could tell: a step that timed out has the
        error. Returns all events.
        """
        scenario = self.statements[place]
        first = place + 1
        failed = {
            "error_message": error,
            "status": "error",
            "exception": {
                "module": "testing.crew",
                "name": kind,
                "text": error.split("\n", 1)[0],
                "is_assertion": False,
                "traceback": None,
            },
        }
        events = list(segment)
        if not events:
            last = first + len(list(scenario.all_steps))
            events = [["scenario", place, []]]
            events += [["step", step, []] for step in range(first, last)]
        for number, step in enumerate(steps, start=first):
            if step.status == "timed out":
                state = {**failed, "duration": step.seconds}
                events.append(["result", number, [[number, state]]])
        events.append(["states", None, [[place, {"name": scenario.name, **failed}]]])
        self.add_scenario(place, events, is_final=True)
        return events

    def add_left_out(self, place: int) -> list[Event]:
        """Announce as skipped what was not selected and no worker has told of.

        Returns the events.
        """
        first = place + 1
        steps = range(first, first + len(list(self.statements[place].all_steps)))
        segment: list[Event] = [["scenario", place, []]]
        segment += [["step", step, []] for step in steps]
        states = [[one, {"status": "skipped"}] for one in (*steps, place)]
        segment.append(["states", None, states])
        self.add_scenario(place, segment, is_final=True)
        return segment

    def pack(self) -> None:
        """Pack what came in: it takes a tenth of the memory, and some time."""
        for key, events in self.events.items():
            self.segments[key] = zlib.compress(pickle.dumps(events), 1)
        self.events.clear()

    def forget_events(self) -> None:
        """Let go of what was replayed: in a long run it is most of the memory."""
        self.events.clear()
        self.segments.clear()
        self.units = [without_events(unit) for unit in self.units]
        self.file.put_away()

    def parts(self) -> Iterator[tuple[Any, list[Event]]]:
        """Yield all events in file order, each scenario's with the scenario."""
        yield None, self._events(BEFORE) or self._opening()
        rule: int | None = None
        for place, statement in enumerate(self.statements[1:], start=1):
            if statement.type == "rule":
                yield None, self._end_of(rule)
                rule = place
            if events := self._events(str(place)):
                yield statement if statement.type == "scenario" else None, events
        yield None, self._end_of(rule)
        yield None, self._closing()

    def states(self) -> list[Any]:
        """Return the final states of containers, merged from all units.

        One unit's word is the whole truth; of several, each knows its part, and
        the parent works the status out from the scenarios.
        """
        if self._is_whole:
            return self.units[0].states
        merged: dict[int, dict[str, Any]] = {}
        for unit in self.units:
            for place, state in unit.states:
                if self.statements[place].type in ("feature", "rule"):
                    merged[place] = _merge(merged.get(place), state)
                elif self.statements[place].type != "scenario_outline":
                    merged.setdefault(place, state)
        return [[place, state] for place, state in sorted(merged.items())]

    def _events(self, key: str) -> list[Event]:
        """Return what came in last under a key, empty where nothing did."""
        if key in self.events:
            return self.events[key]
        packed = self.segments.get(key)
        # Packed by this very process.
        return pickle.loads(zlib.decompress(packed)) if packed else []  # noqa: S301

    @property
    def _is_whole(self) -> bool:
        """Whether one unit ran all of the feature and lived to tell."""
        places = {p for p, s in enumerate(self.statements) if s.type == "scenario"}
        return len(self.units) == 1 and set(self.units[0].places) == places

    def _end_of(self, rule: int | None) -> list[Event]:
        if rule is None:
            return []
        events = self._events(f"-{rule}")
        if self._is_whole:
            return events
        # One unit's word about the rule is not the last one.
        return [[name, content, []] for name, content, _ in events]

    def _closing(self) -> list[Event]:
        """Return what stands at the end, with states that hold for all units."""
        closing = self._events(AFTER) or [["eof", None, []]]
        if self._is_whole:
            return closing
        before = [event for event in closing if event[0] != "eof"]
        return [*before, ["states", None, self.states()], ["eof", None, []]]

    def _opening(self) -> list[Event]:
        """Announce a feature none of whose units lived to tell."""
        opening: list[Event] = [["uri", self.file.filename, []], ["feature", 0, []]]
        if self.file.model.background:
            opening.append(["background", 0, []])
        return opening


def _merge(known: dict[str, Any] | None, state: dict[str, Any]) -> dict[str, Any]:
    """Merge two units' words about a container: what went wrong stays."""
    if state.get("status") not in BROKEN:
        state = {key: value for key, value in state.items() if key != "status"}
    if known is None:
        return state
    merged = {**known, **{k: v for k, v in state.items() if v and not known.get(k)}}
    merged["run_starttime"] = min(known["run_starttime"], state["run_starttime"])
    merged["run_endtime"] = max(known["run_endtime"], state["run_endtime"])
    return merged
