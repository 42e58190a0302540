"""Reading records of runs back from their files, and merging them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from testing.bdd.record import FORMAT, KINDS, FeatureFact, RunFact, RunRecord
from testing.bdd.scenario_fact import Exchange, ScenarioFact, StepFact
from testing.errors import UsageError

__all__ = ["read_record"]


def read_record(paths: Iterable[Path]) -> RunRecord:
    """Read records and merge them into one.

    Features of the same path become one; a last line that was cut off is left
    out.

    Raises:
        UsageError: a file is no record of this format.

    """
    merged = RunRecord()
    for number, path in enumerate(paths):
        _read_into(merged, path, offset=number)
    return merged


def _read_into(merged: RunRecord, path: Path, *, offset: int) -> None:
    """Add the facts of one file; its features are renumbered by path."""
    numbers: dict[int, int] = {}
    known = {fact.path: fact.feature for fact in merged.features}
    for line in path.read_text().splitlines():
        try:
            content = json.loads(line)
            kind = KINDS[content.pop("kind")]
        except (ValueError, KeyError):
            continue
        if kind is RunFact and content.get("format") != FORMAT:
            raise UsageError(
                f"{path} was written by another version of this engine, so it cannot "
                "be merged. Next: use the same version on all machines."
            )
        if kind is FeatureFact and content["path"] in known:
            numbers[content["feature"]] = known[content["path"]]
            continue
        if kind is FeatureFact:
            numbers[content["feature"]] = len(known)
            known[content["path"]] = len(known)
        if content.get("feature") is not None:
            content["feature"] = numbers[content["feature"]]
        merged.add(_rebuild(kind, content))
    if not merged.runs[offset:]:
        raise UsageError(
            f"{path} is no record of a run, so nothing can be read from it. Next: "
            "name files that `manage.py behave --events FILE` wrote."
        )


def _rebuild(kind: type[Any], content: dict[str, Any]) -> Any:
    if kind is ScenarioFact:
        content["steps"] = [StepFact(**step) for step in content["steps"]]
        content["exchanges"] = [Exchange(**one) for one in content["exchanges"]]
    known = {one.name for one in fields(kind)}
    return kind(**{key: value for key, value in content.items() if key in known})
