"""The record of a run: everything that reports, reruns and merges are made from.

One record is one file of JSON lines, written as the run goes, so that a run
that is killed leaves a record of what was done. Each line has a ``kind`` and
the fields of the class of that name: here, of a scenario in ``scenario_fact``,
of a hazard in ``hazard_report``. Times are seconds since the run began.
``record_file`` reads them back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TextIO

from testing.bdd.scenario_fact import NOTHING, ScenarioFact
from testing.hazard_report import Finding

__all__ = [
    "FeatureFact",
    "Lost",
    "RunEnd",
    "RunFact",
    "RunRecord",
    "UnitFact",
    "WorkerFact",
    "line_of",
    "without_events",
]

FORMAT = 1


@dataclass(frozen=True)
class RunFact:
    """What was run, and on what.

    Attributes:
        format: version of the file's format.
        started: moment in UTC, ISO 8601.
        command: the command line, for people.
        workers: how many.
        method: how workers were started.
        database: name of the test database.
        seed: of a random order, None without one.
        shard: ``1/4``, empty without sharding.
        selected: how many scenarios were selected here.
        python, django, behave, host: of the machine.
        total: how many scenarios were selected on all shards together.

    """

    format: int
    started: str
    command: list[str]
    workers: int
    method: str
    database: str
    seed: int | None
    shard: str
    selected: int
    python: str
    django: str
    behave: str
    host: str
    total: int = 0


@dataclass(frozen=True)
class FeatureFact:
    """A feature file of the run; ``feature`` is what other lines call it by."""

    feature: int
    path: str
    line: int
    keyword: str
    name: str
    description: list[str]
    tags: list[str]
    language: str
    source: str


@dataclass(frozen=True)
class WorkerFact:
    """A worker that was set up; a replacement has its predecessor's number."""

    worker: int
    schemas: list[str]
    way: str
    note: str
    began: float
    seconds: float


@dataclass(frozen=True)
class UnitFact:
    """What a unit came to as a whole; its events, for formatters to be replayed.

    ``segments`` maps a place (as text) to behave's formatter calls there.
    ``failed`` is set for what belongs to no scenario: a hook of the feature.
    """

    feature: int
    places: list[int]
    attempt: int
    worker: int
    began: float
    seconds: float
    failed: bool
    hook_failures: int
    segments: dict[str, list[Any]]
    states: list[Any]


@dataclass(frozen=True)
class Lost:
    """A worker that died, and what it was doing."""

    worker: int
    feature: int | None
    place: int | None
    reason: str
    at: float


@dataclass(frozen=True)
class RunEnd:
    """How the run ended: exit code, wall time and the bill, in seconds.

    ``bill`` has for each worker: build, scenarios, steps, http, reset, idle.
    """

    exit_code: int
    seconds: float
    problems: list[str]
    hook_failures: int
    bill: dict[str, dict[str, float]]


KINDS: dict[str, type[Any]] = {
    "run": RunFact,
    "feature": FeatureFact,
    "worker": WorkerFact,
    "scenario": ScenarioFact,
    "unit": UnitFact,
    "lost": Lost,
    "hazard": Finding,
    "end": RunEnd,
}
# Where a record keeps them.
PLURALS = (
    *("runs", "features", "workers", "scenarios", "units", "losses", "hazards"),
    "ends",
)
LISTS = dict(zip(KINDS.values(), PLURALS, strict=True))
NAMES = {kind: name for name, kind in KINDS.items()}


def line_of(fact: Any) -> str:
    """Return what stands in the file for a fact: one line of JSON, its end included."""
    return ENCODER.encode({"kind": NAMES[type(fact)], **_fields_of(fact)}) + "\n"


def _fields_of(fact: Any) -> dict[str, Any]:
    """Tell the encoder what a fact holds.

    ``asdict`` would copy every event first, while workers wait for the parent.
    """
    if is_dataclass(fact):
        return {one.name: getattr(fact, one.name) for one in fields(fact)}
    raise TypeError(f"{fact!r} is no plain data, so no record can hold it.")


ENCODER = json.JSONEncoder(default=_fields_of)


def without_events(fact: Any) -> Any:
    """Return a fact without the calls that formatters are to be replayed."""
    if isinstance(fact, ScenarioFact):
        return replace(fact, events=NOTHING)
    if isinstance(fact, UnitFact):
        return replace(fact, segments={}, states=[])
    return fact


@dataclass
class RunRecord:
    """One run, or several merged: all facts by kind, in the order they came.

    Calls of formatters are most of what there is of a run that goes well. Where
    ``keeps_events`` is off they are written and then forgotten.
    """

    runs: list[RunFact] = field(default_factory=list)
    features: list[FeatureFact] = field(default_factory=list)
    workers: list[WorkerFact] = field(default_factory=list)
    scenarios: list[ScenarioFact] = field(default_factory=list)
    units: list[UnitFact] = field(default_factory=list)
    losses: list[Lost] = field(default_factory=list)
    hazards: list[Finding] = field(default_factory=list)
    ends: list[RunEnd] = field(default_factory=list)
    stream: TextIO | None = field(default=None, repr=False)
    keeps_events: bool = True

    def add(self, fact: Any) -> None:
        """Add a fact, and write it where a stream is open."""
        if self.stream is not None:
            self.stream.write(line_of(fact))
            self.stream.flush()
        if not self.keeps_events:
            fact = without_events(fact)
        getattr(self, LISTS[type(fact)]).append(fact)

    def final_scenarios(self) -> list[ScenarioFact]:
        """Return the last attempt at each scenario, in file order."""
        final = {(s.feature, s.place): s for s in self.scenarios}
        return [final[key] for key in sorted(final)]

    def flaky_scenarios(self) -> list[ScenarioFact]:
        """Return the scenarios that passed after they had failed."""
        failed_once = {(s.feature, s.place) for s in self.scenarios if s.has_failed}
        return [
            s
            for s in self.final_scenarios()
            if not s.has_failed and (s.feature, s.place) in failed_once
        ]
