"""Orders of units and numbers of workers: on paper to a thousand, checked by real runs.

The durations are recorded from this project's own suite, in one run that teaches
the history and one that is taken as what really happens. On paper they go to any
number of workers; a suite of 20,000 units is drawn from them, too. Then features
that only sleep for these durations are run for real, so that eight workers can be
looked at on two processors, and the steps' phase is compared with the paper.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import dispatch
from bench.growing_suite import scenario_times
from bench.processes import run
from bench.simulation import (
    ORDERS,
    Piece,
    bound,
    grown,
    in_order,
    longest_first,
    makespan,
)
from bench.sleeping_project import SleepingProject
from bench.tables import ROOT, Row, Table

# Workers share these processors while durations are recorded: one is honest.
WORKERS_THAT_RECORD = 1
UNITS_OF_A_LARGE_SUITE, SEED = 20_000, 1


def measure(table: Table) -> None:
    """Record durations, simulate, and run for real."""
    with tempfile.TemporaryDirectory() as folder:
        pieces = {
            by: recorded(Path(folder), by=by, quick=table.quick)
            for by in ("feature", "scenario")
        }
    to_hand_out = parent_seconds(units=100 if table.quick else 1_000)
    suites = {
        "own, by feature": pieces["feature"],
        "own, by scenario": pieces["scenario"],
        f"{UNITS_OF_A_LARGE_SUITE:,} scenarios, drawn": grown(
            pieces["scenario"], count=UNITS_OF_A_LARGE_SUITE, seed=SEED
        ),
    }
    for name, suite in suites.items():
        table.rows += on_paper(name, suite, to_hand_out, quick=table.quick)
    table.rows += real_runs(
        pieces["feature"],
        to_hand_out,
        seconds=2 if table.quick else 16,
        counts=(2, 8) if table.quick else (1, 2, 4, 8),
    )
    longest = max(piece.seconds for piece in pieces["feature"])
    table.notes.append(
        f"The suite's longest feature takes {longest:.2f} s, its longest scenario "
        f"{max(one.seconds for one in pieces['scenario']):.2f} s. On paper the parent "
        f"takes {1000 * to_hand_out:.2f} ms of processor time for each unit, as "
        "measured. ``of bound`` is what the order costs beside the bound that no order "
        "can be quicker than: the longest unit, all units over all workers, or the "
        "parent."
    )


def parent_seconds(*, units: int) -> float:
    """Return the processor time that the parent takes for each unit, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        project = SleepingProject(Path(folder), [[1]] * units).write()
        return dispatch.measure("the parent", project, workers=2).parent / 1000


def recorded(folder: Path, *, by: str, quick: bool) -> list[Piece]:
    """Run this project's suite twice and return its units with their durations."""
    paths = ["features/health", "features/jwt"] if quick else ["features"]
    command = [sys.executable, "manage.py", "behave", "--format", "progress"]
    command += ["--parallel", str(WORKERS_THAT_RECORD), "--tags", "not @browser"]
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("FEATURE", "BDD_SCHEMA_ISOLATION")
    } | {"DJANGO_SETTINGS_MODULE": "dancecoach.settings"}
    runs = []
    for number in range(2):
        events = folder / f"{by}-{number}.jsonl"
        if by == "scenario":
            # The same runs, looked at by scenario.
            events = folder / f"feature-{number}.jsonl"
        else:
            run(
                [*command, "--events", str(events), *paths],
                cwd=ROOT,
                environment=environment,
            )
        runs.append(units_of(events, by=by))
    known, happened = runs
    return [
        Piece(package, seconds, known[key][1], steps)
        for key, (package, seconds, steps) in happened.items()
        if key in known
    ]


def units_of(events: Path, *, by: str) -> dict[object, tuple[str, float, float]]:
    """Return package, seconds and number of steps of each unit of a record."""
    from testing.bdd.record_file import read_record

    found: dict[object, tuple[str, float, float]] = {}
    for one in read_record([events]).final_scenarios():
        if one.status != "passed":
            continue
        key = one.path if by == "feature" else (one.path, one.place)
        _, seconds, steps = found.get(key, ("", 0.0, 0.0))
        package = str(Path(one.path).parent)
        found[key] = (package, seconds + one.seconds, steps + len(one.steps))
    return found


def on_paper(
    name: str, pieces: Sequence[Piece], to_hand_out: float, *, quick: bool
) -> list[Row]:
    """Return what each order gives on each number of workers."""
    counts = [2, 8, 1000] if quick else [1, 2, 4, 8, 16, 64, 256, 1000]
    rows = []
    for workers in counts:
        for order, ordered in ORDERS.items():
            row = Row({"suite": name, "workers": workers, "order": order})
            units = ordered(pieces)
            seconds = makespan(units, workers=workers, seconds_to_hand_out=to_hand_out)
            least = bound(units, workers=workers, seconds_to_hand_out=to_hand_out)
            row.note(on_paper_s=seconds, of_bound=seconds / least)
            rows.append(row)
    return rows


def real_runs(
    pieces: Sequence[Piece],
    to_hand_out: float,
    *,
    seconds: float,
    counts: Sequence[int],
) -> list[Row]:
    """Run features that sleep as long as the recorded ones took, on more workers."""
    scale = seconds / sum(piece.seconds for piece in pieces)
    lengths = [[max(round(piece.seconds * scale * 1000), 1)] for piece in pieces]
    sleeping = [
        Piece(piece.package, one / 1000, one / 1000, piece.guessed)
        for piece, (one,) in zip(pieces, lengths, strict=True)
    ]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        project = SleepingProject(Path(folder), lengths).write()
        for history in (False, True):
            order = in_order if not history else longest_first
            for workers in counts:
                if not history:
                    # Steps of sleeping features are one each: no order to be guessed.
                    (project.folder / ".testing" / "history.json").unlink(True)
                row = Row(
                    {
                        "suite": f"sleeping, {seconds:.0f} s in all",
                        "workers": workers,
                        "order": f"real run, {'a' if history else 'no'} history",
                    }
                )
                on_paper = makespan(
                    order(sleeping),
                    workers=workers,
                    seconds_to_hand_out=to_hand_out,
                )
                row.note(on_paper_s=on_paper, real_s=steps_phase(project, workers))
                rows.append(row)
    return rows


def steps_phase(project: SleepingProject, workers: int) -> float:
    """Run the sleeping features and return how long their steps' phase took."""
    events = project.folder / "events.jsonl"
    command = [sys.executable, "manage.py", "behave", "--parallel", str(workers)]
    command += ["--format", "progress", "--events", str(events), str(project.features)]
    run(
        command,
        cwd=ROOT,
        environment=project.environment
        | {"DJANGO_SETTINGS_MODULE": "sleeping_settings"},
    )
    times = scenario_times(events)
    first = min(began for began, _ in times)
    return max(began + seconds for began, seconds in times) - first
