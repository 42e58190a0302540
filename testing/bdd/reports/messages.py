"""A run as Cucumber messages, one JSON envelope a line.

What Cucumber's own reports and services read. An attempt is a test case that
was started; what failed outside of steps, a hook or a lost worker, is a hook of
the test case.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import cucumber_messages as m
from gherkin.stream.id_generator import IdGenerator

from testing.bdd.record import FeatureFact, RunRecord
from testing.bdd.reports.cases import (
    Case,
    cases_of,
    failing_step,
    without_escapes,
)
from testing.bdd.reports.gherkin_text import parse_feature
from testing.bdd.reports.message_results import (
    hook_result,
    step_result,
    timestamp_of,
)
from testing.bdd.reports.shards import run_of_worker
from testing.bdd.reports.totals import Totals
from testing.bdd.scenario_fact import ScenarioFact

__all__ = ["write"]


def write(record: RunRecord, *, path: Path) -> None:
    """Write the messages of a run; folders that are missing are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for envelope in _Messages(record).envelopes():
            stream.write(json.dumps(m.message_converter.to_dict(envelope)) + "\n")


@dataclass
class _Plan:
    """A case with its pickle, and the ids of the steps that its attempts share."""

    case: Case
    pickle: dict[str, Any]
    test_case: str
    steps: list[str]
    hook: str


@dataclass
class _Messages:
    """Makes the envelopes of one record, in the order of the protocol."""

    record: RunRecord
    ids: IdGenerator = field(default_factory=IdGenerator)
    definitions: dict[str, str] = field(default_factory=dict)
    plans: list[_Plan] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.totals = Totals(self.record, cases_of(self.record))
        self.run = self.ids.get_next_id()
        self.hook = self.ids.get_next_id()
        self.starts = [datetime.fromisoformat(run.started) for run in self.record.runs]

    def envelopes(self) -> Iterator[m.Envelope]:
        yield m.Envelope(meta=self._meta())
        yield from self._sources()
        yield from self._definitions()
        began = min(self.starts)
        run_started = m.TestRunStarted(id=self.run, timestamp=timestamp_of(began))
        yield m.Envelope(test_run_started=run_started)
        for plan in self.plans:
            yield m.Envelope(test_case=self._test_case(plan))
        attempts = [(plan, fact) for plan in self.plans for fact in plan.case.attempts]
        for plan, fact in sorted(attempts, key=lambda pair: self._moment(pair[1])):
            yield from self._attempt(plan, fact)
        walls = zip(self.starts, self.totals.walls, strict=True)
        ended = max(start + timedelta(seconds=wall) for start, wall in walls)
        finished = m.TestRunFinished(
            success=self.totals.verdict == "passed",
            timestamp=timestamp_of(ended),
            message="\n".join(self.totals.problems) or None,
            test_run_started_id=self.run,
        )
        yield m.Envelope(test_run_finished=finished)

    def _meta(self) -> m.Meta:
        behave, python = self.record.runs[0].behave, self.record.runs[0].python
        return m.Meta(
            protocol_version=version("cucumber-messages"),
            implementation=m.Product(name="behave", version=behave),
            runtime=m.Product(name="Python", version=python),
            os=m.Product(name=platform.system(), version=platform.release()),
            cpu=m.Product(name=platform.machine()),
        )

    def _sources(self) -> Iterator[m.Envelope]:
        """Yield texts, documents and pickles; makes the plan of each case."""
        groups = groupby(self.totals.cases, lambda case: case.feature.feature)
        for _, group in groups:
            cases = list(group)
            feature = cases[0].feature
            yield m.Envelope(source=_source(feature))
            document, pickles = parse_feature(feature, cases, ids=self.ids)
            yield _envelope("gherkinDocument", document)
            for case, pickle in zip(cases, pickles, strict=True):
                yield _envelope("pickle", pickle)
                self.plans.append(self._plan(case, pickle))

    def _plan(self, case: Case, pickle: dict[str, Any]) -> _Plan:
        is_hooked = any(
            fact.has_failed and failing_step(fact) is None for fact in case.attempts
        )
        return _Plan(
            case=case,
            pickle=pickle,
            test_case=self.ids.get_next_id(),
            steps=[self.ids.get_next_id() for _ in pickle["steps"]],
            hook=self.ids.get_next_id() if is_hooked else "",
        )

    def _definitions(self) -> Iterator[m.Envelope]:
        """Yield step functions by their place: a record has no patterns."""
        for fact in self.record.scenarios:
            for step in fact.steps:
                if step.location and step.location not in self.definitions:
                    self.definitions[step.location] = self.ids.get_next_id()
                    yield m.Envelope(step_definition=self._definition(step.location))
        if any(plan.hook for plan in self.plans):
            hook = m.Hook(
                id=self.hook,
                name="outside of the steps",
                source_reference=m.SourceReference(uri="features/environment.py"),
                type=m.HookType.after_test_case,
            )
            yield m.Envelope(hook=hook)

    def _definition(self, location: str) -> m.StepDefinition:
        uri, _, line = location.rpartition(":")
        return m.StepDefinition(
            id=self.definitions[location],
            pattern=m.StepDefinitionPattern(
                source=location, type=m.StepDefinitionPatternType.regular_expression
            ),
            source_reference=m.SourceReference(
                uri=uri, location=m.Location(line=int(line))
            ),
        )

    def _test_case(self, plan: _Plan) -> m.TestCase:
        steps = []
        for number, (step_id, pickle_step) in enumerate(
            zip(plan.steps, plan.pickle["steps"], strict=True)
        ):
            known = self._definitions_of(plan.case, number)
            steps.append(
                m.TestStep(
                    id=step_id,
                    pickle_step_id=pickle_step["id"],
                    step_definition_ids=known,
                    step_match_arguments_lists=[
                        m.StepMatchArgumentsList(step_match_arguments=[]) for _ in known
                    ],
                )
            )
        if plan.hook:
            steps.append(m.TestStep(id=plan.hook, hook_id=self.hook))
        return m.TestCase(
            id=plan.test_case,
            pickle_id=plan.pickle["id"],
            test_steps=steps,
            test_run_started_id=self.run,
        )

    def _definitions_of(self, case: Case, number: int) -> list[str]:
        for fact in reversed(case.attempts):
            if number < len(fact.steps) and fact.steps[number].location:
                return [self.definitions[fact.steps[number].location]]
        return []

    def _attempt(self, plan: _Plan, fact: ScenarioFact) -> Iterator[m.Envelope]:
        started = self.ids.get_next_id()
        now = self._moment(fact)
        number = plan.case.attempts.index(fact)
        case_started = m.TestCaseStarted(
            attempt=number,
            id=started,
            test_case_id=plan.test_case,
            worker_id=str(fact.worker),
            timestamp=timestamp_of(now),
        )
        yield m.Envelope(test_case_started=case_started)
        for place, step_id in enumerate(plan.steps):
            step = fact.steps[place] if place < len(fact.steps) else None
            seconds = step.seconds if step else 0.0
            result = step_result(fact, step)
            yield from _step_run(started, step_id, result, at=now, seconds=seconds)
            now += timedelta(seconds=seconds)
        ended = max(now, self._moment(fact) + timedelta(seconds=fact.seconds))
        if plan.hook:
            result = hook_result(fact)
            yield from _step_run(started, plan.hook, result, at=now, seconds=0.0)
        for attachment in _attachments(fact, started):
            yield m.Envelope(attachment=attachment)
        case_finished = m.TestCaseFinished(
            test_case_started_id=started,
            timestamp=timestamp_of(ended),
            will_be_retried=fact is not plan.case.final,
        )
        yield m.Envelope(test_case_finished=case_finished)

    def _moment(self, fact: ScenarioFact) -> datetime:
        start = self.starts[run_of_worker(self.record, fact.worker)]
        return start + timedelta(seconds=fact.began)


def _step_run(
    started: str,
    step: str,
    result: m.TestStepResult,
    *,
    at: datetime,
    seconds: float,
) -> Iterator[m.Envelope]:
    begun = m.TestStepStarted(
        test_case_started_id=started, test_step_id=step, timestamp=timestamp_of(at)
    )
    yield m.Envelope(test_step_started=begun)
    ended = at + timedelta(seconds=seconds)
    finished = m.TestStepFinished(
        test_case_started_id=started,
        test_step_id=step,
        test_step_result=result,
        timestamp=timestamp_of(ended),
    )
    yield m.Envelope(test_step_finished=finished)


def _attachments(fact: ScenarioFact, started: str) -> Iterator[m.Attachment]:
    for mime_type, data in fact.attachments:
        yield m.Attachment(
            body=data,
            content_encoding=m.AttachmentContentEncoding.base64,
            media_type=mime_type,
            test_case_started_id=started,
        )
    if fact.output:
        yield m.Attachment(
            body=without_escapes(fact.output),
            content_encoding=m.AttachmentContentEncoding.identity,
            media_type="text/x.cucumber.log+plain",
            test_case_started_id=started,
        )


def _source(feature: FeatureFact) -> m.Source:
    return m.Source(
        data=feature.source,
        media_type=m.SourceMediaType.text_x_cucumber_gherkin_plain,
        uri=feature.path,
    )


def _envelope(kind: str, content: Any) -> m.Envelope:
    """Make an envelope of what Cucumber's parser returned as plain data."""
    envelope: m.Envelope = m.message_converter.from_dict({kind: content}, m.Envelope)
    return envelope
