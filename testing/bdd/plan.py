"""From paths to units: find the features, choose the package, put units in order."""

from __future__ import annotations

import os
import random
import traceback
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

from behave.configuration import Configuration
from behave.exception import (
    ConfigError,
    FileNotFoundError,
    InvalidFileLocationError,
    InvalidFilenameError,
)
from behave.parser import ParserError

from testing.bdd.configuration import configured
from testing.bdd.feature_file import FeatureFile, Models, read_features
from testing.bdd.foresight import StepFinder
from testing.bdd.history import History
from testing.bdd.scenario_runner import ScenarioRunner
from testing.bdd.units import DATABASE, SERIAL, Unit, magnitude, resources_of
from testing.errors import SetupFailure, UsageError

__all__ = [
    "choose_paths",
    "load_features",
    "make_units",
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
        if not known:
            raise UsageError(
                f"FEATURE is {package!r}, and {FEATURES.absolute()} holds no package "
                "of features, so there is nothing to choose from. Next: call "
                "manage.py in the folder that holds features/, or `unset FEATURE`."
            )
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
                f"folder or file as it is found from {Path.cwd()}, such as `manage.py "
                f"behave {FEATURES}`."
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


def load_features(arguments: list[str]) -> tuple[ScenarioRunner, list[FeatureFile]]:
    """Load hooks and steps and parse the features that behave would run.

    Raises:
        SetupFailure: a file is missing or cannot be parsed or imported.
        UsageError: behave does not understand its options.

    """
    config = configured(arguments)
    _choose_formats(config)
    runner = ScenarioRunner(config)
    try:
        runner.load()
        places = [
            place for place in runner.feature_locations() if not config.exclude(place)
        ]
        files = read_features(places, language=config.lang)
    except (ParserError, ConfigError) as error:
        raise SetupFailure(
            f"The features cannot be read ({type(error).__name__}: {error}), so "
            "nothing can run. Next: correct what it names. Features are looked for "
            f"from {Path.cwd()}, their steps in a folder steps/ beside or above them."
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
    except SetupFailure:
        raise
    except Exception as error:
        raise SetupFailure(
            f"Hooks or steps cannot be loaded ({type(error).__name__}: {error}), so "
            "nothing can run. Next: mend what the traceback names.\n"
            f"{traceback.format_exc()}"
        ) from error
    runner.features = Models(files)
    return runner, files


def _choose_formats(config: Configuration) -> None:
    """Name the formatter that behave would use where none is named.

    Raises:
        UsageError: there are more files than formatters to write them.

    """
    in_file = config.defaults.get("format")
    if not config.format:
        config.format = [config.default_format]
    elif in_file and len(config.format) == len(in_file):
        # Formatters of the configuration file come beside the one for people.
        config.format.append(config.default_format)
    if len(config.outputs) > len(config.format):
        raise UsageError(
            f"There are {len(config.outputs)} --outfile and {len(config.format)} "
            "--format, and each file belongs to one formatter. Next: name a "
            "--format for each --outfile."
        )


def make_units(
    features: Sequence[FeatureFile],
    config: Configuration,
    *,
    history: History,
    registry: Any,
    parallel_by: str = "feature",
) -> list[Unit]:
    """Return the units of a run in file order, each with its estimate.

    ``parallel_by`` is ``feature``, ``scenario`` or ``package``; a package is
    one unit for each of its features, kept together by :func:`order_units`.
    Each feature's ``selected`` says afterwards what of it runs.
    Scenarios tagged ``@serial`` or ``@database`` make a unit of their own.
    """
    units = []
    finder = StepFinder(registry)
    for number, feature in enumerate(features):
        with feature.lent() as statements:
            places = [p for p, item in enumerate(statements) if item.type == "scenario"]
            runnable = [p for p in places if statements[p].should_run(config)]
            feature.selected = frozenset(runnable)
            groups = _groups(statements, runnable, parallel_by=parallel_by)
            # What is not going to run is announced as skipped, once.
            passive = [place for place in places if place not in runnable]
            groups = groups or [[]]
            groups[0] = sorted(groups[0] + passive)
            for group in groups:
                active = [statements[place] for place in group if place in runnable]
                units.append(_unit(number, group, active, history, finder))
    return units


def order_units(
    units: Sequence[Unit],
    features: Sequence[FeatureFile],
    *,
    first: Container[int] = (),
    seed: int | None = None,
    by_package: bool = False,
    as_given: bool = False,
) -> list[Unit]:
    """Return units in the order in which they shall start.

    Longest first, since whoever starts a long unit last waits for it alone, and
    those about as long as each other in the files' order, in which they are told;
    those that clash with others before all, since they fill the end badly.
    ``first`` are indexes of features to put before all others. A seed makes
    the order a random one. By package, features of one folder follow each
    other. One worker alone gains nothing by that: it takes them ``as_given``, so
    that the order of the command line is the order of the run.
    """
    if seed is not None:
        mixed = list(units)
        random.Random(seed).shuffle(mixed)  # noqa: S311 - an order, no secret
        return mixed
    if as_given:
        return sorted(units, key=lambda unit: unit.feature not in first)
    weight: dict[str, float] = {}
    for unit in units:
        folder = _folder(features[unit.feature])
        weight[folder] = weight.get(folder, 0) + unit.seconds

    def urgency(unit: Unit) -> tuple[Any, ...]:
        folder = _folder(features[unit.feature])
        package = (-weight[folder], folder) if by_package else ()
        clashes = bool(unit.reads or unit.writes)
        length = magnitude(unit.seconds)
        return (unit.feature not in first, *package, not clashes, -length)

    return sorted(units, key=urgency)


def _groups(
    statements: list[Any], runnable: list[int], *, parallel_by: str
) -> list[list[int]]:
    """Divide a feature's scenarios into those that run in one unit."""
    if parallel_by == "scenario":
        return [[place] for place in runnable]
    serial = [
        place
        for place in runnable
        if not {SERIAL, DATABASE}.isdisjoint(statements[place].effective_tags)
    ]
    together = [place for place in runnable if place not in serial]
    groups = [together] if together else []
    if not together:
        return [serial] if serial else []
    return groups + [[place] for place in serial]


def _unit(
    number: int, group: list[int], active: list[Any], history: History, finder: Any
) -> Unit:
    tags = {str(tag) for scenario in active for tag in scenario.effective_tags}
    alone, reads, writes = resources_of(tags)

    return Unit(
        feature=number,
        places=tuple(group),
        is_alone=alone,
        reads=reads,
        writes=writes,
        seconds=sum(
            history.estimate(one, locations=finder.locations) for one in active
        ),
        active=len(active),
        needs_database=DATABASE in tags,
    )


def _folder(feature: FeatureFile) -> str:
    return str(Path(feature.filename).parent)


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
