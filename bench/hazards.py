"""What the watch for hazards costs: many small queries with it and without.

Both are measured in turn, many times in the same run, and the shortest times are
compared: those that the machine did not disturb. Queries are those of a suite:
a row by its key, a count, an insert in a savepoint.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import timeit
from functools import partial
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
from testing.occupancy import enter, leave  # noqa: E402
from testing.preparation import prepare, restore  # noqa: E402


def ask(turns: int) -> dict[str, float]:
    """Send small queries in a transaction; returns the shortest time of each."""
    best: dict[str, float] = {}
    with transaction.atomic():
        for number in range(turns):
            began = time.perf_counter()
            with transaction.atomic():
                group = Group.objects.create(name=f"group {number}")
            created = time.perf_counter()
            Group.objects.get(pk=group.pk)
            got = time.perf_counter()
            Group.objects.filter(name__startswith="x").count()
            counted = time.perf_counter()
            merge(
                best,
                {
                    "insert in a savepoint": created - began,
                    "get": got - created,
                    "count": counted - got,
                },
            )
        transaction.set_rollback(True)
    return best


def merge(best: dict[str, float], times: dict[str, float]) -> None:
    """Keep the shorter time of each."""
    for name, seconds in times.items():
        best[name] = min(best.get(name, seconds), seconds)


def cost_alone(watch: HazardWatch) -> float:
    """Return what a look at a statement takes that was seen before, in seconds."""
    query = str(Group.objects.filter(pk=1).query)
    look = partial(watch.look, query, (), None)
    look()
    return min(timeit.repeat(look, number=1000, repeat=50)) / 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--turns", type=int, default=20)
    given = parser.parse_args()
    plan = prepare(keepdb=False, verbosity=0)
    workplace = enter(plan, worker_id=1)
    watch = HazardWatch(EngineSettings())
    best: dict[bool, dict[str, float]] = {True: {}, False: {}}
    try:
        ask(given.turns)
        for pair in range(given.pairs):
            # Which goes first changes from pair to pair.
            for is_on in (pair % 2 == 0, pair % 2 == 1):
                if is_on:
                    with watching(watch):
                        merge(best[True], ask(given.turns))
                else:
                    merge(best[False], ask(given.turns))
    finally:
        leave(workplace)
        restore(plan)
    print(
        f"Shortest of {given.pairs * given.turns:,} each, without and with the watch:"
    )
    for name, seconds in best[False].items():
        print(f"{name:>24}  {seconds * 1e6:6.1f} µs  {best[True][name] * 1e6:6.1f} µs")
    ratio = sum(best[True].values()) / sum(best[False].values())
    print(f"{'ratio of the sums':>24}  {ratio:.3f}")
    alone = cost_alone(watch)
    share = alone / min(best[False].values())
    print(
        f"{'the watch alone':>24}  {alone * 1e6:6.2f} µs, {share:.2%} of the shortest"
    )


if __name__ == "__main__":
    main()
