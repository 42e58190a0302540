"""The whole suite again and again under bad luck, for a bounded time.

Each round draws what happens: a run in random order, workers killed at random
moments, a first Ctrl-C, the parent killed, two runs at once, or the server
restarted in the middle. After each round the promises are checked:

- every selected scenario has exactly one final result, and none is lost;
- the exit code is the one the documentation gives;
- no worker process, no leased or unfinished schema and no folder is left.

Memory of the parent is looked at in one process that runs the suite many times.
The seed is printed; with the same seed the same things happen, at other moments.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dancecoach.settings")

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402

from bench.soaked_run import Broken, Run, resident  # noqa: E402
from testing.bdd.record import RunRecord  # noqa: E402
from testing.database import connect, test_database_name  # noqa: E402
from testing.embedded import EmbeddedServer  # noqa: E402
from testing.marks import LASTING, Mark  # noqa: E402

# How long workers may go on after their parent's death, in seconds.
LONGEST_FAREWELL = 10.0


class Soak:
    def __init__(self, *, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.counts: Counter[str] = Counter()
        self.seconds: list[float] = []

    def start(self, *arguments: str) -> Run:
        seed = str(self.chance.randrange(10**6))
        return Run(self.folder, "--random", seed, *arguments)

    def rounds(self) -> dict[str, Callable[[], None]]:
        return {
            "random order": self.plain,
            "workers killed": self.kill_workers,
            "interrupted": self.interrupt,
            "parent killed": self.kill_parent,
            "two at once": self.two_at_once,
            "server restarted": self.restart_server,
        }

    def plain(self) -> None:
        run = self.start()
        began = time.monotonic()
        expect_green(run)
        self.seconds.append(time.monotonic() - began)

    def kill_workers(self) -> None:
        run = self.start()
        run.wait_until_begun()
        for _ in range(self.chance.randint(1, 3)):
            time.sleep(self.chance.uniform(0, 2))
            if workers := run.workers():
                os.kill(self.chance.choice(workers), signal.SIGKILL)
        status = run.wait()
        record = run.record()
        expect_complete(record, run)
        failed = [s for s in record.final_scenarios() if s.has_failed]
        # A scenario may be hit twice; then it is an error, and said to be one. So
        # is a worker that dies between two units: nobody ran its last hooks.
        between = [loss for loss in record.losses if loss.place is None]
        if bool(failed) > (status == 1) or (status == 1) > bool(failed or between):
            raise Broken(f"status {status} with {len(failed)} failures\n{run.tail()}")

    def interrupt(self) -> None:
        run = self.start()
        run.wait_until_begun()
        time.sleep(self.chance.uniform(0, 2))
        run.process.send_signal(signal.SIGINT)
        status = run.wait()
        if status not in (0, 130):
            raise Broken(f"status {status} after Ctrl-C\n{run.tail()}")
        if not run.record().ends:
            raise Broken(f"no end in the record after Ctrl-C\n{run.tail()}")

    def kill_parent(self) -> None:
        run = self.start()
        run.wait_until_begun()
        time.sleep(self.chance.uniform(0, 2))
        workers = run.workers()
        run.process.kill()
        run.process.wait()
        deadline = time.monotonic() + LONGEST_FAREWELL
        while any(Path(f"/proc/{number}").exists() for number in workers):
            if time.monotonic() > deadline:
                raise Broken(f"workers {workers} go on without their parent")
            time.sleep(0.05)
        # The next run drops what this one left.
        self.plain()

    def two_at_once(self) -> None:
        for run in [self.start(), self.start()]:
            expect_green(run)

    def restart_server(self) -> None:
        """Restart the server; the run may fail, must not hang, and says so."""
        server = EmbeddedServer(Path(connection.settings_dict["EMBEDDED"]["folder"]))
        run = self.start()
        run.wait_until_begun()
        time.sleep(self.chance.uniform(0, 2))
        if run.process.poll() is None:
            restart = ["pg_ctl", "restart", "--wait", "--silent", "--mode=fast"]
            # Else a worker that starts meanwhile is quicker, and pg_ctl waits in vain
            # for the end of the server that this worker has started.
            with server._starting():
                server._run(
                    [*restart, f"--log={server.log}", f"--pgdata={server.data}"]
                )
        status = run.wait()
        if status not in (0, 1, 2):
            raise Broken(f"status {status} after a restart\n{run.tail()}")
        self.plain()


def expect_green(run: Run) -> None:
    status = run.wait()
    if status != 0:
        raise Broken(f"status {status} of a plain run\n{run.tail()}")
    expect_complete(run.record(), run)


def expect_complete(record: RunRecord, run: Run) -> None:
    """Every selected scenario has one final result."""
    places = Counter(
        (s.feature, s.place)
        for s in record.scenarios
        if s.is_final and s.status not in ("skipped", "untested")
    )
    selected = record.runs[0].selected
    if len(places) != selected or set(places.values()) != {1}:
        twice = [place for place, count in places.items() if count > 1]
        raise Broken(
            f"{len(places)} of {selected} scenarios have a result, {twice} have two\n"
            f"{run.tail()}"
        )


def leftovers() -> list[str]:
    """Return schemas that nobody may have left, and folders of workers."""
    database = test_database_name(connection)
    with connect(connection, database=database) as session:
        rows = session.execute(
            "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace"
            " WHERE obj_description(oid, 'pg_namespace') IS NOT NULL"
        ).fetchall()
    marks = {name: Mark.parse(comment) for name, comment in rows}
    found = [n for n, mark in marks.items() if mark and mark.state not in LASTING]
    temporary = Path(tempfile.gettempdir())
    return found + [str(path) for path in temporary.glob("schema-testing-*")]


def parents_memory(folder: Path, *, repeats: int) -> list[int]:
    """Return the parent's resident memory after each of so many runs, in KiB."""
    run = Run(folder, "--repeat", str(repeats))
    sizes: list[int] = []
    seen = 0
    while run.process.poll() is None:
        run.output.flush()
        done = Path(f"/proc/{os.getpid()}/fd/{run.output.fileno()}").read_bytes()
        finished = len(re.findall(rb"^Run \d+/\d+ passed", done, re.MULTILINE))
        if finished > seen:
            seen = finished
            sizes.append(resident(run.process.pid))
        time.sleep(0.02)
    if run.wait() != 0:
        raise Broken(f"--repeat was not green\n{run.tail()}")
    return [size for size in sizes if size]


def catalog_rows() -> int:
    with connect(connection, database=test_database_name(connection)) as session:
        row = session.execute("SELECT count(*) FROM pg_class").fetchone()
    return int(row[0]) if row else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--repeats", type=int, default=8, help="runs for the memory")
    chosen = parser.parse_args()
    print(f"Soak of {chosen.minutes:g} minutes, seed {chosen.seed}")
    ends = time.monotonic() + 60 * chosen.minutes
    # Holds the server for the whole soak, whoever else comes and goes.
    connection.ensure_connection()
    connection.close()
    with tempfile.TemporaryDirectory(prefix="soak-") as place:
        # Folders of workers are looked for here: other runs have some beside it.
        os.environ["TMPDIR"] = tempfile.tempdir = place
        soak = Soak(seed=chosen.seed, folder=Path(place))
        soak.plain()
        rows_before = catalog_rows()
        names: list[str] = []
        while time.monotonic() < ends:
            # Everything once before anything twice.
            names = names or soak.chance.sample(list(soak.rounds()), len(soak.rounds()))
            name = names.pop()
            try:
                soak.rounds()[name]()
                if left := leftovers():
                    raise Broken(f"left behind: {', '.join(left)}")
            except Broken as error:
                sys.exit(f"Broken in round {soak.counts.total() + 1}, {name}: {error}")
            soak.counts[name] += 1
            print(f"{soak.counts.total():4} {name}", flush=True)
        memory = parents_memory(Path(place), repeats=chosen.repeats)
    report(soak, memory=memory, rows=(rows_before, catalog_rows()))


def report(soak: Soak, *, memory: list[int], rows: tuple[int, int]) -> None:
    print("\nround               times")
    for name, times in sorted(soak.counts.items()):
        print(f"{name:19} {times:5}")
    third = max(len(soak.seconds) // 3, 1)
    first = statistics.median(soak.seconds[:third])
    last = statistics.median(soak.seconds[-third:])
    print(f"\nseconds of a plain run: first third {first:.1f}, last third {last:.1f}")
    print(f"rows of pg_class: {rows[0]} before, {rows[1]} after")
    growth = 100 * (memory[-1] / memory[1] - 1) if len(memory) > 2 else 0.0
    sizes = ", ".join(f"{size / 1024:.0f}" for size in memory)
    print(
        f"parent's MiB after each repeated run: {sizes} ({growth:+.1f} % from the 2nd)"
    )
    print("Nothing was lost, nothing was left.")


if __name__ == "__main__":
    main()
