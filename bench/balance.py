"""How evenly units are spread: over workers without a history, and over two shards.

Measured on this project's own features and on made-up ones of very uneven
lengths. Each round runs without a history, then with the one that has just been
learned, then both halves of ``--shard``. Three figures stand for a run:

- ``steps``: seconds from the first unit's beginning to the last one's end;
- ``work``: seconds of all units together;
- ``plan``: the same run on paper, its units started in the same order and each
  taking what the history says. Nothing that disturbs the machine disturbs it.

Bars: the first run without a history within 15 % of the one with it; two shards
within 10 % of each other, as predicted and as it came.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.machine import hold_server, machine  # noqa: E402
from bench.sleeping_project import SleepingProject  # noqa: E402
from testing.bdd.history import History, key_of  # noqa: E402
from testing.bdd.record import RunRecord, UnitFact  # noqa: E402
from testing.bdd.record_file import read_record  # noqa: E402
from testing.errors import EXIT_FAILED, EXIT_PASSED  # noqa: E402

RESULTS = ROOT / "bench" / "results"
# The project's own settings, with a history and schemas of the benchmark's own.
OWN_SETTINGS = """
from dancecoach.settings import *
TESTING = TESTING | {{"CACHE_DIR": {cache!r}, "SLOT_PREFIX": "balance"}}
"""


@dataclass
class Suite:
    """Features, and what running them in one way or another gave."""

    name: str
    settings: str
    features: Path
    cache: Path
    environment: dict[str, str]
    steps: dict[str, list[float]] = field(default_factory=dict)
    work: dict[str, list[float]] = field(default_factory=dict)
    plan: dict[str, list[float]] = field(default_factory=dict)

    @property
    def history(self) -> Path:
        return self.cache / "history.json"

    def run(self, way: str, *options: str, workers: int) -> RunRecord:
        """Run once, and note the figures under the name of the way.

        Some of the project's scenarios want ten answers within a second, which a
        machine with too much to do cannot give; what failed took its time, too.
        """
        events = self.cache / "events.jsonl"
        command = [sys.executable, "manage.py", "behave", "--parallel", str(workers)]
        command += ["--format", "progress", "--tags", "not @browser"]
        result = subprocess.run(
            [*command, "--events", str(events), *options, str(self.features)],
            cwd=ROOT,
            env=self.environment | {"DJANGO_SETTINGS_MODULE": self.settings},
            capture_output=True,
            text=True,
        )
        if result.returncode not in (EXIT_PASSED, EXIT_FAILED):
            sys.exit(f"{self.name} did not run:\n{result.stdout}\n{result.stderr}")
        record = read_record([events])
        failed = sum(one.has_failed for one in record.final_scenarios())
        units = record.units
        first = min(unit.began for unit in units)
        last = max(unit.began + unit.seconds for unit in units)
        self.steps.setdefault(way, []).append(last - first)
        self.work.setdefault(way, []).append(sum(unit.seconds for unit in units))
        note = f"  ({failed} failed)" if failed else ""
        print(f"{self.name:10} {way:12} steps {last - first:7.2f}s{note}", flush=True)
        return record

    def measure(self, *, rounds: int, workers: int) -> None:
        """Run every way in turn, round by round."""
        self.run("warm-up", workers=workers)
        for number in range(rounds):
            self.history.unlink(missing_ok=True)
            first = self.run("no history", workers=workers)
            second = self.run("history", workers=workers)
            history = History.load(self.history)
            self._plan("no history", first, history, workers=workers)
            self._plan("history", second, history, workers=workers)
            # Who goes first changes, so that a machine that slows down is fair.
            for shard in ("1/2", "2/2") if number % 2 else ("2/2", "1/2"):
                record = self.run(shard, "--shard", shard, workers=workers)
                self._plan(shard, record, history, workers=workers)

    def _plan(
        self, way: str, record: RunRecord, history: History, *, workers: int
    ) -> None:
        seconds = [
            predicted(unit, record, history)
            for unit in sorted(record.units, key=lambda unit: unit.began)
        ]
        if "/" in way:
            # A shard is cut by the time of its units, whoever runs them.
            self.plan.setdefault(way, []).append(sum(seconds))
        else:
            self.plan.setdefault(way, []).append(makespan(seconds, workers=workers))

    def rows(self) -> list[tuple[str, float, float, float]]:
        """Return the ratios as rows: what, in the plan, of steps, of work."""

        def ratio(figures: dict[str, list[float]], one: str, other: str) -> float:
            return statistics.median(figures[one]) / statistics.median(figures[other])

        ways = [("no history", "history"), ("1/2", "2/2")]
        return [
            (
                f"{self.name}: {one} to {other}",
                ratio(self.plan, one, other),
                ratio(self.steps, one, other),
                ratio(self.work, one, other),
            )
            for one, other in ways
        ]


def predicted(unit: UnitFact, record: RunRecord, history: History) -> float:
    """Return how long the history says that a unit takes.

    A scenario that has never passed takes what it took here.
    """
    return sum(
        statistics.median(
            history.scenarios.get(key_of(path=one.path, name=one.name), [one.seconds])
        )
        for one in record.final_scenarios()
        if one.feature == unit.feature
        and one.place in unit.places
        and one.status not in ("skipped", "untested")
    )


def makespan(seconds: list[float], *, workers: int) -> float:
    """Return when the last of these ends, each given to whoever is free first."""
    free = [0.0] * workers
    for one in seconds:
        heapq.heapreplace(free, free[0] + one)
    return max(free)


def own_suite(place: Path) -> Suite:
    settings = OWN_SETTINGS.format(cache=str(place))
    (place / "balance_settings.py").write_text(settings)
    project = SleepingProject(place, [])
    return Suite(
        "own", "balance_settings", ROOT / "features", place, project.environment
    )


def uneven_suite(place: Path, *, seed: int) -> Suite:
    """Make 40 features of 1 to 9 scenarios, from 2 ms to a second each."""
    generator = random.Random(seed)
    lengths = [
        [
            min(max(int(generator.lognormvariate(3.2, 1.2)), 2), 1000)
            for _ in range(generator.randint(1, 9))
        ]
        for _ in range(40)
    ]
    project = SleepingProject(place, lengths).write()
    cache = place / ".testing"
    return Suite(
        "uneven", "sleeping_settings", project.features, cache, project.environment
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("own", "uneven"))
    options = parser.parse_args()
    facts = machine()
    print(f"Machine:  {facts}\nServer:   {hold_server()}")
    with tempfile.TemporaryDirectory() as folder:
        suites = []
        for name in ("own", "uneven"):
            place = Path(folder) / name
            place.mkdir()
            if options.only in (None, name):
                suites.append(
                    own_suite(place)
                    if name == "own"
                    else uneven_suite(place, seed=options.seed)
                )
        for suite in suites:
            suite.measure(rounds=options.rounds, workers=options.workers)
    print(f"\n{'ratio of medians':34}{'plan':>8}{'steps':>8}{'work':>8}")
    for suite in suites:
        for what, *ratios in suite.rows():
            print(f"{what:34}" + "".join(f"{ratio:>8.3f}" for ratio in ratios))
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "balance.json"
    figures = {
        one.name: {"steps": one.steps, "work": one.work, "plan": one.plan}
        for one in suites
    }
    content = {"machine": facts, "workers": options.workers, "suites": figures}
    path.write_text(json.dumps(content, indent=2) + "\n")
    print(f"\nOn {options.workers} workers; in {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
