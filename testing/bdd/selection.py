"""Which units run: all, a shard, the failed ones, or what a worker had run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from testing.bdd.feature_file import FeatureFile
from testing.bdd.history import History
from testing.bdd.options import RunOptions
from testing.bdd.plan import make_units, order_units
from testing.bdd.record import RunRecord
from testing.bdd.record_file import read_record
from testing.bdd.units import Unit
from testing.errors import UsageError

__all__ = ["choose_units", "failed_paths", "replayed_paths", "seed_of", "shard_of"]


def choose_units(
    features: Sequence[FeatureFile],
    runner: Any,
    *,
    chosen: RunOptions,
    history: History,
    seed: int | None,
    workers: int,
) -> list[Unit]:
    """Return the units to run, in the order in which they shall start."""
    units = make_units(
        features,
        runner.config,
        history=history,
        registry=runner.step_registry,
        parallel_by=chosen.parallel_by,
    )
    if not any(unit.active for unit in units):
        return []
    if chosen.replay is not None:
        return _replayed(chosen, features, units)
    if chosen.shard is not None:
        units = shard_of(units, features, number=chosen.shard[0], count=chosen.shard[1])
    failed = {key.partition("::")[0] for key in history.failed}
    first = [
        number
        for number, feature in enumerate(features)
        if chosen.failed_first and feature.filename in failed
    ]
    return order_units(
        units,
        features,
        first=first,
        seed=seed,
        by_package=chosen.parallel_by == "package",
        as_given=workers == 1,
    )


def shard_of(
    units: Sequence[Unit], features: Sequence[FeatureFile], *, number: int, count: int
) -> list[Unit]:
    """Return the units of shard ``number`` of ``count``, balanced by their time.

    Greedily, longest first, to whoever has least. Equal times are ordered by
    file and place, so that every machine with the same features and the same
    history comes to the same shards.
    """
    ordered = sorted(
        units,
        key=lambda u: (-round(u.seconds, 3), features[u.feature].filename, u.places),
    )
    loads = [0.0] * count
    mine = []
    for unit in ordered:
        least = loads.index(min(loads))
        loads[least] += max(unit.seconds, 0.001)
        if least == number - 1:
            mine.append(unit)
    return mine


def failed_paths(history: History, *, within: Sequence[str]) -> list[str]:
    """Return ``file:line`` of what failed last time, below the given paths."""
    roots = [_place_of(path) for path in within]
    found = []
    for location in history.failed_locations:
        path, line = _place_of(location)
        if not path.exists():
            # Renamed or removed since: it cannot fail any more.
            continue
        if not roots or any(
            path.is_relative_to(root) and wanted in ("", line) for root, wanted in roots
        ):
            found.append(location)
    return sorted(set(found))


def _place_of(location: str) -> tuple[Path, str]:
    """Return file and line of ``file:line``; the line is empty without one."""
    head, colon, line = location.rpartition(":")
    if colon and line.isdecimal():
        return Path(head).resolve(), line
    return Path(location).resolve(), ""


def replayed_paths(path: Path, *, given: Sequence[str]) -> list[str]:
    """Return the feature files that a record names.

    Raises:
        UsageError: the file is no record, or paths are given beside it.

    """
    if given:
        raise UsageError(
            f"--replay {path} says what to run, and the paths {', '.join(given)} say "
            "so too. Next: leave the paths out."
        )
    return [fact.path for fact in _read(path).features]


def seed_of(path: Path) -> int | None:
    """Return the seed of a recorded run, None when its order was not random."""
    return _read(path).runs[0].seed


def _replayed(
    chosen: RunOptions, features: Sequence[FeatureFile], units: Sequence[Unit]
) -> list[Unit]:
    """Return what one worker had run, unit by unit, in its order."""
    assert chosen.replay is not None  # noqa: S101 - asked by the caller
    record = _read(chosen.replay)
    numbers = {feature.filename: number for number, feature in enumerate(features)}
    names = {fact.feature: numbers.get(fact.path) for fact in record.features}
    groups: list[tuple[int, list[int]]] = []
    ran = [
        scenario
        for scenario in record.scenarios
        # What was left out then has no tag or line to leave it out now.
        if scenario.worker == chosen.replay_worker and scenario.status != "skipped"
    ]
    for scenario in sorted(ran, key=lambda s: s.began):
        number = names[scenario.feature]
        if number is None:
            continue
        if groups and groups[-1][0] == number and scenario.place not in groups[-1][1]:
            groups[-1][1].append(scenario.place)
        else:
            groups.append((number, [scenario.place]))
    if not groups:
        workers = sorted({s.worker for s in record.scenarios})
        raise UsageError(
            f"{chosen.replay} has nothing that worker {chosen.replay_worker} ran. "
            f"Next: give --replay-worker one of {workers}."
        )
    known = {unit.feature for unit in units}
    return [
        Unit(feature=number, places=tuple(places), active=len(places))
        for number, places in groups
        if number in known
    ]


def _read(path: Path) -> RunRecord:
    if not path.exists():
        raise UsageError(
            f"There is no record at {path}, so nothing can be replayed. Next: write "
            f"one with `manage.py behave --events {path}`."
        )
    return read_record([path])
