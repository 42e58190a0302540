"""Running a command to its end, and what it took: time, processor time, memory.

Memory comes from /proc and is looked at several times a second while the command
runs, for the whole tree of its processes. Where there is no /proc it is left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import read

# Adding up the pages of a process stops it for a moment.
SECONDS_BETWEEN_LOOKS = 0.5
PROC = Path("/proc")


@dataclass
class Memory:
    """The most that was in use, in megabytes.

    ``total`` counts shared pages once (PSS); ``parent`` and ``child`` are the
    largest of each as the system keeps it (VmHWM), shared pages included.
    """

    total: float = 0.0
    parent: float = 0.0
    child: float = 0.0


@dataclass(frozen=True)
class Finished:
    """What a command took: seconds by the clock, of processors, and memory."""

    wall: float
    cpu: float
    memory: Memory
    status: int
    output: str
    errors: str

    @property
    def figures(self) -> dict[str, float]:
        """The figures for a row."""
        found = {"wall_s": self.wall, "cpu_s": self.cpu}
        return found | ({"peak_MB": self.memory.total} if self.memory.total else {})


def as_at_work(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with compiled modules kept, as they are where one works.

    Without that each process compiles the project's modules anew, on machines that
    are made to be thrown away.
    """
    return {k: v for k, v in environment.items() if k != "PYTHONDONTWRITEBYTECODE"}


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    statuses: tuple[int, ...] = (0,),
) -> Finished:
    """Run a command to its end and measure it.

    Ends the benchmark where the status is none of ``statuses``: what failed is
    no measurement.
    """
    before, began = children_cpu(), time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=as_at_work(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watch = Watch(process.pid)
    watch.start()
    output, errors = process.communicate()
    wall = time.perf_counter() - began
    watch.ended.set()
    watch.join()
    if process.returncode not in statuses:
        sys.exit(
            f"{' '.join(map(str, command))} ended with status {process.returncode}, "
            f"so there is nothing to measure:\n{output[-3000:]}\n{errors[-3000:]}"
        )
    return Finished(
        wall, children_cpu() - before, watch.memory, process.returncode, output, errors
    )


def children_cpu() -> float:
    """Return the processor time of all processes that were started and have ended."""
    times = os.times()
    return times.children_user + times.children_system


@dataclass
class Watch(threading.Thread):
    """Looks at the memory of a process and of all that come from it."""

    pid: int
    memory: Memory = field(default_factory=Memory)
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Look until the command has ended."""
        while PROC.is_dir() and not self.ended.wait(SECONDS_BETWEEN_LOOKS):
            self.look()

    def look(self) -> None:
        tree = descendants(self.pid)
        total = sum(kilobytes(pid, "smaps_rollup", "Pss") for pid in [self.pid, *tree])
        own = kilobytes(self.pid, "status", "VmHWM")
        largest = max((kilobytes(pid, "status", "VmHWM") for pid in tree), default=0)
        seen = self.memory
        seen.total = max(seen.total, total / 1024)
        seen.parent = max(seen.parent, own / 1024)
        seen.child = max(seen.child, largest / 1024)


def kilobytes(pid: int, file: str, name: str) -> int:
    """Return one line of a process's account of its memory."""
    found = re.search(rf"^{name}:\s+(\d+) kB", read(PROC / str(pid) / file), re.M)
    return int(found[1]) if found else 0


def descendants(pid: int) -> list[int]:
    """Return the processes that come from this one, at any distance."""
    found, waiting = [], [pid]
    while waiting:
        # Each thread has its own list of what it has started.
        tasks = (PROC / str(waiting.pop()) / "task").glob("*/children")
        children = [int(child) for path in tasks for child in read(path).split()]
        found += children
        waiting += children
    return found
