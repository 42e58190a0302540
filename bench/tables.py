"""The one shape in which every benchmark gives what it measured.

A table is a list of rows; a row has labels (what was measured) and samples (the
figures of each round, all of them). Medians and spreads are made when a table is
shown, never before, so that the file keeps what really was seen.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Of the last run on this machine; git ignores it.
RESULTS = ROOT / "bench" / "results"
# What the published page is made from.
PUBLISHED = ROOT / "docs" / "benchmarks"


@dataclass
class Row:
    """One line: labels by column, and samples by figure, whose name ends in its unit.

    ``"wall s"`` are seconds, ``"reset ms"`` milliseconds, ``"peak MB"`` megabytes.
    """

    labels: dict[str, Any]
    samples: dict[str, list[float]] = field(default_factory=dict)

    def note(self, **figures: float) -> None:
        """Add one round; ``wall_s=1.5`` is kept as ``"wall s"``."""
        for name, figure in figures.items():
            self.samples.setdefault(name.replace("_", " "), []).append(figure)

    def median(self, figure: str) -> float:
        """Return the median of a figure's samples."""
        return statistics.median(self.samples[figure])


@dataclass
class Table:
    """What one benchmark measured, with the machine's facts.

    Attributes:
        name: of its file and of the command that repeats it.
        title: for people.
        facts: of the machine and the server, by name.
        rows: what was measured.
        seconds: how long measuring took.
        quick: the small sizes were used.
        notes: what a reader has to know, such as who could not take part.

    """

    name: str
    title: str
    facts: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    seconds: float = 0.0
    quick: bool = False
    notes: list[str] = field(default_factory=list)

    def save(self, folder: Path = RESULTS) -> Path:
        """Write the table as JSON; returns the file."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        content = rounded(asdict(self))
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        return path

    @classmethod
    def load(cls, path: Path) -> Table:
        """Read what ``save`` wrote."""
        content = json.loads(path.read_text())
        content["rows"] = [Row(**row) for row in content["rows"]]
        return cls(**content)

    def row(self, **labels: Any) -> Row:
        """Return the one row with these labels."""
        (found,) = [
            row for row in self.rows if labels.items() <= dict(row.labels).items()
        ]
        return found

    def text(self) -> str:
        """Return the table for a terminal."""
        cells = [list(row) for row in grid(self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        texts = len(cells[0]) and len(labels_of(self.rows))
        lines = [
            "  ".join(
                cell.ljust(width) if number < texts else cell.rjust(width)
                for number, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        ]
        return "\n".join([self.title, *lines, *self.notes])


def rounded(content: Any) -> Any:
    """Return plain data with five significant digits of each fraction."""
    if isinstance(content, float):
        return float(f"{content:.5g}")
    if isinstance(content, dict):
        return {key: rounded(value) for key, value in content.items()}
    return [rounded(one) for one in content] if isinstance(content, list) else content


def labels_of(rows: Iterable[Row]) -> list[str]:
    """Return the names of all labels, in the order in which they come."""
    return list(dict.fromkeys(name for row in rows for name in row.labels))


def figures_of(rows: Iterable[Row]) -> list[str]:
    """Return the names of all figures, in the order in which they come."""
    return list(dict.fromkeys(name for row in rows for name in row.samples))


def grid(rows: Sequence[Row]) -> list[list[str]]:
    """Return a heading and a line for each row, as text.

    A figure is its median, with the smallest and the largest where several rounds
    were run; ``rounds`` is how many.
    """
    labels, figures = labels_of(rows), figures_of(rows)
    lines = [[*labels, "rounds", *figures]]
    for row in rows:
        rounds = max(map(len, row.samples.values()), default=0)
        lines.append(
            [
                *(said(row.labels.get(name, "")) for name in labels),
                str(rounds),
                *(spread(row.samples.get(name, [])) for name in figures),
            ]
        )
    return lines


def spread(samples: Sequence[float]) -> str:
    """Return ``median (smallest - largest)``, or the one figure there is."""
    if not samples:
        return "-"
    middle = short(statistics.median(samples))
    if len(samples) == 1:
        return middle
    return f"{middle} ({short(min(samples))} - {short(max(samples))})"


def said(label: Any) -> str:
    """Return a label as text; numbers get thousands set apart."""
    return f"{label:,}" if isinstance(label, int) else str(label)


def short(figure: float) -> str:
    """Return three digits that matter."""
    if figure == 0:
        return "0"
    if abs(figure) >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.3g}" if abs(figure) >= 0.001 else f"{figure:.1g}"
