"""What the record holds of one attempt at a scenario, its steps and requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["NOTHING", "Exchange", "ScenarioFact", "StepFact"]

# Of a big suite most lists are empty. Facts are never changed, so one does for all.
NOTHING: list[Any] = []


@dataclass(frozen=True, slots=True)
class StepFact:
    """A step of one attempt at a scenario.

    ``status`` is behave's word, or ``timed out`` where the scenario did in it.
    ``error`` is empty unless it failed; ``text`` and ``table`` are what stands
    under it in the feature file, ``table`` as rows with the headings first.
    ``location`` is ``file:line`` of its function.
    """

    keyword: str
    name: str
    line: int
    status: str
    seconds: float
    error: str
    text: str
    table: list[list[str]]
    location: str
    is_background: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """An HTTP request to the live server and its answer, secrets masked.

    ``step`` is the index of the step that was running; ``statements`` counts
    SQL. Bodies are kept for failing scenarios alone, cut off where they are
    long.
    """

    step: int
    method: str
    path: str
    status: int
    seconds: float
    statements: int
    request_body: str = ""
    response_body: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioFact:
    """One attempt at one scenario.

    Attributes:
        feature: the feature it stands in.
        place: its place in the file, which also tells example rows apart.
        path, line, keyword, name, rule, tags: where and what it is.
        attempt: from 1.
        worker, schema: where it ran.
        status: behave's word, or ``lost`` (its worker died) or ``timed out``.
        is_final: no later attempt was made.
        began, seconds: from the first hook to the last clean-up.
        step_seconds, http_seconds, reset_seconds: parts of what it took.
        steps: what it did.
        error: the failure in full, traceback included; empty when it passed.
        output: what was printed and logged in it.
        exchanges: the HTTP requests it made.
        attachments: pairs of MIME type and data in base 64.
        events: behave's formatter calls, to be replayed.

    """

    feature: int
    place: int
    path: str
    line: int
    keyword: str
    name: str
    rule: str
    tags: list[str]
    attempt: int
    worker: int
    schema: str
    status: str
    is_final: bool
    began: float
    seconds: float
    step_seconds: float
    http_seconds: float
    reset_seconds: float
    steps: list[StepFact] = field(default_factory=list)
    error: str = ""
    output: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    attachments: list[list[str]] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)

    @property
    def has_failed(self) -> bool:
        """Whether this attempt makes a run red."""
        return self.status not in ("passed", "skipped", "untested", "pending_warn")

    @property
    def location(self) -> str:
        """``file:line``, as the command line takes it."""
        return f"{self.path}:{self.line}"
