"""The project's own features under stock behave-django, its peers and this engine.

All run the same scenarios with the same steps, settings, server and password
hasher; features that need a browser are left out. What each peer lacks for Django
is added as its users add it, and in its favour where there is a choice:

- stock behave-django: as it comes, but for settings by tag (`stock_runner.py`).
- behavex and behave-pool know nothing of Django. The environment.py that they get
  (`peer_environment.py`) makes a database for each process, once, and a live
  server for each scenario, with behave-django's own test case.
- pytest-bdd with pytest-django and xdist: the steps are registered with pytest-bdd
  by a shim (`pytest_steps.py`); live server and flush are pytest-django's.

A slow contestant runs until its time is used up, the quick ones as many rounds as
there are; the table says how many.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import peers
from bench.growing_suite import scenario_times
from bench.processes import Finished, run
from bench.tables import RESULTS, ROOT, Row, Table

ROUNDS, SECONDS_FOR_EACH = 6, 60
# They take longer than the peer that is left in, and a quick look has two minutes.
LEFT_OUT_OF_QUICK = ("behavex", "behave-pool")
QUICK_NOTE = (
    f", those of features/health alone; {' and '.join(LEFT_OUT_OF_QUICK)}, which are "
    "slower than the peer here, run in the whole table."
)
BEHAVE_SUMMARY = r"^(\d+) scenarios? passed, 0 failed"
# Another name than that of the project's own, which holds modules of the steps.
COPY = "scenarios"
# behavex executes it anew for each feature; the module that it imports stays.
ENVIRONMENT = "from bench.peer_environment import *\n"
PYTEST_INI = """[pytest]
DJANGO_SETTINGS_MODULE = bench.stock_settings
addopts = -p no:cacheprovider -p bench.pytest_steps
"""
PYTEST_SUITE = """
import pytest
from pytest_bdd import scenarios

pytestmark = pytest.mark.usefixtures("context")
scenarios("scenarios")
"""


@dataclass(frozen=True)
class Contestant:
    """A runner of the features, how it is called, and how it says what passed."""

    name: str
    workers: int
    command: list[str | Path]
    settings: str
    passed: Callable[[Finished], int]


@dataclass(frozen=True)
class Suite:
    """A copy of the features without those that need a browser, for all runners."""

    folder: Path
    programs: Path

    def write(self, names: list[str]) -> Suite:
        """Copy the named packages, or all; the steps are the project's own."""
        features = self.folder / COPY
        source = ROOT / "features"
        for path in sorted(source.rglob("*.feature")):
            place = path.relative_to(source)
            text = path.read_text()
            if not text.startswith("@browser") and (
                not names or place.parts[0] in names
            ):
                target = features / place
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        shutil.copytree(source / "steps", features / "steps")
        (features / "environment.py").write_text(ENVIRONMENT)
        (self.folder / "pytest.ini").write_text(PYTEST_INI)
        (self.folder / "test_features.py").write_text(PYTEST_SUITE)
        return self

    def paths(self) -> list[str]:
        """Return the copied features by their names in the project itself."""
        features = self.folder / COPY
        return [
            str(Path("features") / path.relative_to(features))
            for path in sorted(features.rglob("*.feature"))
        ]

    def contestants(self) -> list[Contestant]:
        """Return who takes part, each with the options that its own docs give."""
        manage = [sys.executable, ROOT / "manage.py", "behave", "--format", "progress"]
        tags = "--runner=bench.stock_runner:SettingTagsRunner"
        events = ["--events", self.folder / "events.jsonl"]
        stock, ours = "bench.stock_settings", "dancecoach.settings"
        return [
            Contestant(
                "stock behave-django", 1, [*manage, "--noinput", tags, *self.paths()],
                stock, summary,
            ),
            Contestant(
                "behavex", 2,
                [self.programs / "behavex", COPY, "--parallel-processes", "2",
                 "--parallel-scheme", "feature", "--output-folder",
                 self.folder / "behavex"],
                stock, behavex_summary,
            ),
            Contestant(
                "behave-pool", 2,
                [self.programs / "behave-pool", "--parallel", "2", f"{COPY}/"],
                stock, pool_summary,
            ),
            Contestant(
                "pytest-bdd with xdist", 2,
                [self.programs / "python", "-m", "pytest", "-q", "-n", "2"],
                stock, pytest_summary,
            ),
            Contestant(
                "ours", 1, [*manage, "--parallel", "1", *events, *self.paths()],
                ours, summary,
            ),
            Contestant(
                "ours", 2, [*manage, "--parallel", "2", *events, *self.paths()],
                ours, summary,
            ),
        ]  # fmt: skip

    def run(self, one: Contestant) -> Finished:
        """Run a contestant in the place that it belongs to."""
        is_peer = not str(one.command[1]).endswith("manage.py")
        left_out = ("FEATURE", "BDD_SCHEMA_ISOLATION", "COLUMNS")
        kept = {key: value for key, value in os.environ.items() if key not in left_out}
        kept |= {"DJANGO_SETTINGS_MODULE": one.settings, "NO_COLOR": "1"}
        kept |= {"PYTHONPATH": str(ROOT)}
        return run(one.command, cwd=self.folder if is_peer else ROOT, environment=kept)


def found_in(pattern: str, text: str) -> int:
    found = re.search(pattern, text, re.MULTILINE)
    return int(found[1]) if found else 0


def summary(done: Finished) -> int:
    return found_in(BEHAVE_SUMMARY, done.output)


def behavex_summary(done: Finished) -> int:
    return found_in(r"(\d+) scenarios? passed, 0 failed", done.output)


def pool_summary(done: Finished) -> int:
    return found_in(r"^\d+ features?, (\d+) scenarios?, .* failed: 0", done.output)


def pytest_summary(done: Finished) -> int:
    return found_in(r"^(\d+) passed(?:, \d+ warnings?)? in", done.output)


def measure(table: Table) -> None:
    """Run all contestants in turn, round by round."""
    programs = peers.programs()
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(Path(folder), programs).write(["health"] if table.quick else [])
        runners = [
            one
            for one in suite.contestants()
            if one.name not in LEFT_OUT_OF_QUICK or not table.quick
        ]
        rows = [Row({"runner": one.name, "workers": one.workers}) for one in runners]
        # The journal is made at the first run after a migration has changed.
        suite.run(runners[-1])
        table.rows += rows
        counts = set()
        for _ in range(1 if table.quick else ROUNDS):
            for one, row in zip(runners, rows, strict=True):
                if sum(row.samples.get("wall s", [])) < SECONDS_FOR_EACH:
                    counts.add(once(suite, one, row))
                    # Stock takes minutes: what is measured stays if the rest fails.
                    table.save(RESULTS / "unfinished")
        remove_peers_databases()
    if len(counts) != 1:
        sys.exit(f"The runners ran different numbers of scenarios: {counts}.")
    table.notes.append(
        f"{counts.pop()} scenarios"
        + (QUICK_NOTE if table.quick else ".")
        + " Memory and processor time without the server's. ``steps`` is from the "
        "first scenario's beginning to the last one's end."
    )


def once(suite: Suite, one: Contestant, row: Row) -> int:
    """Run a contestant once; returns how many scenarios passed."""
    done = suite.run(one)
    passed = one.passed(done)
    if not passed:
        sys.exit(f"{one.name} was not green:\n{done.output}\n{done.errors}")
    row.note(**done.figures)
    if one.name == "ours":
        times = scenario_times(suite.folder / "events.jsonl")
        first = min(began for began, _ in times)
        last = max(began + seconds for began, seconds in times)
        row.note(steps_s=last - first)
    print(
        f"  {one.name}, {one.workers}: {done.wall:.1f} s", file=sys.stderr, flush=True
    )
    return passed


def remove_peers_databases() -> None:
    """Drop the databases that processes of behavex and behave-pool have made."""
    from django.db import connection
    from psycopg import sql

    with connection.cursor() as cursor:
        cursor.execute(r"SELECT datname FROM pg_database WHERE datname ~ '^peer_\d+$'")
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    connection.close()
