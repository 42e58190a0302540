"""A feature's text as Cucumber's own parser sees it: a document and its pickles.

behave's parser takes some text that Cucumber's refuses. Such a feature gets a
document made from what ran, so that nothing that ran is without its pickle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gherkin.ast_builder import AstBuilder
from gherkin.errors import CompositeParserException, ParserError
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler
from gherkin.stream.id_generator import IdGenerator

from testing.bdd.record import FeatureFact
from testing.bdd.reports.cases import Case
from testing.bdd.scenario_fact import ScenarioFact, StepFact

__all__ = ["parse_feature"]

Message = dict[str, Any]

KEYWORD_TYPES = {"Given": "Context", "When": "Action", "Then": "Outcome"}


def parse_feature(
    feature: FeatureFact, cases: Sequence[Case], *, ids: IdGenerator
) -> tuple[Message, list[Message]]:
    """Return the document of a feature, and for each of its cases the pickle.

    Both are in the form of Cucumber's messages; ids come from ``ids``.
    """
    try:
        document: Any = Parser(AstBuilder(ids)).parse(feature.source)
    except (CompositeParserException, ParserError):
        document = None
    if document is not None:
        document["uri"] = feature.path
        found = _pickles_of(document, cases, ids=ids)
        if found is not None:
            return document, found
    document = _document_of_facts(feature, cases, ids=ids)
    pickles: Any = Compiler(ids).compile(document)
    return document, list(pickles)


def _pickles_of(
    document: Any, cases: Sequence[Case], *, ids: IdGenerator
) -> list[Message] | None:
    """Match cases with pickles by line; None where one does not fit."""
    pickles: Any = Compiler(ids).compile(document)
    by_line = {pickle["location"]["line"]: pickle for pickle in pickles}
    found = []
    for case in cases:
        pickle = by_line.get(case.final.line)
        if pickle is None or len(pickle["steps"]) < len(_longest(case).steps):
            return None
        found.append(pickle)
    return found


def _longest(case: Case) -> ScenarioFact:
    """Return the attempt that got to the most steps."""
    return max(case.attempts, key=lambda attempt: len(attempt.steps))


def _document_of_facts(
    feature: FeatureFact, cases: Sequence[Case], *, ids: IdGenerator
) -> Any:
    return {
        "uri": feature.path,
        "comments": [],
        "feature": {
            "location": _at(feature.line),
            "tags": _tags(feature.tags, feature.line, ids=ids),
            "language": feature.language,
            "keyword": feature.keyword,
            "name": feature.name,
            "description": "\n".join(feature.description),
            "children": [{"scenario": _scenario(case, ids=ids)} for case in cases],
        },
    }


def _scenario(case: Case, *, ids: IdGenerator) -> Message:
    fact = _longest(case)
    own_tags = [tag for tag in fact.tags if tag not in case.feature.tags]
    return {
        "id": ids.get_next_id(),
        "location": _at(fact.line),
        "tags": _tags(own_tags, fact.line, ids=ids),
        "keyword": fact.keyword,
        "name": fact.name,
        "description": "",
        "steps": [_step(step, ids=ids) for step in fact.steps],
        "examples": [],
    }


def _step(step: StepFact, *, ids: IdGenerator) -> Message:
    message: Message = {
        "id": ids.get_next_id(),
        "location": _at(step.line),
        "keyword": f"{step.keyword} ",
        "keywordType": KEYWORD_TYPES.get(step.keyword, "Unknown"),
        "text": step.name,
    }
    if step.text:
        message["docString"] = {
            "location": _at(step.line + 1),
            "content": step.text,
            "delimiter": '"""',
        }
    if step.table:
        rows = [
            {
                "id": ids.get_next_id(),
                "location": _at(step.line + number),
                "cells": [
                    {"location": _at(step.line + number), "value": cell} for cell in row
                ],
            }
            for number, row in enumerate(step.table, 1)
        ]
        message["dataTable"] = {"location": _at(step.line + 1), "rows": rows}
    return message


def _tags(tags: Sequence[str], line: int, *, ids: IdGenerator) -> list[Message]:
    return [
        {"id": ids.get_next_id(), "location": _at(line), "name": f"@{tag}"}
        for tag in tags
    ]


def _at(line: int) -> Message:
    return {"line": line, "column": 1}
