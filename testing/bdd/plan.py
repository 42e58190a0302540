"""From paths to units: find the features, choose the package, put units in order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from behave.configuration import Configuration
from behave.exception import (
    ConfigError,
    FileNotFoundError,
    InvalidFileLocationError,
    InvalidFilenameError,
)
from behave.model import Feature
from behave.parser import ParserError
from behave.runner_util import parse_features

from testing.bdd.scenario_runner import ScenarioRunner
from testing.errors import SetupFailure, UsageError

__all__ = [
    "choose_paths",
    "count_selected",
    "load_features",
    "order_units",
    "package_of",
]

FEATURES = Path(ScenarioRunner.DEFAULT_DIRECTORY)


def choose_paths(paths: Sequence[str], *, package: str) -> list[str]:
    """Return the paths to run: those given, or the package that FEATURE names.

    Raises:
        UsageError: both are given, the package does not exist, or a path does
            not.

    """
    if package and paths:
        raise UsageError(
            f"FEATURE is {package!r} and the paths {', '.join(paths)} are given "
            "too, so it is unclear what to run. Next: `unset FEATURE`, or leave the "
            "paths out."
        )
    if package:
        known = sorted(_packages())
        if package not in known:
            raise UsageError(
                f"FEATURE is {package!r}, and there is no such package under "
                f"{FEATURES}/. Next: export FEATURE as one of {', '.join(known)}."
            )
        return [str(FEATURES / package)]
    for path in paths:
        if not path.startswith("@") and not Path(_without_line(path)).exists():
            raise UsageError(
                f"There is no feature at {path!r}, so nothing can run. Next: name a "
                f"folder or file below {FEATURES}/, such as `manage.py behave "
                f"{FEATURES}`."
            )
    return list(paths)


def package_of(paths: Sequence[str]) -> str:
    """Return the one package that all paths lie in, empty when there is none."""
    root = FEATURES.resolve()
    packages = set()
    for path in paths:
        place = Path(_without_line(path)).resolve()
        inside = place.is_relative_to(root) and place != root
        packages.add(place.relative_to(root).parts[0] if inside else "")
    only = packages.pop() if len(packages) == 1 else ""
    return only if (FEATURES / only).is_dir() else ""


def load_features(arguments: list[str]) -> tuple[ScenarioRunner, list[Feature]]:
    """Load hooks and steps and parse the features that behave would run.

    Raises:
        SetupFailure: a file is missing or cannot be parsed or imported.

    """
    config = Configuration(arguments)
    runner = ScenarioRunner(config)
    try:
        runner.load()
        places = [
            place for place in runner.feature_locations() if not config.exclude(place)
        ]
        features = parse_features(places, language=config.lang)
    except (ParserError, ConfigError) as error:
        raise SetupFailure(
            f"The features cannot be read ({type(error).__name__}: {error}), so "
            "nothing can run. Next: correct what it names."
        ) from error
    except (
        FileNotFoundError,
        InvalidFileLocationError,
        InvalidFilenameError,
    ) as error:
        raise UsageError(
            f"A feature cannot be found ({error}). Next: name a folder or file below "
            f"{FEATURES}/."
        ) from error
    runner.features = features
    return runner, features


def count_selected(features: Sequence[Feature], config: Configuration) -> int:
    """Return how many scenarios tags, names and lines select."""
    return sum(
        scenario.should_run(config)
        for feature in features
        for scenario in feature.walk_scenarios()
    )


def order_units(features: Sequence[Feature]) -> list[int]:
    """Return indexes of features, the one with most steps first.

    Whoever starts a long unit last waits for it alone.
    """
    return sorted(range(len(features)), key=lambda i: -_size(features[i]))


def _size(feature: Any) -> int:
    """Return the number of steps, background steps and example rows included."""
    return sum(
        1 + len(list(scenario.all_steps)) for scenario in feature.walk_scenarios()
    )


def _packages() -> list[str]:
    """Return the folders under the features folder that hold features."""
    return (
        [
            entry.name
            for entry in os.scandir(FEATURES)
            if entry.is_dir() and any(Path(entry.path).rglob("*.feature"))
        ]
        if FEATURES.is_dir()
        else []
    )


def _without_line(path: str) -> str:
    """Return the file of ``file:line``."""
    head, colon, line = path.rpartition(":")
    return head if colon and line.isdigit() else path
