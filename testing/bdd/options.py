"""The options of a parallel run: offered and read."""

from __future__ import annotations

import argparse
import os
import random
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from testing.errors import UsageError
from testing.extras import needed

__all__ = ["RunOptions", "add_run_options", "refuse_unwritable"]


@dataclass(frozen=True)
class RunOptions:
    """What the command line asks of a run, beside behave's own options.

    Times are in seconds; paths are where files are written.
    """

    parallel: int | str = "auto"
    parallel_by: str = "feature"
    timeout: float | None = None
    step_timeout: float | None = None
    random: int | None = None
    failed_first: bool = False
    rerun_failed: bool = False
    repeat: int = 1
    retries: int = 0
    fail_on_flaky: bool = False
    keep_failed: bool = False
    check_leaks: bool = False
    shard: tuple[int, int] | None = None
    replay: Path | None = None
    replay_worker: int = 1
    bisect: str = ""
    events: Path | None = None
    report_html: Path | None = None
    report_junit: Path | None = None
    report_messages: Path | None = None

    @classmethod
    def read(cls, options: dict[str, Any]) -> RunOptions:
        """Take the run's options out of a command's.

        Raises:
            UsageError: one of them needs what is not installed, or names a file
                that cannot be written.

        """
        names = {one.name for one in fields(cls)}
        given = {k: v for k, v in options.items() if k in names and v is not None}
        for name in ("replay", "events", *REPORTS):
            if name in given:
                given[name] = Path(given[name])
        chosen = cls(**given)
        for name in ("events", *REPORTS):
            refuse_unwritable(getattr(chosen, name), option=name)
        if chosen.report_messages is not None:
            # Said before the run, not when its report is due.
            needed("reports", feature="--report-messages")
        return chosen

    def given(self) -> list[str]:
        """Return the options that differ from their default, as they are written.

        The number of workers is left out: it is at home in aliases.
        """
        return [
            f"--{one.name.replace('_', '-')}"
            for one in fields(self)
            if one.name != "parallel" and getattr(self, one.name) != one.default
        ]

    def of_run(self, number: int) -> RunOptions:
        """Return the options of one run of several, each with files of its own.

        The number goes before the suffix: ``report-1.html``, ``report-2.html``.
        """
        if self.repeat == 1:
            return self
        paths = {name: getattr(self, name) for name in ("events", *REPORTS)}
        numbered = {
            name: path.with_stem(f"{path.stem}-{number}")
            for name, path in paths.items()
            if path is not None
        }
        return replace(self, **numbered)


REPORTS = ("report_html", "report_junit", "report_messages")


def refuse_unwritable(path: Path | str | None, *, option: str) -> None:
    """Refuse a file that could not be written when the run is over.

    Folders that are missing are no reason: they are made.

    Raises:
        UsageError: ``path`` is a folder, or this user may not write it.

    """
    if path is None:
        return
    path = Path(path)
    # The file itself, or the nearest folder above it that is there.
    above = path.absolute()
    place = next(one for one in (above, *above.parents) if os.access(one, os.F_OK))
    if path.is_dir():
        reason = "that is a folder"
    elif place != above and not place.is_dir():
        reason = f"{place} is no folder"
    elif not os.access(place, os.W_OK):
        reason = f"you may not write to {place}"
    else:
        return
    raise UsageError(
        f"--{option.replace('_', '-')} names {path}, and {reason}, so the file could "
        "not be written when the run is over. Next: name a file that can be written."
    )


def add_run_options(parser: CommandParser) -> None:
    """Offer the options of a parallel run."""
    how = parser.add_argument_group("how to run")
    how.add_argument(
        "-j", "--jobs", "--parallel", dest="parallel", nargs="?", const="auto",
        default="auto", type=parallel_value, metavar="N",
        help="Number of workers; auto, the default, is one for each processor.",
    )  # fmt: skip
    how.add_argument(
        "--parallel-by", choices=("feature", "scenario", "package"), default="feature",
        help="What one worker does in one piece (default: feature).",
    )  # fmt: skip
    how.add_argument(
        "--timeout", type=positive, metavar="SECONDS",
        help="Limit of a scenario; its tag @timeout.30 goes before this.",
    )  # fmt: skip
    how.add_argument(
        "--step-timeout", type=positive, metavar="SECONDS", help="Limit of a step."
    )
    how.add_argument(
        "--shard", type=shard_value, metavar="I/N",
        help="Run the I-th of N parts of equal time; merge with behave_merge.",
    )  # fmt: skip
    _add_order_options(parser)
    _add_report_options(parser)


def _add_order_options(parser: CommandParser) -> None:
    order = parser.add_argument_group("in which order, and again")
    order.add_argument(
        "--random", nargs="?", type=seed_value, const=-1, metavar="SEED",
        help="A random order of features and scenarios; the seed is printed.",
    )  # fmt: skip
    order.add_argument(
        "--failed-first", action="store_true", help="What failed last time first."
    )
    order.add_argument(
        "--rerun-failed", action="store_true", help="Only what failed last time."
    )
    order.add_argument(
        "--repeat", type=count_value, default=1, metavar="N",
        help="Run N times; files get the number of the run before their suffix.",
    )  # fmt: skip
    order.add_argument(
        "--retries", type=natural, default=0, metavar="N",
        help="Try a failing scenario up to N more times; then it is flaky.",
    )  # fmt: skip
    order.add_argument(
        "--fail-on-flaky", action="store_true", help="A flaky scenario fails the run."
    )
    order.add_argument(
        "--replay", metavar="FILE", help="Repeat what one worker of a record had run."
    )
    order.add_argument(
        "--replay-worker", type=count_value, default=1, metavar="ID",
        help="Which worker's part to replay (default: 1).",
    )  # fmt: skip
    order.add_argument(
        "--bisect", default="", metavar="FILE:LINE",
        help="Find the scenario that makes this one fail when it runs before it.",
    )  # fmt: skip


def _add_report_options(parser: CommandParser) -> None:
    report = parser.add_argument_group("what to keep and to report")
    report.add_argument(
        "--keep-failed", action="store_true",
        help="Keep the data of failing scenarios, at most 3, as schemas.",
    )  # fmt: skip
    report.add_argument(
        "--check-leaks", action="store_true",
        help="Compare data, caches, files, threads and more after each reset.",
    )  # fmt: skip
    report.add_argument("--events", metavar="FILE", help="Where to write the record.")
    for name in REPORTS:
        kind = name.removeprefix("report_")
        report.add_argument(
            f"--report-{kind}", metavar="FILE", help=f"Write a report as {kind}."
        )


def parallel_value(text: str) -> int | str:
    """Read the value of ``--parallel``: ``auto`` or a number from 1."""
    if text == "auto":
        return text
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(
        f"{text!r} is no number of workers: give a number from 1, or auto; "
        "a path goes before it, or after `--parallel=auto`"
    )


def positive(text: str) -> float:
    """Read a number of seconds above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def count_value(text: str) -> int:
    """Read a number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def natural(text: str) -> int:
    """Read a number from 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0")
    return int(text)


def shard_value(text: str) -> tuple[int, int]:
    """Read ``i/n``: the i-th of n parts, from 1."""
    part, slash, whole = text.partition("/")
    if slash and part.isdecimal() and whole.isdecimal():
        number, count = int(part), int(whole)
        if 1 <= number <= count:
            return number, count
    raise argparse.ArgumentTypeError(f"{text!r} is no shard: write 1/4, …, 4/4")


def seed_value(text: str) -> int:
    """Read a whole number that a random order begins with."""
    if not text.removeprefix("-").isdecimal():
        raise argparse.ArgumentTypeError(
            f"{text!r} is no seed: give a whole number; a path goes before --random, "
            "or after `--random=7`"
        )
    return int(text)


def chosen_seed(option: int | None) -> int | None:
    """Return the seed of ``--random``: the one given, or one made up."""
    if option != -1:
        return option
    return random.SystemRandom().randrange(10**9)
