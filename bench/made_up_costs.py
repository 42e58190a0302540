"""What reset, build and many schemas cost, measured within a made-up project.

Run by `bench/engine_tables.py` with the project's settings, once for each number
of tables, since a process has one set of models. Prints its rows as JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.management.commands import flush  # noqa: E402
from django.db import connection, connections  # noqa: E402
from psycopg import sql  # noqa: E402

from bench.machine import read  # noqa: E402
from bench.made_up_places import (  # noqa: E402
    ALIAS,
    build,
    lease,
    milliseconds,
    on_server,
    plan,
    write,
)
from bench.processes import descendants, kilobytes  # noqa: E402
from bench.tables import Row  # noqa: E402
from testing.baseline import Baseline  # noqa: E402
from testing.builds import build_schema  # noqa: E402
from testing.database import connect  # noqa: E402
from testing.migration import migrate  # noqa: E402
from testing.preparation import Plan  # noqa: E402
from testing.schemas import Lease  # noqa: E402

CATALOGS = """
SELECT sum(pg_total_relation_size(oid)) FROM pg_class
WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'
"""
SIZE = """
SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
WHERE relnamespace = %s::regnamespace AND relkind = 'r'
"""


# Reset


def ways(place: Lease) -> dict[str, Callable[[], object]]:
    """Return the ways to empty the tables, by name; ours has to come first.

    All others leave tables empty that migrating had filled.
    """
    session = place.session
    baseline = Baseline(session, schema=place.schema)
    found = session.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname <>"
        " 'django_migrations' AND relnamespace = current_schema()::regnamespace"
        " ORDER BY oid DESC"
    )
    names = [sql.Identifier(row[0]) for row in found]
    truncate = sql.SQL("TRUNCATE {} RESTART IDENTITY").format(sql.SQL(", ").join(names))
    deletes = sql.SQL(";").join(sql.SQL("DELETE FROM {}").format(one) for one in names)
    return {
        "ours": baseline.reset,
        "ROLLBACK": lambda: session.execute("ROLLBACK"),
        "DELETE of each table": lambda: session.execute(deletes),
        "TRUNCATE of all": lambda: session.execute(truncate),
        "Django's flush": lambda: call_command(
            flush.Command(), verbosity=0, interactive=False
        ),
    }


def reset(*, tables: int, rows: int, rounds: int) -> list[Row]:
    """Measure each way to be rid of what a test wrote."""
    with plan() as of:
        place = build(of, number=1)
        own = tables - 8
        found = []
        for name, empty in ways(place).items():
            row = Row({"tables": tables, "rows written": rows, "way": name})
            # The quick ones can be looked at more often.
            for _ in range(rounds * (10 if name in ("ours", "ROLLBACK") else 1)):
                if name == "ROLLBACK":
                    place.session.execute("BEGIN")
                write(place.session, rows=rows, tables=own)
                row.note(reset_ms=milliseconds(empty))
            found.append(row)
        place.drop()
        place.release()
    return found


# Growth of the server with many resets


def resets(*, tables: int, count: int) -> list[Row]:
    """Reset one schema again and again, and look at times and sizes."""
    with plan() as of:
        place = build(of, number=1)
        baseline = Baseline(place.session, schema=place.schema)
        found = []
        for step in range(10):
            row = Row({"resets": (step + 1) * count // 10})
            for _ in range(10):
                # Twenty thousand single figures would fill the file; means do.
                some = max(count // 100, 1)
                taken = 0.0
                for _ in range(some):
                    write(place.session, rows=25, tables=tables - 8)
                    taken += milliseconds(baseline.reset)
                row.note(reset_ms=taken / some)
            catalogs = place.session.execute(CATALOGS).fetchone()[0]
            size = place.session.execute(SIZE, [place.schema]).fetchone()[0]
            row.note(catalogs_MB=float(catalogs) / 2**20, tables_MB=float(size) / 2**20)
            found.append(row)
        place.drop()
        place.release()
    return found


# Build


def build_ways(*, tables: int, workers: int, rounds: int) -> list[Row]:
    """Measure each way to give workers their tables, until the last one has them."""
    found = {}
    with plan(keepdb=True, workers=workers) as of:
        for _ in range(rounds):
            for name, seconds in (
                ("migrate", at_once(of, workers, migrate_schema)),
                ("replay the journal", at_once(of, workers, replay_schema)),
                ("keep", at_once(of, workers, keep_schema)),
                ("clone a database", clone_databases(of, workers)),
            ):
                labels = {"tables": tables, "workers": workers, "way": name}
                found.setdefault(name, Row(labels)).note(build_s=seconds)
        for number in range(1, workers + 1):
            place = lease(of, number=number)
            place.drop()
            place.release()
    return list(found.values())


def at_once(of: Plan, workers: int, action: Callable[[Plan, int], None]) -> float:
    """Return the seconds until the last of as many processes has done it."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    processes = [
        context.Process(target=action, args=(of, number))
        for number in range(1, workers + 1)
    ]
    began = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        sys.exit("A worker could not build its schema, so nothing was measured.")
    return time.perf_counter() - began


def migrate_schema(of: Plan, number: int) -> None:
    place = lease(of, number=number)
    place.drop()
    place.create(fingerprint="bench")
    migrate(connection, verbosity=0)


def replay_schema(of: Plan, number: int) -> None:
    place = lease(of, number=number)
    place.set_mark(fingerprint="bench", state="old")
    build_schema(place, journal=of.journals[ALIAS], plan=of, alias=ALIAS)
    place.set_mark(fingerprint=of.journals[ALIAS].fingerprint, state="ready")


def keep_schema(of: Plan, number: int) -> None:
    place = lease(of, number=number)
    built = build_schema(place, journal=of.journals[ALIAS], plan=of, alias=ALIAS)
    if built.way != "kept":
        sys.exit(f"The schema {place.schema!r} was {built.way}, not kept.")


def clone_databases(of: Plan, workers: int) -> float:
    """Clone a database for each worker, one after the other, as Django does."""
    template = sql.Identifier("bench_template")
    clones = [sql.Identifier(f"bench_clone_{number}") for number in range(workers)]
    drop = sql.SQL("DROP DATABASE IF EXISTS {}")
    for name in (template, *clones):
        on_server(drop.format(name))
    on_server(sql.SQL("CREATE DATABASE {}").format(template))
    with connect(connection, database="bench_template") as session:
        session.execute("SET search_path = public")
        of.journals[ALIAS].replay(session)
    clone = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    began = time.perf_counter()
    for name in clones:
        on_server(clone.format(name, template))
    seconds = time.perf_counter() - began
    for name in (template, *clones):
        on_server(drop.format(name))
    return seconds


# Many schemas on one server


def schemas(*, tables: int, counts: list[int], rounds: int) -> list[Row]:
    """Build more and more schemas beside each other, and look at what they cost."""
    found = []
    with plan() as of:
        places: list[Lease] = []
        for count in counts:
            row = Row({"schemas": count})
            while len(places) < count:
                began = time.perf_counter()
                places.append(build(of, number=len(places) + 1))
                row.note(build_ms=(time.perf_counter() - began) * 1000)
            session = places[-1].session
            baseline = Baseline(session, schema=places[-1].schema)
            for _ in range(rounds):
                write(session, rows=25, tables=tables - 8)
                row.note(reset_ms=milliseconds(baseline.reset))
            catalogs = session.execute(CATALOGS).fetchone()[0]
            sessions = session.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type ="
                " 'client backend'"
            ).fetchone()[0]
            row.note(catalogs_MB=float(catalogs) / 2**20, sessions=sessions)
            row.note(server_MB=server_memory(session))
            found.append(row)
        for place in places:
            place.drop()
            place.release()
    return found


def server_memory(session: Any) -> float:
    """Return the memory of all the server's processes, shared pages once, in MB."""
    folder = session.execute("SHOW data_directory").fetchone()[0]
    first = re.match(r"\d+", read(Path(folder) / "postmaster.pid"))
    if not first:
        return 0.0
    pids = [int(first[0]), *descendants(int(first[0]))]
    return sum(kilobytes(pid, "smaps_rollup", "Pss") for pid in pids) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("reset", "resets", "build", "schemas"))
    parser.add_argument("--tables", type=int, required=True)
    parser.add_argument("--rows", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--counts", type=int, nargs="*", default=[])
    options = parser.parse_args()
    tables, rounds = options.tables, options.rounds
    if options.what == "reset":
        rows = reset(tables=tables, rows=options.rows, rounds=rounds)
    elif options.what == "resets":
        rows = resets(tables=tables, count=options.counts[0])
    elif options.what == "build":
        rows = build_ways(tables=tables, workers=options.workers, rounds=rounds)
    else:
        rows = schemas(tables=tables, counts=options.counts, rounds=rounds)
    print(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    main()
