"""Tables of what the engine's parts cost, each on made-up projects of some size."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.made_up_project import MadeUpProject
from bench.tables import Row, Table


def costs(what: str, *, tables: int, **options: object) -> list[Row]:
    """Run `bench/made_up_costs.py` on a project of that many tables."""
    with tempfile.TemporaryDirectory() as folder:
        project = MadeUpProject(Path(folder) / "project", tables).write()
        command = [sys.executable, "-m", "bench.made_up_costs", what]
        command += ["--tables", str(tables)]
        for name, value in options.items():
            values = value if isinstance(value, list) else [value]
            command += [f"--{name}", *map(str, values)]
        result = subprocess.run(
            command,
            cwd=folder,
            env=project.environment(),
            capture_output=True,
            text=True,
        )
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{result.stdout}\n{result.stderr}")
    return [Row(**row) for row in json.loads(result.stdout.splitlines()[-1])]


def reset(table: Table) -> None:
    """Reset by number of tables, and by number of rows."""
    sizes = [10, 60] if table.quick else [10, 60, 200, 400]
    rounds = 1 if table.quick else 5
    for tables in sizes:
        table.rows += costs("reset", tables=tables, rounds=rounds)
    for rows in [1_000] if table.quick else [1_000, 20_000]:
        table.rows += costs("reset", tables=60, rows=rows, rounds=rounds)
    table.notes.append(
        "Before each reset five tables are written to. Django's flush is what a "
        "TransactionTestCase does after each test, and what behave-django does after "
        "each scenario. ROLLBACK is what a TestCase does: the cheapest there is, and "
        "of no use where a live server's threads have sessions of their own."
    )


def build(table: Table) -> None:
    """Build by number of tables and of workers."""
    sizes = [60] if table.quick else [10, 60, 200]
    for tables in sizes:
        for workers in [2] if table.quick else [1, 2, 4]:
            rounds = 1 if table.quick else 3
            table.rows += costs("build", tables=tables, workers=workers, rounds=rounds)
    table.notes.append(
        "Seconds until the last worker has its tables. All build at once, each in a "
        "process of its own, but for databases: Django clones one after the other, "
        "and has migrated the first one before, which is not in the figure."
    )


def resets(table: Table) -> None:
    """Look at what thousands of resets leave behind."""
    count = 1_000 if table.quick else 20_000
    table.rows += costs("resets", tables=60, counts=[count])
    table.notes.append(
        f"60 tables, 25 rows written before each reset; a sample is the mean of "
        f"{count // 100} resets."
    )


def schemas(table: Table) -> None:
    """Look at what many schemas on one server cost."""
    counts = [1, 4] if table.quick else [1, 4, 16, 64]
    table.rows += costs("schemas", tables=60, counts=counts, rounds=20)
    table.notes.append(
        "Schemas of 60 tables, each held by a lease of its own. A worker also has a "
        "session for its steps and up to as many for its live server's threads as "
        "requests come at once."
    )
