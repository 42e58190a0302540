"""One JUnit XML file for the whole run, with attempts as Maven Surefire writes them.

A scenario that passed after it had failed has a ``flakyFailure`` for each failed
attempt and counts as passed; one that failed to the end has its first failure as
``failure`` or ``error`` and a ``rerunFailure`` for each later one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path, PurePath
from xml.etree import ElementTree as ET

from testing.bdd.record import FeatureFact, RunRecord
from testing.bdd.reports.cases import Case, cases_of, reason_of, without_escapes
from testing.bdd.reports.shards import run_of_worker
from testing.bdd.reports.totals import Totals
from testing.bdd.scenario_fact import ScenarioFact, StepFact

__all__ = ["write"]

# XML 1.0 has no way to write these, not even as a reference.
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(record: RunRecord, *, path: Path) -> None:
    """Write the report of a run; folders that are missing are made."""
    cases = cases_of(record)
    totals = Totals(record, cases)
    root = ET.Element("testsuites", {"name": "behave", "time": _seconds(totals.wall)})
    for feature, own in _by_feature(record, cases):
        root.append(_suite(record, feature, own, totals))
    if totals.verdict != "passed" and not _counted(root, "failures", "errors"):
        root.append(_run_suite(totals))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(_counted(root, name)))
    ET.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _by_feature(
    record: RunRecord, cases: list[Case]
) -> Iterator[tuple[FeatureFact, list[Case]]]:
    """Yield features with their scenarios, also those that have none to show."""
    groups = groupby(cases, lambda case: case.feature.feature)
    own = {number: list(group) for number, group in groups}
    for feature in sorted(record.features, key=lambda feature: feature.feature):
        yield feature, own.get(feature.feature, [])


def _suite(
    record: RunRecord, feature: FeatureFact, cases: list[Case], totals: Totals
) -> ET.Element:
    classname = ".".join(PurePath(feature.path).with_suffix("").parts)
    suite = ET.Element("testsuite", {"name": _legal(f"{classname}.{feature.name}")})
    properties = ET.SubElement(suite, "properties")
    _property(properties, "path", feature.path)
    for case in cases:
        suite.append(_testcase(case, classname))
    if feature in totals.failed_features:
        text = "A hook of the feature failed, outside of its scenarios."
        _add_error(suite, classname, name=f"(feature) {feature.name}", text=text)
    _count(suite)
    suite.set("time", _seconds(sum(case.seconds for case in cases)))
    if cases:
        run = record.runs[run_of_worker(record, cases[0].final.worker)]
        suite.set("timestamp", run.started)
        suite.set("hostname", _legal(run.host))
    return suite


def _run_suite(totals: Totals) -> ET.Element:
    """Make a suite for a run that is red although nothing in it failed."""
    suite = ET.Element("testsuite", {"name": "behave", "time": "0.000"})
    text = "\n".join(totals.problems) or f"The run is {totals.verdict}."
    _add_error(suite, "behave", name="(run)", text=text)
    _count(suite)
    return suite


def _add_error(suite: ET.Element, classname: str, *, name: str, text: str) -> None:
    attributes = {"classname": classname, "name": _legal(name), "time": "0.000"}
    testcase = ET.SubElement(suite, "testcase", attributes)
    error = ET.SubElement(testcase, "error", {"type": "run"})
    error.set("message", _legal(text.splitlines()[0]))
    error.text = _legal(text)


def _count(suite: ET.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    tags = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in tags.items():
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))


def _counted(root: ET.Element, *names: str) -> int:
    return sum(int(suite.get(name, "0")) for suite in root for name in names)


def _testcase(case: Case, classname: str) -> ET.Element:
    failed = [attempt for attempt in case.attempts if attempt.has_failed]
    # Surefire's rule: what failed to the end is told by its first failure.
    shown = failed[0] if case.outcome == "failed" else case.final
    testcase = ET.Element(
        "testcase",
        {
            "classname": classname,
            "name": _legal(shown.name),
            "time": _seconds(shown.seconds),
            "file": _legal(shown.path),
            "line": str(shown.line),
            "status": shown.status,
        },
    )
    _add_properties(testcase, shown, attempts=len(case.attempts))
    if case.outcome == "failed":
        name = "failure" if shown.status == "failed" else "error"
        reason = reason_of(shown)
        element = ET.SubElement(testcase, name, {"type": _legal(reason.kind)})
        element.set("message", _legal(reason.message))
        element.text = _legal(reason.text)
        for attempt in failed[1:]:
            _add_attempt(testcase, "rerunFailure", attempt)
    elif case.outcome == "skipped":
        ET.SubElement(testcase, "skipped")
    else:
        for attempt in failed:
            _add_attempt(testcase, "flakyFailure", attempt)
    ET.SubElement(testcase, "system-out").text = _legal(_told(shown))
    return testcase


def _add_properties(
    testcase: ET.Element, attempt: ScenarioFact, *, attempts: int
) -> None:
    properties = ET.SubElement(testcase, "properties")
    _property(properties, "worker", str(attempt.worker))
    _property(properties, "schema", attempt.schema)
    _property(properties, "attempt", str(attempt.attempt))
    _property(properties, "attempts", str(attempts))
    if attempt.rule:
        _property(properties, "rule", attempt.rule)
    for tag in attempt.tags:
        _property(properties, "tag", tag)


def _property(properties: ET.Element, name: str, value: str) -> None:
    ET.SubElement(properties, "property", {"name": name, "value": _legal(value)})


def _add_attempt(testcase: ET.Element, tag: str, attempt: ScenarioFact) -> None:
    reason = reason_of(attempt)
    element = ET.SubElement(testcase, tag, {"type": _legal(reason.kind)})
    element.set("message", _legal(reason.message))
    element.set("time", _seconds(attempt.seconds))
    ET.SubElement(element, "stackTrace").text = _legal(reason.text)
    where = f"attempt {attempt.attempt}, worker {attempt.worker}, {attempt.schema}\n"
    ET.SubElement(element, "system-out").text = _legal(where + _told(attempt))


def _told(attempt: ScenarioFact) -> str:
    """Tell an attempt in text: steps, HTTP requests, what was printed."""
    lines = [line for step in attempt.steps for line in _step_lines(step)]
    if attempt.exchanges:
        lines += ["", "HTTP:"]
    for one in attempt.exchanges:
        lines.append(
            f"  {one.method} {one.path} -> {one.status}"
            f" in {one.seconds:.3f}s, {one.statements} SQL"
        )
    if attempt.output:
        lines += ["", "Output:", without_escapes(attempt.output).rstrip("\n")]
    return "\n".join(lines) + "\n"


def _step_lines(step: StepFact) -> Iterator[str]:
    yield f"{step.keyword} {step.name} ... {step.status} in {step.seconds:.3f}s"
    if step.text:
        yield from (f"  {line}" for line in ['"""', *step.text.splitlines(), '"""'])
    for row in step.table:
        yield f"  | {' | '.join(row)} |"


def _legal(text: str) -> str:
    """Return a text that XML can hold: other characters by their number."""
    return ILLEGAL.sub(lambda found: f"U+{ord(found[0]):04X}", without_escapes(text))


def _seconds(number: float) -> str:
    return f"{number:.3f}"
