"""A page that shows a whole run: one file, which needs no network.

All text of the run goes through the template engine's escaping; the script of
the page reads what it needs from the page itself. The page's own policy lets a
browser run that one script and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from django.template import Context, Engine
from django.utils.safestring import mark_safe

from testing.bdd.bill import COLUMNS
from testing.bdd.record import FeatureFact, RunRecord
from testing.bdd.reports.attachments import Attachment, AttachmentBudget
from testing.bdd.reports.cases import (
    OUTCOMES,
    Case,
    Reason,
    cases_of,
    reason_of,
    without_escapes,
)
from testing.bdd.reports.timeline import anchor_of, lanes_of, ticks_of
from testing.bdd.reports.totals import Totals
from testing.bdd.scenario_fact import ScenarioFact, StepFact

__all__ = ["write"]

SLOWEST = 10
# Percent of the axis after which a label would be cut off.
LAST_LABEL = 95
VERDICTS = {
    "passed": "Passed",
    "failed": "Failed",
    "interrupted": "Interrupted",
    "incomplete": "Incomplete",
}
# HTML has no place for these, and a file in UTF-8 none for lone surrogates.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True)
class AttemptView:
    """An attempt with what is derived from it."""

    fact: ScenarioFact
    reason: Reason | None
    output: str
    attachments: list[Attachment]
    background: list[StepFact]
    steps: list[StepFact]

    @property
    def hook_seconds(self) -> float:
        """What is neither steps nor reset."""
        rest = self.fact.seconds - self.fact.step_seconds - self.fact.reset_seconds
        return max(0.0, rest)


@dataclass(frozen=True)
class CaseView:
    """A scenario as the page lists it, its last attempt first."""

    case: Case
    attempts: list[AttemptView]

    @property
    def anchor(self) -> str:
        """The element's id."""
        return anchor_of(self.case.final)

    @property
    def rerun(self) -> str:
        """The command that runs just this scenario."""
        return f"manage.py behave {shlex.quote(self.case.final.location)}"

    @property
    def message(self) -> str:
        """Why it failed, in one line; of a flaky one, why it had failed."""
        reasons = [view.reason for view in self.attempts if view.reason]
        return reasons[0].message if reasons else ""


@dataclass(frozen=True)
class FeatureView:
    """A feature with the scenarios that ran of it."""

    fact: FeatureFact
    cases: list[CaseView]
    has_failed_hook: bool

    @property
    def seconds(self) -> float:
        """What all its scenarios took."""
        return sum(view.case.seconds for view in self.cases)


def write(record: RunRecord, *, path: Path) -> None:
    """Write the page of a run; folders that are missing are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", _render(record))
    path.write_text(page, encoding="utf-8")


def _render(record: RunRecord) -> str:
    totals = Totals(record, cases_of(record))
    budget = AttachmentBudget()
    features = list(_features(totals, budget))
    cases = [view for feature in features for view in feature.cases]
    by_outcome = {
        outcome: [view for view in cases if view.case.outcome == outcome]
        for outcome in OUTCOMES
    }
    script = _page_file("page.js")
    digest = hashlib.sha256(script.encode()).digest()
    context = {
        "style": mark_safe(_page_file("page.css")),  # noqa: S308 - our own file
        "script": mark_safe(script),  # noqa: S308 - our own file
        "script_hash": base64.b64encode(digest).decode(),
        "totals": totals,
        "verdict": VERDICTS[totals.verdict],
        "run": record.runs[0] if record.runs else None,
        "runs": record.runs,
        "command": shlex.join(record.runs[0].command) if record.runs else "",
        "features": features,
        "cases": cases,
        "outcomes": [(name, len(by_outcome[name])) for name in OUTCOMES],
        "failed": by_outcome["failed"],
        "flaky": by_outcome["flaky"],
        "slowest": sorted(cases, key=lambda v: v.case.seconds, reverse=True)[:SLOWEST],
        "lanes": lanes_of(totals),
        "ticks": [
            (left, label if float(left) <= LAST_LABEL else "")
            for left, label in ticks_of(totals.wall)
        ],
        "bill": _bill(totals),
        "columns": COLUMNS,
        "left_out": budget.left_out,
    }
    return _engine().get_template("page.html").render(Context(context, use_l10n=False))


def _features(totals: Totals, budget: AttachmentBudget) -> Iterator[FeatureView]:
    groups = groupby(totals.cases, lambda case: case.feature.feature)
    own = {number: list(group) for number, group in groups}
    for fact in sorted(totals.record.features, key=lambda fact: fact.feature):
        failed = fact in totals.failed_features
        cases = own.get(fact.feature, [])
        if cases or failed:
            views = [_case_view(case, budget) for case in cases]
            yield FeatureView(fact, views, failed)


def _case_view(case: Case, budget: AttachmentBudget) -> CaseView:
    attempts = [_attempt_view(fact, budget) for fact in reversed(case.attempts)]
    return CaseView(case, attempts)


def _attempt_view(fact: ScenarioFact, budget: AttachmentBudget) -> AttemptView:
    return AttemptView(
        fact=fact,
        reason=reason_of(fact) if fact.has_failed else None,
        output=without_escapes(fact.output).strip("\n"),
        attachments=budget.show(fact.attachments),
        background=[step for step in fact.steps if step.is_background],
        steps=[step for step in fact.steps if not step.is_background],
    )


def _bill(totals: Totals) -> list[tuple[str, list[float], list[tuple[str, str]]]]:
    """Return name, seconds by column, and stacked bar of each worker."""
    rows = []
    for name, row in totals.bill.rows.items():
        seconds = [row.get(column, 0.0) for column in COLUMNS]
        build, scenarios, steps, http, reset, idle = seconds
        parts = {
            "build": build,
            "http": min(http, steps),
            "steps": max(0.0, steps - http),
            "hooks": max(0.0, scenarios - steps - reset),
            "reset": reset,
            "idle": idle,
        }
        whole = sum(parts.values()) or 1.0
        bar = [(part, f"{size / whole * 100:.2f}") for part, size in parts.items()]
        rows.append((name, seconds, bar))
    return rows


def _engine() -> Engine:
    templates = {name: _page_file(name) for name in ("page.html", "attempt.html")}
    loader = ("django.template.loaders.locmem.Loader", templates)
    return Engine(loaders=[loader], autoescape=True)


def _page_file(name: str) -> str:
    return (files("testing.bdd.reports") / "page" / name).read_text(encoding="utf-8")
