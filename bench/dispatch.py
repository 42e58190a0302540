"""What it costs to hand out a unit: idle time of workers, CPU time of the parent.

- ``gap``: from a worker's end of one unit to its beginning of the next one, by
  its own clock. Resets belong to the unit before; everything else is in it: the
  answer's way to the parent, what the parent does, the next unit's way back.
- ``floor``: the same gap in a crew that does nothing: as many bare processes,
  the same pauses, an empty message there and back over a pipe. It is what this
  machine takes for waking up two processes, as busy as it is at the moment.
- ``parent``: CPU time of the parent for each unit, between the first feature
  that it replays into a formatter and the last: records, console, formatters.

Bar: a gap of 1 ms at most, with workers up to the number of processors, and
with 4 workers on 2.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from behave.formatter.base import Formatter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.machine import hold_server, machine  # noqa: E402
from bench.sleeping_project import SleepingProject  # noqa: E402
from testing.bdd.record_file import read_record  # noqa: E402

RESULTS = ROOT / "bench" / "results"


class ParentClock(Formatter):
    """Writes the CPU time of the process that formats, for each feature."""

    name = "parent-clock"

    def __init__(self, stream_opener: Any, config: Any) -> None:
        super().__init__(stream_opener, config)
        self.began = 0.0
        self.features = -1

    def uri(self, uri: str) -> None:  # noqa: ARG002 - named by behave
        if self.features < 0:
            self.began = time.process_time()
        self.features += 1

    def close(self) -> None:
        self.stream = self.open()
        self.stream.write(str((time.process_time() - self.began) / self.features))
        self.close_stream()


@dataclass
class Figures:
    """Milliseconds of one run: of each gap, of each gap at the floor, of the parent."""

    what: str
    workers: int
    gaps: list[float]
    floor: list[float]
    parent: float

    @property
    def line(self) -> str:
        """A row of the table."""
        gaps = sorted(self.gaps)
        return (
            f"{self.what:28}{self.workers:>8}{statistics.median(gaps):>9.2f}"
            f"{gaps[len(gaps) * 9 // 10]:>9.2f}{statistics.median(self.floor):>9.2f}"
            f"{self.parent:>9.2f}"
        )


def measure(what: str, project: SleepingProject, *, workers: int) -> Figures:
    """Run the project's features, then the floor with the same pauses."""
    events, clock = project.folder / "events.jsonl", project.folder / "clock"
    command = [sys.executable, "manage.py", "behave", "--parallel", str(workers)]
    command += ["--events", str(events), "--format", "bench.dispatch:ParentClock"]
    result = subprocess.run(
        [*command, "--outfile", str(clock), str(project.features)],
        cwd=ROOT,
        env=project.environment | {"DJANGO_SETTINGS_MODULE": "sleeping_settings"},
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        sys.exit(f"{what} was not green:\n{result.stdout}\n{result.stderr}")
    spans: dict[int, list[tuple[float, float]]] = {}
    for unit in read_record([events]).units:
        spans.setdefault(unit.worker, []).append((unit.began, unit.seconds))
    gaps = [
        1000 * (following[0] - began - seconds)
        for one in spans.values()
        for (began, seconds), following in pairwise(sorted(one))
    ]
    pause = project.seconds / len(project.lengths)
    rounds = len(project.lengths) // workers
    return Figures(
        what,
        workers,
        gaps,
        floor_gaps(workers=workers, pause=pause, rounds=rounds),
        1000 * float(clock.read_text()),
    )


def floor_gaps(*, workers: int, pause: float, rounds: int) -> list[float]:
    """Return the gaps, in milliseconds, of a crew that does nothing."""
    context = multiprocessing.get_context("fork")
    pipes = []
    for _ in range(workers):
        ours, theirs = context.Pipe()
        context.Process(target=idle, args=(theirs, pause, rounds), daemon=True).start()
        theirs.close()
        pipes.append(ours)
    gaps: list[float] = []
    while pipes:
        for pipe in wait(pipes):
            message = pipe.recv()
            if message is None:
                pipe.send(None)
            else:
                gaps += message
                pipes.remove(pipe)
    return gaps


def idle(pipe: Any, pause: float, rounds: int) -> None:
    """Pause, ask for more, and at the end send how long the answers took."""
    gaps = []
    for _ in range(rounds):
        time.sleep(pause)
        began = time.monotonic()
        pipe.send(None)
        pipe.recv()
        gaps.append(1000 * (time.monotonic() - began))
    pipe.send(gaps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--small", type=int, default=1000, metavar="FEATURES")
    options = parser.parse_args()
    facts = machine()
    print(f"Machine:  {facts}\nServer:   {hold_server()}\n")
    print(f"{'milliseconds':28}{'workers':>8}{'gap':>9}{'9 of 10':>9}", end="")
    print(f"{'floor':>9}{'parent':>9}")
    found = []
    processors = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        projects = {
            "40 features, 5 x 50 ms": [[50] * 5] * 40,
            f"{options.small} features, 1 x 1 ms": [[1]] * options.small,
        }
        for number, (what, lengths) in enumerate(projects.items()):
            project = SleepingProject(Path(folder) / str(number), lengths).write()
            for workers in sorted({1, processors, 4}) * options.rounds:
                found.append(measure(what, project, workers=workers))
                print(found[-1].line, flush=True)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "dispatch.json"
    content = {"machine": facts, "runs": [vars(one) for one in found]}
    path.write_text(json.dumps(content) + "\n")
    print(f"\nEvery gap is in {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
