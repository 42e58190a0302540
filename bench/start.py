"""How long it takes until workers have their schemas, cold and warm.

Cold: no journal and no schema are there, the migrations run for real. Warm: an
earlier run has kept its schemas (``--keepdb``) and nothing has changed. Counted
from the moment at which Django is set up: ``plan`` is the parent's part,
``first`` and ``last`` are when the first and the last worker can run a test.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.machine import hold_server, machine  # noqa: E402

# Content types, permissions, groups and users take the others.
DJANGO_TABLES = 9
MODELS = """
from django.db import models

for number in range({count}):
    name = f"Model{{number}}"
    parent = f"Model{{max(number - 1, 0)}}"
    globals()[name] = type(
        name,
        (models.Model,),
        {{
            "__module__": __name__,
            "code": models.CharField(max_length=20, unique=True),
            "note": models.TextField(),
            "parent": models.ForeignKey(parent, models.CASCADE, null=True),
        }},
    )
"""
SETTINGS = """
from dancecoach import settings

DATABASES = settings.DATABASES
BASE_DIR = settings.BASE_DIR
SECRET_KEY = "bench"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes", "django.contrib.auth", "testing", "made_up"
]
TESTING = {{"SLOT_PREFIX": "bench_start", "CACHE_DIR": {cache!r}}}
"""


def work(plan, worker_id: int, began: float, pipe) -> None:
    """Be a worker: move in, say when, and wait for the end."""
    from testing.occupancy import enter, leave

    workplace = enter(plan, worker_id=worker_id)
    pipe.send((time.monotonic() - began, workplace.builds[0].way))
    pipe.recv()
    leave(workplace)


def child(workers: int, *, keepdb: bool) -> None:
    """Start as a run would, and print the seconds of plan, first and last."""
    import django

    django.setup()
    # A run has loaded this before it forks; its workers do not.
    import testing.occupancy  # noqa: F401
    from testing.preparation import prepare, restore

    context = multiprocessing.get_context("fork")
    began = time.monotonic()
    plan = prepare(keepdb=keepdb, verbosity=0, workers=workers)
    planned = time.monotonic() - began
    team = []
    for worker_id in range(1, workers + 1):
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(plan, worker_id, began, theirs))
        process.start()
        team.append((process, ours))
    answers = [pipe.recv() for _, pipe in team]
    for process, pipe in team:
        pipe.send("end")
        process.join()
    restore(plan)
    moments = [moment for moment, _ in answers]
    ways = "+".join(sorted({way for _, way in answers}))
    print(planned, min(moments), max(moments), ways)


def start(place: Path, *, workers: int, keepdb: bool) -> tuple[list[float], str]:
    """Run a child; returns its seconds, and how the schemas came to be."""
    arguments = ["--child", str(workers)] + ["--keepdb"] * keepdb
    done = subprocess.run(
        [sys.executable, __file__, *arguments],
        env={
            **os.environ,
            "PYTHONPATH": f"{place}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "bench_start_settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    *seconds, ways = done.stdout.split()
    return [float(one) for one in seconds], ways


def measure(tables: int, workers: int, *, rounds: int) -> None:
    """Print a line for the cold start, and one for the warm start."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        cache = place / "cache"
        (place / "made_up").mkdir()
        (place / "made_up" / "__init__.py").touch()
        count = max(tables - DJANGO_TABLES, 1)
        (place / "made_up" / "models.py").write_text(MODELS.format(count=count))
        text = SETTINGS.format(cache=str(cache))
        (place / "bench_start_settings.py").write_text(text)
        for name in ("cold", "warm"):
            keepdb = name == "warm"
            if keepdb:
                start(place, workers=workers, keepdb=True)
            samples = []
            for _ in range(rounds):
                if not keepdb:
                    for journal in cache.rglob("journal-*"):
                        journal.unlink()
                seconds, ways = start(place, workers=workers, keepdb=keepdb)
                samples.append(seconds)
            columns = [
                statistics.median(column) for column in zip(*samples, strict=True)
            ]
            best = min(last for *_, last in samples)
            figures = " ".join(f"{figure:8.3f}" for figure in columns)
            print(f"{name:5} {tables:6} {workers:7} {figures} {best:9.3f}  {ways}")
        start(place, workers=workers, keepdb=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, nargs="*", default=[10, 60, 200])
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4, 8])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--keepdb", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, keepdb=options.keepdb)
        return
    os.chdir(ROOT)
    print(hold_server())
    print(machine())
    print(
        f"{'':5} tables workers {'plan':>8} {'first':>8} {'last':>8} {'best last':>9}"
    )
    for tables in options.tables:
        for workers in options.workers:
            measure(tables, workers, rounds=options.rounds)


if __name__ == "__main__":
    main()
