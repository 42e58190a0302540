"""What a worker tells about a scenario, as fields of ScenarioFact."""

from __future__ import annotations

import linecache
from typing import Any

from behave.model import Rule

from testing.bdd.events import state_of
from testing.bdd.listener import Event
from testing.bdd.watchdog import PLUMBING

__all__ = ["scenario_fields", "unfinished_steps"]

# Bodies are kept for this many exchanges of a failing scenario, the last ones.
BODIES_KEPT = 3


def scenario_fields(
    scenario: Any,
    *,
    segment: list[Event],
    exchanges: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return the fields of a ScenarioFact that only the worker knows."""
    steps = list(scenario.all_steps)
    failed = scenario.status.has_failed()
    return {
        "path": scenario.filename,
        "line": scenario.line,
        "keyword": scenario.keyword,
        "name": scenario.name,
        "rule": scenario.parent.name if isinstance(scenario.parent, Rule) else "",
        "tags": sorted(str(tag) for tag in scenario.effective_tags),
        "status": scenario.status.name,
        "step_seconds": sum(step.duration for step in steps),
        "http_seconds": sum(one["seconds"] for one in exchanges),
        "steps": _steps_fields(scenario, segment=segment),
        "error": _error_of(scenario, steps) if failed else "",
        "output": scenario.captured.output if failed else "",
        "exchanges": _trimmed(exchanges, keep_bodies=failed),
        "attachments": [event[1] for event in segment if event[0] == "embedding"],
    }


def unfinished_steps(
    scenario: Any, *, segment: list[Event], seconds: float
) -> list[dict[str, Any]]:
    """Return the fields of StepFacts of a scenario that is ended in the midst of it.

    The step that runs, if one does, has timed out after ``seconds``.
    """
    fields = _steps_fields(scenario, segment=segment)
    calls = [event[0] for event in segment if event[0] in ("match", "result")]
    # Each step that runs is matched first, and has its result last.
    if calls and calls[-1] == "match":
        running = fields[calls.count("match") - 1]
        running |= {"status": "timed out", "seconds": seconds}
    return fields


def _steps_fields(scenario: Any, *, segment: list[Event]) -> list[dict[str, Any]]:
    locations = _locations(segment)
    background = len(scenario.background_steps)
    return [
        _step_fields(
            step,
            location=locations[number] if number < len(locations) else "",
            is_background=number < background,
        )
        for number, step in enumerate(scenario.all_steps)
    ]


def _step_fields(step: Any, *, location: str, is_background: bool) -> dict[str, Any]:
    table = step.table
    rows = [list(table.headings), *(list(row.cells) for row in table)] if table else []
    return {
        "keyword": step.keyword,
        "name": step.name,
        "line": step.line,
        "status": step.status.name,
        "seconds": step.duration,
        "error": step.error_message or "",
        "text": str(step.text or ""),
        "table": rows,
        "location": location,
        "is_background": is_background,
    }


def _locations(segment: list[Event]) -> list[str]:
    """Return ``file:line`` of the function of each step that was matched."""
    matches = [event[1][1] for event in segment if event[0] == "match"]
    return [f"{place[0]}:{place[1]}" if place else "" for place in matches]


def _error_of(scenario: Any, steps: list[Any]) -> str:
    """Return message and traceback of what failed, the scenario's own hooks too.

    behave leaves the traceback out for an assertion; it is what tells where.
    """
    parts = []
    for statement in [*steps, scenario]:
        if statement.exception is None and not statement.error_message:
            continue
        message = (statement.error_message or "").rstrip()
        trace = state_of(statement, is_finished=True).get("exception", {})
        lines = _traceback_lines(trace.get("traceback"))
        if lines and "Traceback" not in message:
            message = "\n".join([message, *lines])
        parts.append(message)
    undefined = [s for s in steps if s.status.name == "undefined"]
    parts += [f"Undefined step: {s.keyword} {s.name}" for s in undefined]
    return "\n".join(parts)


def _traceback_lines(trace: dict[str, Any] | None) -> list[str]:
    lines: list[str] = []
    while trace:
        code = trace["tb_frame"]["f_code"]
        if not lines and code["co_filename"].startswith(PLUMBING):
            # What leads to the step is behave's and this engine's.
            trace = trace["tb_next"]
            continue
        name, number = code["co_filename"], trace["tb_lineno"]
        lines.append(f'  File "{name}", line {number}, in {code["co_name"]}')
        if source := linecache.getline(name, number).strip():
            lines.append(f"    {source}")
        trace = trace["tb_next"]
    return ["Traceback (most recent call last):", *lines] if lines else []


def _trimmed(
    exchanges: list[dict[str, Any]], *, keep_bodies: bool
) -> list[dict[str, Any]]:
    """Leave bodies out, but those of the last exchanges of a failing scenario."""
    first = len(exchanges) - BODIES_KEPT if keep_bodies else len(exchanges)
    return [
        one if number >= first else {**one, "request_body": "", "response_body": ""}
        for number, one in enumerate(exchanges)
    ]
