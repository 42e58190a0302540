"""A feature file as it was read when the run began, and its model while it is needed.

behave's model of a scenario takes about 4 KB, its text about 150 bytes. Parsing
takes an eighth of a millisecond. So that a big suite is no burden, each process has
the models in memory only of the features that it is busy with.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, overload

from behave.model import Feature
from behave.model_type import FileLocation
from behave.parser import parse_feature
from behave.runner_util import parse_features

from testing.bdd.events import statements_of
from testing.errors import SetupFailure

__all__ = ["FeatureFile", "Models", "read_features", "shuffle"]

# So many scenarios stay parsed until the run begins: to parse them once more, for its
# plan, takes longer than their memory is worth.
HELD = 500


class FeatureFile:
    """One feature of a run.

    Attributes:
        filename: as behave tells it.
        text: what it said when the run began; whoever edits it during the run does
            not get in the way.
        excluded: places of the scenarios that line numbers leave out.
        scenarios: how many it has, rows of outlines counted each.
        selected: places of those that are to run, as the plan has found them.
        seed: of a random order of its scenarios, None for the order of the file.
            The places of statements are those of the file in any case.

    """

    def __init__(
        self, feature: Feature, *, text: str, language: str | None = None
    ) -> None:
        self.filename: str = feature.filename
        self.text = text
        self.seed: int | None = None
        self._language = language
        self._statements: list[Any] | None = statements_of(feature)
        self._count = len(self._statements)
        self.scenarios = sum(one.type == "scenario" for one in self._statements)
        self._is_kept = False
        self.selected: frozenset[int] = frozenset()
        self.excluded = frozenset(
            place
            for place, one in enumerate(self._statements)
            if one.type == "scenario" and one.should_skip
        )

    @classmethod
    def read(cls, feature: Feature, *, language: str | None = None) -> FeatureFile:
        """Read the text of a feature that has just been parsed."""
        # As behave does: lines end as they do in the file.
        text = Path(feature.filename).read_bytes().decode()
        return cls(feature, text=text, language=language)

    @property
    def statements(self) -> list[Any]:
        """Its statements in file order, the feature first; parsed when they are away.

        Raises:
            SetupFailure: the file was changed in the moment that it was read.

        """
        if self._statements is None:
            self._statements = self._parsed()
        return self._statements

    @property
    def model(self) -> Feature:
        """The feature, as behave's model."""
        return self.statements[0]

    @contextmanager
    def lent(self) -> Iterator[list[Any]]:
        """Give its statements for a moment; they are away again if they were before."""
        was_away = self._statements is None
        try:
            yield self.statements
        finally:
            if was_away:
                self.take_apart()

    def keep(self) -> Feature:
        """Return the model and have it stay: somebody may have changed it."""
        self._is_kept = True
        return self.model

    def put_away(self) -> None:
        """Let go of the model, until it is asked for again."""
        if not self._is_kept:
            self._statements = None

    def take_apart(self) -> None:
        """Let go of a model that nobody else knows, and of its memory at once.

        Parts of a model refer to each other. What a process has not freed when it
        forks, its children have as well.
        """
        if self._is_kept:
            return
        for statement in self._statements or ():
            vars(statement).clear()
        self._statements = None

    def _parsed(self) -> list[Any]:
        path = os.path.abspath(self.filename)  # noqa: PTH100 - as behave makes it
        feature = parse_feature(self.text, self._language, path)
        statements = statements_of(feature) if feature else []
        if len(statements) != self._count:
            raise SetupFailure(
                f"{self.filename} was changed while it was read, so the places of its "
                "scenarios are unknown. Next: run again."
            )
        for place in self.excluded:
            statements[place].mark_skipped()
        if self.seed is not None:
            shuffle(feature, seed=self.seed)
        return statements


class Models(Sequence[Feature]):
    """The models of all features, for hooks that look for them in behave's runner.

    A model that a hook has seen stays in memory: it may have been changed.
    """

    def __init__(self, files: Sequence[FeatureFile]) -> None:
        self._files = files

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, index: int) -> Feature: ...
    @overload
    def __getitem__(self, index: slice) -> list[Feature]: ...
    def __getitem__(self, index: int | slice) -> Feature | list[Feature]:
        if isinstance(index, slice):
            return [file.keep() for file in self._files[index]]
        return self._files[index].keep()

    def __iter__(self) -> Iterator[Feature]:
        return (file.keep() for file in self._files)


def read_features(
    places: Iterable[FileLocation], *, language: str | None
) -> list[FeatureFile]:
    """Read the features that are found at these places, in their order.

    Places of one file, with the lines to run, follow each other. Of a big suite most
    models are put away at once.

    Raises:
        ParserError: of behave; a file holds no feature, or a broken one.

    """
    files: list[FeatureFile] = []
    parsed = 0
    for _, lines in groupby(places, key=lambda place: place.filename):
        for feature in parse_features(lines, language=language):
            files.append(FeatureFile.read(feature, language=language))
            parsed += files[-1].scenarios
            if parsed > HELD:
                files[-1].take_apart()
    return files


def shuffle(feature: Feature, *, seed: int) -> None:
    """Put the scenarios of a feature in an order that the seed decides."""
    generator = random.Random(f"{seed} {feature.filename}")  # noqa: S311 - an order
    for statement in statements_of(feature):
        if statement.type in ("feature", "rule"):
            generator.shuffle(statement.run_items)
        elif statement.type == "scenario_outline":
            generator.shuffle(statement.scenarios)
