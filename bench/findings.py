"""What a table says in words: the ratios that its figures are measured for.

Everything here is computed from samples, medians against medians; a table that was
measured again says what it says then.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable

from bench.tables import Row, Table, short

OURS = "ours"


def suite(table: Table) -> list[str]:
    """Compare whole processes, and say how well two workers are used."""
    two = table.row(runner=OURS, workers=2)
    found = [
        f"Ours with 2 workers is **{ratio(row, two, 'wall s'):.1f} times** as fast as "
        f"{row.labels['runner']}, and takes "
        f"{1 / ratio(row, two, 'cpu s'):.2f} times its processor time."
        for row in table.rows
        if row.labels["runner"] != OURS
    ]
    found.append(waiting(table.row(runner="stock behave-django"), two))
    if table.quick:
        outside = two.median("wall s") - two.median("steps s")
        found.append(
            f"Start and end are {outside:.1f} s of the {two.median('wall s'):.1f} s of "
            "ours with 2 workers, so the ratios grow with the suite. Two workers' "
            "efficiency is in the whole table: python bench/run.py suite"
        )
        return found
    one = table.row(runner=OURS, workers=1)
    # Round by round: a shared machine may be twice as quick a few minutes later.
    pairs_of_rounds = zip(one.samples["steps s"], two.samples["steps s"], strict=False)
    efficiency = statistics.median(
        alone / (2 * both) for alone, both in pairs_of_rounds
    )
    found.append(
        "Parallel efficiency over the steps' phase, T1 / (2 T2): "
        f"**{efficiency:.2f}** (bar: 0.9)."
    )
    return found


def waiting(stock: Row, ours: Row) -> str:
    """Say how much of a ratio is waiting, and what a slower processor leaves of it.

    What stock computes takes twice as long then, and so does all that ours takes:
    it hardly waits.
    """
    wall, computing = stock.median("wall s"), stock.median("cpu s")
    left = (wall + computing) / (2 * ours.median("wall s"))
    return (
        f"Stock behave-django waits for {1 - computing / wall:.0%} of its time, and no "
        "processor shortens that: the slower the processor, the smaller the ratio. At "
        f"half of this one's speed it would be about {left:.0f} times."
    )


def unit(table: Table) -> list[str]:
    """Compare stock with ours, suite by suite."""
    return [
        f"{shape}: ours takes **{1 / ratio(*pair, 'wall s'):.2f} times** the time and "
        f"{1 / ratio(*pair, 'cpu s'):.2f} times the processor time of Django's runner."
        for shape in dict.fromkeys(row.labels["suite"] for row in table.rows)
        for pair in [
            [table.row(suite=shape, runner=name) for name in ("Django's", OURS)]
        ]
    ]


def reset(table: Table) -> list[str]:
    """Compare every way with ours, for each number of tables and rows."""
    found = []
    for tables, rows in pairs(table, "tables", "rows written"):
        labels = {"tables": tables, "rows written": rows}
        ours = table.row(way=OURS, **labels)
        others = "; ".join(
            f"{name} {ratio(table.row(way=name, **labels), ours, 'reset ms'):.0f} times"
            for name in ("TRUNCATE of all", "Django's flush")
        )
        found.append(
            f"{tables:,} tables, {rows:,} rows: ours {short(ours.median('reset ms'))} "
            f"ms; {others} that."
        )
    return found


def build(table: Table) -> list[str]:
    """Compare replaying with the other ways."""
    found = []
    for tables, workers in pairs(table, "tables", "workers"):
        labels = {"tables": tables, "workers": workers}
        replay = table.row(way="replay the journal", **labels)
        migrate = table.row(way="migrate", **labels)
        clone = table.row(way="clone a database", **labels)
        found.append(
            f"{tables:,} tables, {workers} workers: replaying "
            f"{short(replay.median('build s'))} s, migrating "
            f"{ratio(migrate, replay, 'build s'):.1f} times, cloning databases "
            f"{ratio(clone, replay, 'build s'):.1f} times that."
        )
    return found


def growth(table: Table) -> list[str]:
    """Compare the largest suite with that of a hundred scenarios."""
    sizes = [row.labels["scenarios"] for row in table.rows]
    small = table.row(scenarios=100 if 100 in sizes else sizes[0])
    large = table.rows[-1]
    what = (
        f"at {large.labels['scenarios']:,} to {small.labels['scenarios']:,} scenarios"
    )
    names = {
        "scenario ms": "Time of a scenario",
        "cpu ms a scenario": "Processor time of a scenario, start included",
        "parent MB": "Memory of the parent",
        "worker MB": "Memory of a worker",
    }
    return [
        f"{words} {what}: **{ratio(large, small, figure):.2f}** (bar: 1.1)."
        for figure, words in names.items()
        if figure in large.samples
    ]


def resets(table: Table) -> list[str]:
    """Compare what later resets take, and what the last ones leave, with the first."""
    half = len(table.rows) // 2
    times = [
        statistics.median(ms for row in rows for ms in row.samples["reset ms"])
        for rows in (table.rows[:half], table.rows[half:])
    ]
    first, last = table.rows[0], table.rows[-1]
    count = last.labels["resets"]
    return [
        # Halves, since a shared machine is at two speeds within seconds.
        f"Time of a reset in the second half of {count:,} resets to in the first: "
        f"**{times[1] / times[0]:.2f}**.",
        *(
            f"{words} after {count:,} resets to after {first.labels['resets']:,}: "
            f"**{ratio(last, first, figure):.2f}**."
            for figure, words in (
                ("catalogs MB", "Size of the catalogs"),
                ("tables MB", "Size of the schema's tables"),
            )
        ),
    ]


def scheduling(table: Table) -> list[str]:
    """Say how real runs follow the paper, and where the bound lies."""
    real = [row for row in table.rows if "real s" in row.samples]
    *counts, last = dict.fromkeys(str(row.labels["workers"]) for row in real)
    workers = f"{', '.join(counts)} and {last} workers"
    found = [
        "Real runs take "
        + ", ".join(
            f"{row.median('real s') / row.median('on paper s'):.2f}"
            for row in real
            if row.labels["order"] == order
        )
        + f" times what is on paper, with {workers} ({order})."
        for order in dict.fromkeys(row.labels["order"] for row in real)
    ]
    paper = [row for row in table.rows if "of bound" in row.samples]
    for order in dict.fromkeys(row.labels["order"] for row in paper):
        worst = max(
            (row for row in paper if row.labels["order"] == order),
            key=lambda row: row.median("of bound"),
        )
        found.append(
            f"{order}: at worst {worst.median('of bound'):.2f} times the bound "
            f"({worst.labels['suite']}, {worst.labels['workers']:,} workers)."
        )
    return found


def schemas(table: Table) -> list[str]:
    """Compare one schema with many."""
    first, last = table.rows[0], table.rows[-1]
    count = last.labels["schemas"] - first.labels["schemas"]
    catalogs = last.median("catalogs MB") - first.median("catalogs MB")
    memory = last.median("server MB") - first.median("server MB")
    return [
        f"A reset with {last.labels['schemas']} schemas takes "
        f"**{ratio(last, first, 'reset ms'):.2f} times** that with one, a build "
        f"{ratio(last, first, 'build ms'):.2f} times.",
        f"Each schema adds {catalogs / count:.2f} MB of catalogs, {memory / count:.1f} "
        f"MB of the server's memory and one session of its lease; "
        f"{table.facts['max_connections']} are allowed.",
    ]


def ratio(one: Row, other: Row, figure: str) -> float:
    """Return the median of one row by that of another."""
    return one.median(figure) / other.median(figure)


def pairs(table: Table, *names: str) -> Iterable[tuple[int, ...]]:
    """Return the different values of some labels, in the order of the rows."""
    return dict.fromkeys(
        tuple(row.labels[name] for name in names) for row in table.rows
    )


FINDINGS: dict[str, Callable[[Table], list[str]]] = {
    one.__name__: one
    for one in (suite, unit, reset, build, growth, resets, scheduling, schemas)
}
