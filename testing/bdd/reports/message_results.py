"""How an attempt's steps went, in the words of Cucumber's messages."""

from __future__ import annotations

from datetime import datetime

import cucumber_messages as m

from testing.bdd.reports.cases import failing_step, reason_of, without_escapes
from testing.bdd.scenario_fact import ScenarioFact, StepFact

__all__ = ["hook_result", "step_result", "timestamp_of"]

STATUSES = {
    "passed": m.TestStepResultStatus.passed,
    "xfailed": m.TestStepResultStatus.passed,
    "xpassed": m.TestStepResultStatus.passed,
    "skipped": m.TestStepResultStatus.skipped,
    "untested": m.TestStepResultStatus.skipped,
    # behave lets a run pass with it, and so does this status.
    "pending_warn": m.TestStepResultStatus.skipped,
    "pending": m.TestStepResultStatus.pending,
    "undefined": m.TestStepResultStatus.undefined,
}


def step_result(fact: ScenarioFact, step: StepFact | None) -> m.TestStepResult:
    """Return what became of a step; one that was not reached is skipped."""
    if step is None:
        return m.TestStepResult(
            duration=_duration(0.0), status=m.TestStepResultStatus.skipped
        )
    status = STATUSES.get(step.status, m.TestStepResultStatus.failed)
    duration = _duration(step.seconds)
    if status is not m.TestStepResultStatus.failed:
        return m.TestStepResult(duration=duration, status=status)
    is_cause = step is failing_step(fact)
    return _failure(fact, duration, text=None if is_cause else step.error)


def hook_result(fact: ScenarioFact) -> m.TestStepResult:
    """Return what became of an attempt outside of its steps."""
    if fact.has_failed and failing_step(fact) is None:
        return _failure(fact, _duration(0.0))
    return m.TestStepResult(
        duration=_duration(0.0), status=m.TestStepResultStatus.passed
    )


def _failure(
    fact: ScenarioFact, duration: m.Duration, *, text: str | None = None
) -> m.TestStepResult:
    reason = reason_of(fact)
    return m.TestStepResult(
        duration=duration,
        status=m.TestStepResultStatus.failed,
        message=without_escapes(text) if text else reason.text,
        exception=m.Exception(
            type=reason.kind, message=reason.message, stack_trace=reason.text
        ),
    )


def timestamp_of(moment: datetime) -> m.Timestamp:
    """Return a moment as messages tell it."""
    whole = int(moment.timestamp())
    return m.Timestamp(seconds=whole, nanos=moment.microsecond * 1000)


def _duration(seconds: float) -> m.Duration:
    nanos = round(max(seconds, 0.0) * 1_000_000_000)
    return m.Duration(seconds=nanos // 1_000_000_000, nanos=nanos % 1_000_000_000)
