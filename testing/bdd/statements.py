"""Which statements of its features a worker runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from testing.bdd.events import renew
from testing.bdd.feature_file import FeatureFile
from testing.bdd.units import Unit

__all__ = ["SuiteStatements"]


class SuiteStatements:
    """The statements of the feature that a worker is at.

    With a seed the scenarios of each feature run in a random order; a statement
    keeps its place in the file.
    """

    def __init__(self, files: Sequence[FeatureFile], *, seed: int | None) -> None:
        self._files = files
        self._present: FeatureFile | None = None
        for file in files:
            file.put_away()
            file.seed = seed

    def chosen(self, unit: Unit) -> list[Any]:
        """Make a feature as new, with only the unit's scenarios to run.

        Those that line numbers on the command line left out are announced as
        skipped, as ever. Returns all statements of the feature.
        """
        file = self._files[unit.feature]
        if self._present not in (None, file):
            self._present.put_away()
        self._present = file
        chosen = set(unit.places) - file.excluded
        for place, item in enumerate(file.statements):
            renew(item)
            if item.type == "scenario" and place not in chosen:
                item.skip()
        return file.statements
