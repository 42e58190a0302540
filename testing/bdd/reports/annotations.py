"""Failures where a reviewer sees them: annotations and summary of GitHub and Gitea."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from testing.bdd.record import RunRecord
from testing.bdd.reports.cases import (
    OUTCOMES,
    Case,
    cases_of,
    failing_step,
    reason_of,
)
from testing.bdd.reports.totals import Totals

__all__ = ["lines", "summary_markdown"]

SWITCHES = ("GITHUB_ACTIONS", "GITEA_ACTIONS")
# A summary may have 1 MiB; nobody reads that much.
FAILURES_TOLD = 25
CHARACTERS_TOLD = 4000


def lines(record: RunRecord, *, environment: Mapping[str, str]) -> list[str]:
    """Return workflow commands, one a line: an error for each failed scenario.

    Outside of GitHub's and Gitea's runners there are none.
    """
    if not any(environment.get(name) == "true" for name in SWITCHES):
        return []
    totals = Totals(record, cases_of(record))
    commands = [
        _annotation(case)
        for outcome in ("failed", "flaky")
        for case in totals.cases
        if case.outcome == outcome
    ]
    commands += [
        _command(
            "error",
            "A hook of the feature failed, outside of its scenarios.",
            file=feature.path,
            line=str(feature.line),
            title=feature.name,
        )
        for feature in totals.failed_features
    ]
    if totals.verdict != "passed" and not any(
        c.startswith("::error") for c in commands
    ):
        text = "\n".join(totals.problems) or f"The run is {totals.verdict}."
        commands.append(_command("error", text, title=f"behave: {totals.verdict}"))
    return commands


def summary_markdown(record: RunRecord) -> str:
    """Return a summary of the run for ``GITHUB_STEP_SUMMARY``."""
    totals = Totals(record, cases_of(record))
    bill = totals.bill
    parts = [
        f"## behave: {totals.verdict}\n",
        f"| {' | '.join(OUTCOMES)} | wall | workers | speed-up |",
        "| ---: " * (len(OUTCOMES) + 3) + "|",
        f"| {' | '.join(str(totals.counts[name]) for name in OUTCOMES)} "
        f"| {totals.wall:.2f} s | {bill.workers} | {bill.speed_up:.2f} |\n",
    ]
    failed = [case for case in totals.cases if case.outcome == "failed"]
    if failed:
        parts.append("### Failed\n")
    parts += [_failure_markdown(case) for case in failed[:FAILURES_TOLD]]
    if len(failed) > FAILURES_TOLD:
        parts.append(f"… and {len(failed) - FAILURES_TOLD} more.\n")
    flaky = [case for case in totals.cases if case.outcome == "flaky"]
    if flaky:
        parts.append("### Flaky\n")
        parts += [f"- {_title(case)}" for case in flaky]
        parts.append("")
    told = [_plain(text) for text in totals.problems]
    told += [
        f"A hook of {_plain(feature.path)} failed."
        for feature in totals.failed_features
    ]
    if told:
        parts.append("### Problems\n")
        parts += [f"- {text}" for text in told]
        parts.append("")
    return "\n".join(parts)


def _annotation(case: Case) -> str:
    failed = [attempt for attempt in case.attempts if attempt.has_failed]
    step = failing_step(failed[-1])
    text = reason_of(failed[-1]).text
    if step is not None:
        text = f"{step.keyword} {step.name}\n{text}"
    is_flaky = case.outcome == "flaky"
    if is_flaky:
        text = f"Passed at attempt {case.final.attempt}, after this failure:\n{text}"
    return _command(
        "warning" if is_flaky else "error",
        text,
        file=case.final.path,
        line=str(step.line if step is not None else case.final.line),
        title=f"{'Flaky: ' if is_flaky else ''}{case.final.name}",
    )


def _command(name: str, message: str, **properties: str) -> str:
    told = ",".join(
        f"{key}={_escape(value, extra=':,')}" for key, value in properties.items()
    )
    return f"::{name} {told}::{_escape(message)}"


def _escape(text: str, *, extra: str = "") -> str:
    """Escape as the runners decode it: the percent sign before all others."""
    for character in f"%\r\n{extra}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _failure_markdown(case: Case) -> str:
    text = reason_of(case.final).text
    if len(text) > CHARACTERS_TOLD:
        text = f"…{text[-CHARACTERS_TOLD:]}"
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    rerun = _code(f"manage.py behave {shlex.quote(case.final.location)}")
    return (
        f"<details><summary>{_title(case)}</summary>\n\n"
        f"{rerun}\n\n{fence}text\n{text}\n{fence}\n\n</details>\n"
    )


def _title(case: Case) -> str:
    return f"{_plain(case.final.name)} ({_plain(case.final.location)})"


def _code(text: str) -> str:
    return f"<code>{_plain(text)}</code>"


def _plain(text: str) -> str:
    """Return a text in one line, in which no character means something."""
    line = " ".join(text.split())
    return re.sub(
        r"[&<>\\`*_{}\[\]()#+!|~@]", lambda found: f"&#{ord(found[0])};", line
    )
