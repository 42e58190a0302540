"""Scenarios of a record with all their attempts: what every report goes through."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from testing.bdd.record import FeatureFact, RunRecord
from testing.bdd.scenario_fact import ScenarioFact, StepFact

__all__ = [
    "OUTCOMES",
    "Case",
    "Reason",
    "cases_of",
    "failing_step",
    "reason_of",
    "without_escapes",
]

# In the order in which reports list them.
OUTCOMES = ("failed", "flaky", "passed", "skipped")

ESCAPE_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))"
)
EXCEPTION_LINE = re.compile(
    r"^((?:[A-Za-z_]\w*\.)*[A-Z]\w*"
    r"(?:Error|Exception|Warning|Exit|Interrupt|Failure|Exists?|Returned|Refused))"
    r"(?:: ?(.*))?$"
)


@dataclass(frozen=True)
class Case:
    """A scenario, or one row of an outline, and every attempt at it."""

    feature: FeatureFact
    attempts: tuple[ScenarioFact, ...]

    @property
    def final(self) -> ScenarioFact:
        """The attempt that counts."""
        return self.attempts[-1]

    @property
    def outcome(self) -> str:
        """One of ``OUTCOMES``."""
        if self.final.has_failed:
            return "failed"
        if any(attempt.has_failed for attempt in self.attempts):
            return "flaky"
        if self.final.status in ("skipped", "untested"):
            return "skipped"
        return "passed"

    @property
    def seconds(self) -> float:
        """What all attempts took together."""
        return sum(attempt.seconds for attempt in self.attempts)


@dataclass(frozen=True)
class Reason:
    """Why an attempt failed: class of the exception, first line, everything."""

    kind: str
    message: str
    text: str


def cases_of(record: RunRecord) -> list[Case]:
    """Return the scenarios of a record in file order."""
    features = {feature.feature: feature for feature in record.features}
    attempts: dict[tuple[int, int], list[ScenarioFact]] = {}
    for fact in record.scenarios:
        attempts.setdefault((fact.feature, fact.place), []).append(fact)
    return [Case(features[key[0]], tuple(attempts[key])) for key in sorted(attempts)]


def failing_step(attempt: ScenarioFact) -> StepFact | None:
    """Return the step that made an attempt fail, None if it was none of them."""
    passing = ("passed", "skipped", "untested", "pending_warn", "xfailed", "xpassed")
    return next((step for step in attempt.steps if step.status not in passing), None)


def reason_of(attempt: ScenarioFact) -> Reason:
    """Return why an attempt failed, in words that are never empty."""
    step = failing_step(attempt)
    text = without_escapes(attempt.error or (step.error if step else "")).strip()
    if not text and step is not None:
        text = f"{step.status}: {step.keyword} {step.name}"
    text = text or attempt.status
    lines = text.splitlines()
    named = _last_exception(lines)
    if named is not None:
        return Reason(named[0], named[1] or named[0], text)
    kind = "AssertionError" if attempt.status == "failed" else attempt.status
    return Reason(kind, lines[0].strip(), text)


def without_escapes(text: str) -> str:
    """Return a text without the escape sequences that colour a terminal."""
    return ESCAPE_SEQUENCE.sub("", text)


def _last_exception(lines: Iterable[str]) -> tuple[str, str] | None:
    found = None
    for line in lines:
        if match := EXCEPTION_LINE.match(line):
            found = match[1], (match[2] or "").strip()
    return found
