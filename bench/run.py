"""All benchmarks, or those that are named: ``python bench/run.py reset build``.

Each table comes from one run on one machine, and is written as JSON below
bench/results/ with all its samples. With ``--publish`` it also goes where
``bench/report.py`` makes docs/benchmarks.md from, plots included.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import (  # noqa: E402
    engine_tables,
    growing_suite,
    machine,
    report,
    scheduling,
    suite_peers,
    unit_suites,
)
from bench.tables import PUBLISHED, Table  # noqa: E402

# By name: what it is about, and what measures it.
TABLES: dict[str, tuple[str, Callable[[Table], None]]] = {
    "suite": ("This project's features, runner by runner", suite_peers.measure),
    "unit": ("manage.py test --parallel 2", unit_suites.measure),
    "reset": ("Going back to the baseline", engine_tables.reset),
    "build": ("Giving workers their tables", engine_tables.build),
    "growth": ("A suite that grows", growing_suite.measure),
    "resets": ("A schema that is reset again and again", engine_tables.resets),
    "scheduling": ("The order of units, and many workers", scheduling.measure),
    "schemas": ("Many schemas on one server", engine_tables.schemas),
}


def measured(name: str, *, quick: bool) -> Table:
    """Measure one table."""
    title, measure = TABLES[name]
    table = Table(name, title, machine.facts(), quick=quick)
    before, began = machine.load(), time.perf_counter()
    measure(table)
    table.seconds = time.perf_counter() - began
    table.facts["load"] = f"{before} before, {machine.load()} after".replace(
        "load ", ""
    )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TABLES))
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds")
    parser.add_argument(
        "--publish", action="store_true", help="make docs/benchmarks.md of it"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(TABLES):
        parser.error(f"There is no table {unknown.pop()!r}: {', '.join(TABLES)}.")
    facts = ", ".join(f"{name} {value}" for name, value in machine.facts().items())
    print(f"{facts}\n", flush=True)
    for name in options.names or TABLES:
        table = measured(name, quick=options.quick)
        path = table.save()
        if options.publish:
            table.save(PUBLISHED)
        print(table.text())
        for line in report.findings(table):
            print(f"* {line}")
        where = path.relative_to(ROOT)
        print(
            f"Took {table.seconds:.0f} s, load {table.facts['load']}; in {where}\n",
            flush=True,
        )
    if options.publish:
        report.publish()


if __name__ == "__main__":
    main()
