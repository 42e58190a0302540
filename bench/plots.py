"""Plots of the published tables, as SVG, readable on light and on dark pages.

Run by `bench/report.py` with the interpreter that has matplotlib. Nothing is
filled behind a plot, and its colours are of middle brightness, so that they stand
out from black and from white. The same figures give the same file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.tables import PUBLISHED, Row, Table  # noqa: E402

GREY = "#848484"
COLOURS = ["#d9662b", "#2f88d6", "#3a9f57", "#a76bd0", "#b58a10", "#c4548a"]
STYLE = {
    "svg.hashsalt": "bench",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "savefig.transparent": True,
    "axes.prop_cycle": mpl.cycler(color=COLOURS),
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "text.color": GREY,
    "legend.frameon": False,
    "lines.marker": "o",
}


def bars(axes: Any, rows: list[Row], *, names: list[str], figure: str) -> None:
    """Draw a bar for each row, with its spread and its figure."""
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        middle, samples = row.median(figure), row.samples[figure]
        spread = [[middle - min(samples)], [max(samples) - middle]]
        colour = COLOURS[0] if "ours" in name else COLOURS[1]
        axes.barh(place, middle, xerr=spread, color=colour, ecolor=GREY)
        axes.text(max(samples), place, f"  {middle:.3g}", va="center")
    axes.set_yticks(range(len(rows)), names)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.12)
    axes.set_xlabel(figure)


def lines(
    axes: Any, rows: list[Row], *, x: str, by: Callable[[Row], str], figure: str
) -> None:
    """Draw a line for each different name, with its spread."""
    names = dict.fromkeys(by(row) for row in rows)
    for name in names:
        of_name = [row for row in rows if by(row) == name]
        places = [row.labels[x] for row in of_name]
        middles = [row.median(figure) for row in of_name]
        (drawn,) = axes.plot(places, middles, label=name)
        axes.fill_between(
            places,
            [min(row.samples[figure]) for row in of_name],
            [max(row.samples[figure]) for row in of_name],
            color=drawn.get_color(),
            alpha=0.2,
            linewidth=0,
        )
    axes.set_xlabel(x)
    axes.set_ylabel(figure)
    if len(names) > 1:
        axes.legend(fontsize=8)


def suite(table: Table, figure: Any) -> None:
    left, right = figure.subplots(1, 2)
    names = [f"{row.labels['runner']}, {row.labels['workers']}" for row in table.rows]
    bars(left, table.rows, names=names, figure="wall s")
    bars(right, table.rows, names=names, figure="cpu s")
    right.set_yticklabels([])


def unit(table: Table, figure: Any) -> None:
    left, right = figure.subplots(1, 2)
    names = [f"{row.labels['suite']}\n{row.labels['runner']}" for row in table.rows]
    bars(left, table.rows, names=names, figure="wall s")
    bars(right, table.rows, names=names, figure="cpu s")
    right.set_yticklabels([])


def reset(table: Table, figure: Any) -> None:
    left, right = figure.subplots(1, 2, sharey=True)
    few = min(row.labels["rows written"] for row in table.rows)
    by_tables = [row for row in table.rows if row.labels["rows written"] == few]
    by_rows = [row for row in table.rows if row.labels["tables"] == 60]
    for axes, rows, x in (
        (left, by_tables, "tables"),
        (right, by_rows, "rows written"),
    ):
        lines(axes, rows, x=x, by=lambda row: row.labels["way"], figure="reset ms")
        axes.set_yscale("log")
        axes.set_xscale("log")
    right.set_ylabel("")
    right.legend().remove()


def build(table: Table, figure: Any) -> None:
    all_tables = list(dict.fromkeys(row.labels["tables"] for row in table.rows))
    for axes, tables in zip(
        figure.subplots(1, len(all_tables)), all_tables, strict=True
    ):
        rows = [row for row in table.rows if row.labels["tables"] == tables]
        lines(
            axes, rows, x="workers", by=lambda row: row.labels["way"], figure="build s"
        )
        axes.set_title(f"{tables} tables", fontsize=10)
        if tables != all_tables[0]:
            axes.legend().remove()
            axes.set_ylabel("")


def growth(table: Table, figure: Any) -> None:
    left, right = figure.subplots(1, 2)
    lines(left, table.rows, x="scenarios", by=lambda _: "", figure="scenario ms")
    for name in ("parent MB", "worker MB"):
        places = [row.labels["scenarios"] for row in table.rows]
        right.plot(places, [row.median(name) for row in table.rows], label=name)
    right.set_xlabel("scenarios")
    right.set_ylabel("MB")
    right.legend(fontsize=8)
    for axes in (left, right):
        axes.set_ylim(bottom=0)


def resets(table: Table, figure: Any) -> None:
    left, right = figure.subplots(1, 2)
    lines(left, table.rows, x="resets", by=lambda _: "", figure="reset ms")
    for name in ("catalogs MB", "tables MB"):
        places = [row.labels["resets"] for row in table.rows]
        right.plot(places, [row.median(name) for row in table.rows], label=name)
    right.set_xlabel("resets")
    right.legend(fontsize=8)
    for axes in (left, right):
        axes.set_ylim(bottom=0)


def scheduling(table: Table, figure: Any) -> None:
    paper = [row for row in table.rows if "of bound" in row.samples]
    suites = list(dict.fromkeys(row.labels["suite"] for row in paper))
    for axes, name in zip(figure.subplots(1, len(suites)), suites, strict=True):
        rows = [row for row in paper if row.labels["suite"] == name]
        lines(
            axes,
            rows,
            x="workers",
            by=lambda row: row.labels["order"],
            figure="on paper s",
        )
        least = [row for row in rows if row.labels["order"] == rows[0].labels["order"]]
        axes.plot(
            [row.labels["workers"] for row in least],
            [row.median("on paper s") / row.median("of bound") for row in least],
            color=GREY, linestyle=":", marker="", label="bound",
        )  # fmt: skip
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_title(name, fontsize=10)
        axes.legend(fontsize=8)
        if name != suites[0]:
            axes.legend().remove()
            axes.set_ylabel("")


def schemas(table: Table, figure: Any) -> None:
    left, right = figure.subplots(1, 2)
    for name in ("reset ms", "build ms"):
        places = [row.labels["schemas"] for row in table.rows]
        left.plot(places, [row.median(name) for row in table.rows], label=name)
    for name in ("catalogs MB", "server MB"):
        right.plot(places, [row.median(name) for row in table.rows], label=name)
    for axes in (left, right):
        axes.set_xlabel("schemas")
        axes.set_ylim(bottom=0)
        axes.legend(fontsize=8)
    left.set_yscale("log")


DRAWN = (suite, unit, reset, build, growth, resets, scheduling, schemas)


def main() -> None:
    for draw in DRAWN:
        path = PUBLISHED / f"{draw.__name__}.json"
        if path.exists():
            with mpl.rc_context(STYLE):
                figure = pyplot.figure(figsize=(9, 3.6), layout="constrained")
                draw(Table.load(path), figure)
                metadata = {"Date": None}
                figure.savefig(path.with_suffix(".svg"), metadata=metadata)
                pyplot.close(figure)


if __name__ == "__main__":
    main()
