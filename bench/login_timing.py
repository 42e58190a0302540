"""Compare how long a sign-in takes that fails for one reason or another.

`python bench/login_timing.py`: name and password travel as they do in service,
with the password hasher of the service. Failures alternate, so that whatever
else the machine does meets all kinds alike.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.service import PASSWORD, drop, prepare, running

KINDS = ("wrong password", "unknown user", "inactive user", "deleted user")
# Shuffled so often, medians of halves differ by chance as much as those of kinds.
SHUFFLES = 500


def names(count):
    """Make accounts of each kind, each used once: nobody is locked out."""
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from users.models import User

    # One hash for all; making one takes as long as a sign-in.
    encoded, now = make_password(PASSWORD), timezone.now()
    found = {kind: [f"{kind[:4]}{n}".strip() for n in range(count)] for kind in KINDS}
    fields = {
        "wrong password": {},
        "inactive user": {"is_active": False},
        "deleted user": {"deleted_at": now},
    }
    User.objects.bulk_create(
        User(username=name, password=encoded, **fields[kind])
        for kind, listed in found.items()
        if kind in fields
        for name in listed
    )
    return found


def measure(service, found):
    """Return the milliseconds of each failure, by kind."""
    took = {kind: [] for kind in KINDS}
    order = [(kind, name) for kind, listed in found.items() for name in listed]
    random.Random(7).shuffle(order)
    for kind, name in order:
        password = "wrong horse 9" if kind == "wrong password" else PASSWORD
        began = time.perf_counter()
        answer = service.ask(
            "POST",
            "/api/v1/auth/login",
            json={"username": name, "password": password},
        )
        took[kind].append((time.perf_counter() - began) * 1000)
        if answer.status != 401:
            sys.exit(f"{kind}: {answer.status} {answer.data!r}")
    return took


def chance(first, second):
    """Return how often shuffled halves differ in their medians as much as these."""
    both = first + second
    distance = abs(statistics.median(first) - statistics.median(second))
    dice = random.Random(7)
    hits = 0
    for _ in range(SHUFFLES):
        dice.shuffle(both)
        left, right = both[: len(first)], both[len(first) :]
        hits += abs(statistics.median(left) - statistics.median(right)) >= distance
    return hits / SHUFFLES


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="of each kind")
    count = parser.parse_args().count
    database = prepare()
    try:
        found = names(count)
        with running(database) as service:
            measure(service, {kind: found[kind][:5] for kind in KINDS})
            took = measure(service, {kind: found[kind][5:] for kind in KINDS})
    finally:
        drop(database)
    print(f"{'ms':>16} {'p5':>8} {'p25':>8} {'median':>8} {'p75':>8} {'p95':>8}")
    for kind, values in took.items():
        parts = statistics.quantiles(values, n=20)
        row = (parts[0], parts[4], parts[9], parts[14], parts[18])
        print(f"{kind:>16} " + " ".join(f"{value:8.2f}" for value in row))
    for kind in KINDS[1:]:
        share = chance(took[KINDS[0]], took[kind])
        print(f"{KINDS[0]} against {kind}: p = {share:.3f}")


if __name__ == "__main__":
    main()
