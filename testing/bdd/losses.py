"""The result of a scenario whose worker did not live to tell it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from testing.bdd.listener import Event
from testing.bdd.scenario_fact import ScenarioFact, StepFact
from testing.bdd.units import Unit

__all__ = ["location_of", "lost_fact"]


def location_of(scenario: Any) -> str:
    """Return ``file:line name`` of a scenario, for people."""
    return f"{scenario.filename}:{scenario.line} {scenario.name}"


def lost_fact(
    scenario: Any,
    *,
    place: int,
    unit: Unit,
    worker_id: int,
    schema: str,
    error: str,
    is_timeout: bool,
    began: float,
    seconds: float,
    events: list[Event],
    steps: Sequence[StepFact] = (),
) -> ScenarioFact:
    """Return what the record holds of such a scenario."""
    return ScenarioFact(
        feature=unit.feature,
        place=place,
        path=scenario.filename,
        line=scenario.line,
        keyword=scenario.keyword,
        name=scenario.name,
        rule="",
        tags=sorted(str(tag) for tag in scenario.effective_tags),
        attempt=unit.attempt,
        worker=worker_id,
        schema=schema,
        status="timed out" if is_timeout else "lost",
        is_final=True,
        began=began,
        seconds=seconds,
        step_seconds=sum(step.seconds for step in steps),
        http_seconds=0.0,
        reset_seconds=0.0,
        steps=list(steps),
        error=error,
        events=events,
    )
