"""Stock behave-django against this project's engine, in one run, on the same features.

Each round runs in turn: stock behave-django as its authors ship it (one process,
a live server and a flush for each scenario), ours with one worker, ours with
two. A run is a whole process, from start to exit. Same machine, same server,
same features, same steps, same settings, same password hasher; nothing of
stock's is changed but what the features need: settings by tag, which this
project's engine has built in, come from `bench/stock_runner.py`.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = re.compile(r"^(\d+) scenarios? passed, (\d+) failed", re.MULTILINE)


@dataclass
class Contestant:
    name: str
    settings: str
    arguments: list[str]
    seconds: list[float] = field(default_factory=list)
    scenarios: set[int] = field(default_factory=set)

    def run(self, paths: list[str]) -> None:
        """Run once, and note the time of the whole process."""
        command = [sys.executable, "manage.py", "behave", "--format", "progress"]
        # A browser takes seconds to start, whoever starts it: it would only blur
        # the difference.
        command += ["--tags", "not @browser"]
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": self.settings}
        began = time.perf_counter()
        result = subprocess.run(
            [*command, *self.arguments, *paths],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        self.seconds.append(time.perf_counter() - began)
        found = SCENARIOS.search(result.stdout)
        if result.returncode != 0 or not found or found[2] != "0":
            sys.exit(f"{self.name} was not green:\n{result.stdout}\n{result.stderr}")
        self.scenarios.add(int(found[1]))


def contestants() -> list[Contestant]:
    tags = "--runner=bench.stock_runner:SettingTagsRunner"
    return [
        Contestant("stock behave-django", "bench.stock_settings", ["--noinput", tags]),
        Contestant("ours, 1 worker", "dancecoach.settings", ["--parallel", "1"]),
        Contestant("ours, 2 workers", "dancecoach.settings", ["--parallel", "2"]),
    ]


def hold_server() -> None:
    """Keep the embedded server, if it is used, running through all rounds."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dancecoach.settings")
    sys.path.insert(0, str(ROOT))
    import django
    from django.db import connection

    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        print(f"Server:   {cursor.fetchone()[0].split(',')[0]}")
    connection.close()


def table(all_runs: list[Contestant]) -> None:
    stock = statistics.median(all_runs[0].seconds)
    print(
        f"\n{'':22} {'scenarios':>9} {'median':>9} {'min':>8} {'max':>8} {'ratio':>7}"
    )
    for one in all_runs:
        median = statistics.median(one.seconds)
        print(
            f"{one.name:22} {max(one.scenarios):>9} {median:>8.2f}s"
            f" {min(one.seconds):>7.2f}s {max(one.seconds):>7.2f}s"
            f" {stock / median:>6.1f}x"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("paths", nargs="*", help="features, all by default")
    options = parser.parse_args()
    print(f"Machine:  {os.cpu_count()} processors, Python {platform.python_version()}")
    hold_server()
    runs = contestants()
    for one in runs[1:2]:
        # The journal is made at the first run after a migration has changed, and
        # is there in daily work; stock has no such memory to fill.
        one.run(options.paths)
        one.seconds.clear()
    for number in range(options.rounds):
        for one in runs:
            one.run(options.paths)
            seconds = one.seconds[-1]
            print(f"Round {number + 1}:  {one.name:22} {seconds:7.2f}s", flush=True)
    counts = set.union(*(one.scenarios for one in runs))
    if len(counts) != 1:
        sys.exit(f"The contestants ran different numbers of scenarios: {counts}")
    table(runs)
    ratio = statistics.median(runs[0].seconds) / statistics.median(runs[2].seconds)
    print(f"\nstock/ours2 = {ratio:.1f}")


if __name__ == "__main__":
    main()
