"""What the features of a worker's suite say, and which of it a unit runs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from behave.model import Feature

from testing.bdd.events import renew, statements_of
from testing.bdd.units import Unit

__all__ = ["SuiteStatements", "shuffle"]


class SuiteStatements:
    """Every feature's statements in file order, and what was left out of each.

    With a seed the features are put in a random order afterwards; a statement
    keeps its place in the file.
    """

    def __init__(self, features: Sequence[Feature], *, seed: int | None) -> None:
        self._of = [statements_of(feature) for feature in features]
        self._excluded = [
            {
                place
                for place, item in enumerate(statements)
                if item.type == "scenario" and item.should_skip
            }
            for statements in self._of
        ]
        if seed is not None:
            for feature in features:
                shuffle(feature, seed=seed)

    def chosen(self, unit: Unit) -> list[Any]:
        """Make a feature as new, with only the unit's scenarios to run.

        Those that line numbers on the command line left out are announced as
        skipped, as ever. Returns all statements of the feature.
        """
        statements = self._of[unit.feature]
        excluded = self._excluded[unit.feature]
        chosen = set(unit.places)
        for place, item in enumerate(statements):
            renew(item)
            if item.type == "scenario" and (place not in chosen or place in excluded):
                item.skip()
        return statements


def shuffle(feature: Feature, *, seed: int) -> None:
    """Put the scenarios of a feature in an order that the seed decides."""
    generator = random.Random(f"{seed} {feature.filename}")  # noqa: S311 - an order
    for statement in statements_of(feature):
        if statement.type in ("feature", "rule"):
            generator.shuffle(statement.run_items)
        elif statement.type == "scenario_outline":
            generator.shuffle(statement.scenarios)
