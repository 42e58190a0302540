"""The engine of this project against other parallel runners of behave, in one run.

40 features of 5 scenarios; a scenario is one step that sleeps 50 ms. Nothing of
it needs Django or a database: what is measured is how well each runner keeps 4
workers busy. Ours leases, builds and resets a schema for each worker all the
same. Each round runs all contestants in turn.

All are measured by the same hand: the steps write down when they began and
ended. ``steps`` is from the first step's beginning to the last one's end, ideal
is 2.5 s; ``wall`` is the whole process, start-up and reports included; ``cpu`` is
the processor time of all its processes, without the database server's. behavex
and behave-pool come into a virtual environment of their own (`bench/peers.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import peers  # noqa: E402
from bench.machine import hold_server, machine  # noqa: E402
from bench.sleeping_project import SleepingProject  # noqa: E402

RESULTS = ROOT / "bench" / "results"
FEATURES, SCENARIOS, MILLISECONDS, WORKERS = 40, 5, 50, 4


@dataclass
class Contestant:
    name: str
    command: list[str]
    steps: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self, project: SleepingProject) -> None:
        """Run once; every step has to have run, once."""
        project.marks()
        cpu_before = children_cpu()
        began = time.monotonic()
        result = subprocess.run(
            self.command,
            cwd=project.folder,
            env=project.environment
            | {"DJANGO_SETTINGS_MODULE": "sleeping_settings", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
        )
        wall = time.monotonic() - began
        marks = project.marks()
        if result.returncode != 0 or len(marks) != FEATURES * SCENARIOS:
            sys.exit(
                f"{self.name} ran {len(marks)} steps, status {result.returncode}:\n"
                f"{result.stdout}\n{result.stderr}"
            )
        self.wall.append(wall)
        self.cpu.append(children_cpu() - cpu_before)
        self.steps.append(max(end for _, end in marks) - min(one for one, _ in marks))


def children_cpu() -> float:
    """Return the processor time of all processes that were started and have ended."""
    times = os.times()
    return times.children_user + times.children_system


def contestants(programs: Path, output: Path) -> list[Contestant]:
    """Return who takes part, each with the options that its own docs give."""
    manage = [sys.executable, str(ROOT / "manage.py"), "behave"]
    workers = str(WORKERS)
    return [
        Contestant(
            "ours", [*manage, "--format", "progress", "--parallel", workers, "features"]
        ),
        Contestant(
            "behave-pool",
            [str(programs / "behave-pool"), "--parallel", workers, "features/"],
        ),
        Contestant(
            "behavex",
            [
                str(programs / "behavex"), "features",
                "--parallel-processes", workers, "--parallel-scheme", "feature",
                "--output-folder", str(output),
            ],
        ),
    ]  # fmt: skip


def table(all_runs: list[Contestant], *, ideal: float) -> None:
    titles = f"{'steps':>9}{'min':>9}{'max':>9}{'of ideal':>10}{'wall':>9}{'cpu':>8}"
    print(f"\n{'':14}{titles}")
    for one in all_runs:
        median = statistics.median(one.steps)
        print(
            f"{one.name:14}{median:>8.2f}s{min(one.steps):>8.2f}s"
            f"{max(one.steps):>8.2f}s{median / ideal:>9.2f}x"
            f"{statistics.median(one.wall):>8.2f}s{statistics.median(one.cpu):>7.2f}s"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    facts = machine()
    print(f"Machine:  {facts}")
    programs = peers.programs()
    print(f"Server:   {hold_server()}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        lengths = [[MILLISECONDS] * SCENARIOS] * FEATURES
        project = SleepingProject(place / "project", lengths).write()
        ideal = project.seconds / WORKERS
        runs = contestants(programs, place / "behavex")
        # Ours makes its journal at the first run after a migration has changed.
        contestants(programs, place)[0].run(project)
        for number in range(options.rounds):
            for one in runs:
                one.run(project)
                print(
                    f"Round {number + 1}:  {one.name:14} steps {one.steps[-1]:6.2f}s"
                    f"  wall {one.wall[-1]:6.2f}s",
                    flush=True,
                )
    table(runs, ideal=ideal)
    RESULTS.mkdir(exist_ok=True)
    result = {
        "machine": facts,
        "packages": peers.packages(),
        "workers": WORKERS,
        "ideal": ideal,
        "seconds": {
            one.name: {"steps": one.steps, "wall": one.wall, "cpu": one.cpu}
            for one in runs
        },
    }
    path = RESULTS / "parallel_peers.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"\nIdeal {ideal:.2f}s on {WORKERS} workers; in {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
