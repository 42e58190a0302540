"""Other projects' test suites: Django's stock runner against this engine.

For each suite its source distribution is downloaded from PyPI through pip and
unpacked in bench/results/suites/, with a virtual environment beside it. Rounds
run stock and ours in turn, whole processes, on the same private server.
Nothing of the project is changed: a settings module is made that imports the
project's own, points it to that server and names the runner; ours also has
"testing" in INSTALLED_APPS. Both runners write down the outcome of each test.
A suite that needs extensions which the private server lacks, django-cachalot
for one, runs on a server of one's own: `--socket` names its folder.

The exit code is 1 when the outcomes of a suite differ, or when a run did not
get to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.processes import as_at_work  # noqa: E402
from bench.suite_catalog import SUITES, Suite  # noqa: E402
from bench.suite_setup import Place, prepare  # noqa: E402
from bench.suite_verdict import SIDES, Run, Verdict  # noqa: E402
from testing.embedded import EmbeddedServer  # noqa: E402

FOLDER = ROOT / "bench" / "results" / "suites"


def run_side(place: Place, *, side: str, number: int, options) -> Run:
    """Run one side once; a run that takes too long is ended, and says so."""
    record = place.record(side, number)
    record.unlink(missing_ok=True)
    place.clean()
    labels = options.labels or place.suite.labels
    command = place.command(
        side, "--noinput", f"--parallel={options.parallel}", *options.extra, *labels
    )
    with place.log(side, number).open("w") as log:
        began, before = time.perf_counter(), os.times()
        process = subprocess.Popen(
            command,
            cwd=place.source / place.suite.folder,
            env=as_at_work(place.environment()) | {"SUITE_RECORD": str(record)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        trouble = _wait(process, seconds=options.timeout)
        wall, after = time.perf_counter() - began, os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    run = Run(side, round(wall, 2), round(cpu, 2), process.returncode, trouble)
    if record.exists():
        content = json.loads(record.read_text())
        run.ran, run.outcomes = content["ran"], content["outcomes"]
        run.reasons = content["reasons"]
        if content["workers"] == 1 < options.parallel:
            print(f"    Note: {side} had one process; one class cannot be split.")
        if run.ran == 0:
            run.trouble = "ran no test"
    elif not trouble:
        run.trouble = f"ended with status {process.returncode} before its result"
    return run


def _wait(process: subprocess.Popen, *, seconds: float) -> str:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"hung: killed after {seconds:.0f} s"
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return ""


def compare(suite: Suite, *, host: Path, options) -> Verdict:
    """Run stock and ours in turn."""
    verdict = Verdict(suite, [])
    try:
        place = prepare(suite, folder=FOLDER, host=host)
    except subprocess.CalledProcessError as error:
        verdict.trouble = f"could not be set up: {' '.join(map(str, error.cmd))[:300]}"
        print(f"    {verdict.trouble}\n{(error.stderr or '')[-2000:]}")
        return verdict
    for number in range(1, options.rounds + 1):
        for side in options.sides:
            run = run_side(place, side=side, number=number, options=options)
            verdict.runs.append(run)
            print(
                f"    round {number}, {side:5}  {run.wall:8.2f} s"
                f"  {run.cpu:8.2f} s cpu  {run.ran:6} tests  {tally(run)}",
                flush=True,
            )
            if run.trouble:
                verdict.trouble = f"{side} {run.trouble}; see {place.log(side, number)}"
                return verdict
    return verdict


def tally(run: Run) -> str:
    """Say how many tests had each outcome."""
    if run.trouble:
        return run.trouble
    counts: dict[str, int] = {}
    for outcomes in run.outcomes.values():
        for outcome in outcomes:
            counts[outcome] = counts.get(outcome, 0) + 1
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))


def show(verdict: Verdict) -> None:
    """Print the tests that differ, with the reason the first side gave."""
    reasons: dict[str, str] = {}
    for run in verdict.runs:
        reasons |= run.reasons
    for name, sides in list(verdict.differences.items())[:20]:
        print(f"    DIFFERS {name}: {sides}")
        if lines := reasons.get(name, "").strip().splitlines():
            print(f"            {lines[-1][:200]}")
    if len(verdict.differences) > 20:
        print(f"    … and {len(verdict.differences) - 20} more, in the JSON file")
    for name, reason in verdict.suite.by_order.items():
        print(f"    not compared: {name} {reason}")
    for name in verdict.unsteady:
        print(f"    unsteady with stock itself: {name}")


def table(verdicts: list[Verdict]) -> None:
    """Print the table."""
    head = f"\n{'suite':24} {'tests':>6} {'outcomes':>10} {'stock':>9} {'ours':>9}"
    print(f"{head} {'stock/ours':>10} {'cpu':>6}")
    for one in verdicts:
        stock, ours = one.wall("stock"), one.wall("ours")
        outcomes = "equal" if one.is_equal else "-"
        if one.differences:
            outcomes = f"{len(one.differences)} differ"
        tests = one.runs[0].ran if one.runs else 0
        line = f"{one.suite.name:24} {tests:>6} {outcomes:>10}"
        if stock and ours and not one.trouble:
            line += f" {stock:>8.1f}s {ours:>8.1f}s {stock / ours:>9.2f}x"
            line += f" {one.cpu('stock') / max(one.cpu('ours'), 0.01):>5.2f}x"
        else:
            line += f"  {one.trouble}"
        print(line)
        if one.unsteady:
            print(f"{'':31} {len(one.unsteady)} unsteady with stock, not compared")


def main() -> int:
    options = arguments()
    if options.list:
        for suite in SUITES:
            print(f"{suite.name:24} {suite.version:10} {' '.join(suite.labels)}")
        return 0
    known = {suite.name: suite for suite in SUITES}
    if unknown := set(options.names) - set(known):
        sys.exit(f"No such suite: {', '.join(unknown)}. Next: --list names them.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    host = options.socket or _embedded()
    print(f"{os.cpu_count()} processors, Python {platform.python_version()},", end=" ")
    print(f"{options.parallel} workers, in turn: {', '.join(options.sides)}")
    verdicts = []
    for name in options.names or known:
        print(f"{name} {known[name].version}", flush=True)
        verdicts.append(compare(known[name], host=host, options=options))
        show(verdicts[-1])
        write(verdicts, options=options)
    table(verdicts)
    print(f"\nEverything, test by test: {FOLDER / 'suites.json'}")
    return 0 if all(verdict.is_equal for verdict in verdicts) else 1


def _embedded() -> Path:
    """Start the private server; returns the folder of its socket."""
    server = EmbeddedServer(FOLDER / "postgres")
    server.ensure_running(database="suites")
    return server.socket_folder


def write(verdicts: list[Verdict], *, options) -> None:
    """Write the JSON file, after each suite, so that an interruption loses little."""
    content = {
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "workers": options.parallel,
        "rounds": options.rounds,
        "suites": [verdict.as_dict() for verdict in verdicts],
    }
    (FOLDER / "suites.json").write_text(json.dumps(content, indent=1))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="suites, all by default")
    parser.add_argument("--list", action="store_true", help="name the suites")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=1200, help="seconds for a run")
    parser.add_argument(
        "--socket",
        type=Path,
        metavar="FOLDER",
        help="of a running server, with a superuser `postgres` and port 5432",
    )
    parser.add_argument(
        "--labels", nargs="+", default=[], help="instead of the suite's own"
    )
    parser.add_argument(
        "--side", dest="sides", action="append", choices=SIDES, default=None
    )
    parser.add_argument(
        "--extra", action="append", default=[], help="a further option of both sides"
    )
    options = parser.parse_args()
    options.sides = options.sides or list(SIDES)
    return options


if __name__ == "__main__":
    sys.exit(main())
