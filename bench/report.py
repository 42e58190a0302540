"""docs/benchmarks.md, made from the JSON in docs/benchmarks/ and from nothing else.

``python bench/report.py`` writes the page and its plots anew. A test compares the
committed page with what the committed figures give.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.findings import FINDINGS  # noqa: E402
from bench.tables import PUBLISHED, Row, Table, grid, labels_of  # noqa: E402

PAGE = ROOT / "docs" / "benchmarks.md"
# In the order of the page.
NAMES = tuple(FINDINGS)
# Longer tables are folded.
LINES_SHOWN = 12
INTRODUCTION = """# Benchmarks

<!-- Made by bench/report.py from docs/benchmarks/*.json; a test compares. -->

Each table comes from one run on one machine; its contestants take turns.
A figure is the median of its rounds, with the smallest and the largest in brackets.
Compare figures within a table, as ratios; another machine gives other seconds.
All samples are in [benchmarks/](benchmarks) as JSON.

Measure again with `make bench` (all sizes), with `make bench-quick`
(small sizes; two minutes, more on a busy machine), or one table by its
name: `make bench ARGS=reset`.
The results go to bench/results/; `make bench ARGS=--publish` makes this page of them.
"""
REPEAT = "Repeat: `make bench ARGS={name}`. Took {seconds:.0f} s; load {load}."


def findings(table: Table) -> list[str]:
    """Return what a table says in words."""
    return FINDINGS[table.name](table)


def markdown(rows: list[Row]) -> str:
    """Return rows as a table of Markdown, figures to the right."""
    heading, *lines = grid(rows)
    texts = len(labels_of(rows))
    under = ["---"] * texts + ["---:"] * (len(heading) - texts)
    return "\n".join(
        "| " + " | ".join(cells) + " |" for cells in (heading, under, *lines)
    )


def section(table: Table) -> str:
    """Return what the page has about one table."""
    parts = [f"## {table.title}"]
    if (PUBLISHED / f"{table.name}.svg").exists():
        parts.append(f"![{table.title}](benchmarks/{table.name}.svg)")
    parts.append("\n".join(f"- {line}" for line in findings(table)))
    figures = markdown(table.rows)
    small = "Small sizes, by `make bench-quick`. " * table.quick
    if len(table.rows) > LINES_SHOWN:
        summary = f"<summary>All {len(table.rows)} lines</summary>"
        figures = f"<details>{summary}\n\n{figures}\n\n</details>"
    parts.append(figures)
    parts += [note.replace("``", "`") for note in table.notes]
    repeat = REPEAT.format(
        name=table.name, seconds=table.seconds, load=table.facts["load"]
    )
    parts.append(small + repeat)
    return "\n\n".join(parts) + "\n"


def page(folder: Path = PUBLISHED) -> str:
    """Return the whole page from the tables in a folder."""
    tables = [
        Table.load(folder / f"{name}.json")
        for name in NAMES
        if (folder / f"{name}.json").exists()
    ]
    facts = {}
    for table in tables:
        facts |= {name: fact for name, fact in table.facts.items() if name != "load"}
    machine = ", ".join(f"{name} {fact}" for name, fact in facts.items())
    parts = [INTRODUCTION, f"Measured on: {machine}.\n"]
    return "\n".join(parts + [section(table) for table in tables])


def publish() -> None:
    """Write the page and its plots."""
    from bench import peers

    drawing = [str(peers.programs() / "python"), str(ROOT / "bench" / "plots.py")]
    subprocess.run(drawing, check=True, cwd=ROOT)
    PAGE.write_text(page())


if __name__ == "__main__":
    publish()
