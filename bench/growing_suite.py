"""What a scenario costs, and how much memory is in use, as a suite grows.

A scenario of the made-up suite writes rows, asks the live server for their
number and reads the answer: three steps. Features have ten scenarios each.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.made_up_project import MadeUpProject
from bench.processes import Finished, run
from bench.tables import Row, Table

TABLES, SCENARIOS_PER_FEATURE, WORKERS = 40, 10, 2
STEPS = """
import urllib.request

from behave import given, then, when

from made_up.models import Table0


@given("{count:d} rows")
def rows(context, count):
    Table0.objects.bulk_create(Table0(code=f"code {number}") for number in range(count))


@when("they are counted by the server")
def count(context):
    with urllib.request.urlopen(context.get_url("/count")) as answer:
        context.answer = int(answer.read())


@then("there are {count:d}")
def there_are(context, count):
    assert context.answer == count, context.answer
"""
SCENARIO = """
  Scenario: Number {number}
    Given {count} rows
    When they are counted by the server
    Then there are {count}
"""


def write_features(folder: Path, *, scenarios: int) -> None:
    """Write that many scenarios, and the steps that they need."""
    (folder / "steps").mkdir(parents=True)
    (folder / "steps" / "rows.py").write_text(STEPS)
    for first in range(0, scenarios, SCENARIOS_PER_FEATURE):
        numbers = range(first, min(first + SCENARIOS_PER_FEATURE, scenarios))
        text = "".join(
            SCENARIO.format(number=one, count=one % 7 + 1) for one in numbers
        )
        path = folder / f"feature_{first:05}.feature"
        path.write_text(f"Feature: From number {first} on\n{text}")


def measure(table: Table) -> None:
    """Run suites of growing size in turn, round by round."""
    sizes = [50, 200] if table.quick else [50, 100, 500, 1_000, 2_000]
    rows = {size: Row({"scenarios": size}) for size in sizes}
    with tempfile.TemporaryDirectory() as folder:
        projects = {}
        for size in sizes:
            place = Path(folder) / str(size)
            projects[size] = MadeUpProject(place, TABLES).write()
            write_features(place / "features", scenarios=size)
            # The journal is made here; it belongs to no scenario.
            once(projects[size], "features/feature_00000.feature")
        for _ in range(1 if table.quick else 3):
            # A small suite is over in a second and hangs on what else the machine
            # does in it, so that it is run again after the large ones.
            for size in sizes if table.quick else [*sizes, *sizes[2::-1]]:
                note(rows[size], projects[size], size=size)
    table.rows += rows.values()
    table.notes.append(
        f"{TABLES} tables, {WORKERS} workers. ``scenario ms`` is the time of the "
        "steps' phase, from the first scenario's beginning to the last one's end, "
        "times workers, by scenarios; ``parent`` and ``worker`` are the most memory "
        "that each had, shared pages included."
    )


def note(row: Row, project: MadeUpProject, *, size: int) -> None:
    """Run all of a project's scenarios and note the figures."""
    done = once(project, "features")
    found = scenario_times(project.folder / "events.jsonl")
    if len(found) != size:
        sys.exit(f"Of {size} scenarios {len(found)} passed:\n{done.output}")
    first = min(began for began, _ in found)
    last = max(began + seconds for began, seconds in found)
    row.note(
        scenario_ms=1000 * (last - first) * WORKERS / size,
        cpu_ms_a_scenario=1000 * done.cpu / size,
        wall_s=done.wall,
    )
    if done.memory.total:
        row.note(parent_MB=done.memory.parent, worker_MB=done.memory.child)


def once(project: MadeUpProject, *paths: str) -> Finished:
    command = project.manage("behave", "--parallel", str(WORKERS))
    command += ["--format", "progress", "--events", "events.jsonl", *paths]
    return run(command, cwd=project.folder, environment=project.environment())


def scenario_times(path: Path) -> list[tuple[float, float]]:
    """Return beginning and seconds of every scenario that passed, from a record."""
    from testing.bdd.record_file import read_record

    return [
        (one.began, one.seconds)
        for one in read_record([path]).final_scenarios()
        if one.status == "passed"
    ]
