"""What the watch for hazards costs: many small queries with it and without.

Both are measured in turn, many times in the same run, and compared pair by
pair, so that what else the machine does falls on both alike. Queries are those
of a suite: a row by its key, a count, an insert, a savepoint.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dancecoach.settings")

import django  # noqa: E402

django.setup()

from django.contrib.auth.models import Group  # noqa: E402
from django.db import transaction  # noqa: E402

from testing.conf import EngineSettings  # noqa: E402
from testing.hazard_watch import HazardWatch, watching  # noqa: E402
from testing.preparation import prepare, restore  # noqa: E402
from testing.workplace import enter, leave  # noqa: E402

# Statements of one turn of :func:`ask`: savepoint, insert, release, two reads.
STATEMENTS = 5


def ask(turns: int) -> float:
    """Send many small queries in a transaction; returns processor seconds.

    Only this process's own are counted: waiting for the server is the same
    either way, and longer than all else.
    """
    with transaction.atomic():
        began = time.process_time()
        for number in range(turns):
            with transaction.atomic():
                group = Group.objects.create(name=f"group {number}")
            Group.objects.get(pk=group.pk)
            Group.objects.filter(name__startswith="x").count()
        taken = time.process_time() - began
        transaction.set_rollback(True)
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--turns", type=int, default=200)
    given = parser.parse_args()
    plan = prepare(keepdb=False, verbosity=0)
    workplace = enter(plan, worker_id=1)
    watch = HazardWatch(EngineSettings())
    ratios, extra, wall = [], [], []
    try:
        ask(given.turns)
        for pair in range(given.pairs):
            times = {}
            # Which goes first changes from pair to pair.
            for is_on in (pair % 2 == 0, pair % 2 == 1):
                began = time.perf_counter()
                if is_on:
                    with watching(watch):
                        times[is_on] = ask(given.turns)
                else:
                    times[is_on] = ask(given.turns)
                wall.append(time.perf_counter() - began)
            ratios.append(times[True] / times[False])
            extra.append((times[True] - times[False]) / given.turns / STATEMENTS)
    finally:
        leave(workplace)
        restore(plan)
    per_statement = statistics.median(wall) / given.turns / STATEMENTS
    cost = statistics.median(extra)
    print(
        f"{given.pairs} pairs of {given.turns * STATEMENTS:,} statements; "
        f"a statement takes {per_statement * 1e6:.0f} µs in all.\n"
        f"The watch adds {cost * 1e6:.2f} µs to each, "
        f"{cost / per_statement:.2%} of that; processor time with and without: "
        f"ratio {statistics.median(ratios):.3f}."
    )


if __name__ == "__main__":
    main()
