"""Records of several machines, put together as one run.

Workers are numbered through: those of the second shard come after those of the
first. Times stay what they were, seconds since the beginning of the own shard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from testing.bdd.record import FeatureFact, RunRecord
from testing.bdd.record_file import read_record
from testing.bdd.scenario_fact import ScenarioFact
from testing.errors import UsageError

__all__ = ["MergedRun", "merge_shards", "run_of_worker"]

NOT_RUN = ("skipped", "untested")


@dataclass(frozen=True)
class MergedRun:
    """A record made of several, and what is missing in it."""

    record: RunRecord
    missing: list[str]
    unfinished: list[Path]


def run_of_worker(record: RunRecord, worker: int) -> int:
    """Return the place in ``record.runs`` of the run that a worker belongs to."""
    last = 0
    for index, run in enumerate(record.runs):
        last += run.workers
        if worker <= last:
            return index
    return len(record.runs) - 1


def merge_shards(paths: Sequence[Path]) -> MergedRun:
    """Read records and put them together, whatever order they are given in.

    Raises:
        UsageError: they do not belong together; the message names two of them.

    """
    parts = [(path, read_record([path])) for path in paths]
    parts.sort(key=lambda part: _shard_numbers(part[1]))
    missing = _refuse_wrong_shards(parts)
    _refuse_other_sources(parts)
    _refuse_repetitions(parts)
    numbers = _number_features(record for _, record in parts)
    merged = RunRecord()
    for fact in sorted(_features(parts), key=lambda fact: numbers[fact.path]):
        merged.add(replace(fact, feature=numbers[fact.path]))
    ran = {
        _key(fact)
        for _, record in parts
        for fact in record.scenarios
        if fact.status not in NOT_RUN
    }
    taken: set[tuple[str, int]] = set()
    for _, record in parts:
        _take(merged, record, numbers=numbers, ran=ran, taken=taken)
    unfinished = [path for path, part in parts if len(part.ends) < len(part.runs)]
    return MergedRun(merged, missing, unfinished)


def _shard_numbers(record: RunRecord) -> tuple[int, ...]:
    shard = record.runs[0].shard
    return tuple(int(part) for part in shard.split("/")) if shard else (0,)


def _refuse_wrong_shards(parts: list[tuple[Path, RunRecord]]) -> list[str]:
    """Compare what the runs say about themselves; returns the missing shards."""
    seen: dict[str, Path] = {}
    sizes: dict[str, Path] = {}
    for path, record in parts:
        for run in record.runs:
            # Runs without --shard are told apart by when and where they began.
            name = run.shard or f"run of {run.started} on {run.host}"
            if name in seen:
                raise UsageError(
                    f"{seen[name]} and {path} both hold shard {name}, so its scenarios "
                    "would count twice. Next: name each shard once."
                )
            seen[name] = path
            sizes.setdefault(run.shard.partition("/")[2], path)
    if len(sizes) > 1:
        (one, first), (other, second) = list(sizes.items())[:2]
        raise UsageError(
            f"{first} is {_of(one)} and {second} is {_of(other)}, so they are not "
            "parts of one run. Next: name the records of one run alone."
        )
    size = int(next(iter(sizes)) or 0)
    wanted = [f"{index}/{size}" for index in range(1, size + 1)]
    return [shard for shard in wanted if shard not in seen]


def _of(size: str) -> str:
    return f"one of {size} shards" if size else "a run without --shard"


def _refuse_other_sources(parts: list[tuple[Path, RunRecord]]) -> None:
    known: dict[str, tuple[Path, FeatureFact]] = {}
    for path, record in parts:
        for fact in record.features:
            first, twin = known.setdefault(fact.path, (path, fact))
            if twin.source != fact.source:
                raise UsageError(
                    f"{first} and {path} hold different texts of {fact.path}, so their "
                    "scenarios cannot be told to be the same. Next: run all shards "
                    "on one commit."
                )


def _refuse_repetitions(parts: list[tuple[Path, RunRecord]]) -> None:
    ran: dict[tuple[str, int], Path] = {}
    for path, record in parts:
        for fact in record.scenarios:
            if fact.status in NOT_RUN:
                continue
            first = ran.setdefault(_key(fact), path)
            if first is not path:
                raise UsageError(
                    f"{first} and {path} both ran {fact.location}, so it would count "
                    "twice: the shards were not cut by the same recorded times, or "
                    "are not of one run. Next: run all shards with the same history."
                )


def _features(parts: list[tuple[Path, RunRecord]]) -> Iterable[FeatureFact]:
    return {fact.path: fact for _, record in parts for fact in record.features}.values()


def _number_features(records: Iterable[RunRecord]) -> dict[str, int]:
    """Give each feature file its place in behave's order: files before folders."""
    paths = {fact.path for record in records for fact in record.features}

    def behave_order(path: str) -> list[tuple[int, str]]:
        *folders, name = PurePath(path).parts
        return [*((1, folder) for folder in folders), (0, name)]

    return {path: index for index, path in enumerate(sorted(paths, key=behave_order))}


def _key(fact: ScenarioFact) -> tuple[str, int]:
    """Return what tells a scenario from all others, on every machine."""
    return fact.path, fact.place


def _take(
    merged: RunRecord,
    record: RunRecord,
    *,
    numbers: dict[str, int],
    ran: set[tuple[str, int]],
    taken: set[tuple[str, int]],
) -> None:
    """Add one shard's facts under the merged run's numbers.

    A scenario that another shard ran is left out where it was only skipped.
    """
    ahead = sum(run.workers for run in merged.runs)
    feature = {fact.feature: numbers[fact.path] for fact in record.features}
    merged.runs += record.runs
    for worker in record.workers:
        merged.add(replace(worker, worker=worker.worker + ahead))
    for fact in record.scenarios:
        key = _key(fact)
        if fact.status in NOT_RUN and (key in ran or key in taken):
            continue
        taken.add(key)
        merged.add(
            replace(fact, feature=feature[fact.feature], worker=fact.worker + ahead)
        )
    for unit in record.units:
        merged.add(
            replace(unit, feature=feature[unit.feature], worker=unit.worker + ahead)
        )
    for lost in record.losses:
        number = None if lost.feature is None else feature[lost.feature]
        merged.add(replace(lost, feature=number, worker=lost.worker + ahead))
    for end in record.ends:
        bill = {str(int(name) + ahead): parts for name, parts in end.bill.items()}
        merged.add(replace(end, bill=bill))
