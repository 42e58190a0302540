"""Options that cannot work together: each pair is refused, with the reason.

An option that another one would make meaningless is refused too; nothing that
was asked for is left out in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testing.errors import UsageError

if TYPE_CHECKING:
    from testing.bdd.options import RunOptions

__all__ = ["refuse_clashes"]

# What an option excludes, and why. Names are those of the command line.
CLASHES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "--replay",
        (
            "--random",
            "--failed-first",
            "--reverse",
            "--shard",
            "--rerun-failed",
            "--bisect",
            "--retries",
            "--parallel",
            "--parallel-by",
            "FEATURE",
        ),
        "it repeats what one worker did",
    ),
    ("--bisect", ("--repeat",), "it runs the features many times by itself"),
    ("--bisect", ("--retries",), "a failure counts the first time"),
    (
        "--bisect",
        ("--parallel", "--parallel-by"),
        "each of its tries runs scenario by scenario on one fresh worker",
    ),
    (
        "--bisect",
        ("--rerun-failed",),
        "what makes a scenario fail may be one that passed",
    ),
    ("--bisect", ("--failfast", "--stop"), "the scenario it is about runs last"),
    (
        "--bisect",
        ("--keep-failed", "--check-leaks"),
        "its tries are only about whether one scenario fails",
    ),
    (
        "--bisect",
        ("--events", "--report-html", "--report-junit", "--report-messages"),
        "its tries are not one run to report",
    ),
    ("--random", ("--failed-first", "--reverse"), "both decide the order"),
    (
        "--retries",
        ("--failfast", "--stop"),
        "a failure is tried again after all others, when nothing is left to stop",
    ),
    (
        "--fail-on-flaky",
        ("no --retries",),
        "without retries a failure is not tried again",
    ),
    ("--replay-worker", ("no --replay",), "it says whose part is replayed"),
    (
        "--use-existing-database",
        ("--keepdb", "--keep-failed", "--check-leaks"),
        "no schema is made there and nothing is put back",
    ),
    ("--use-existing-database", ("--simple",), "each says what keeps scenarios apart"),
    ("--runner", ("--simple",), "each says what keeps scenarios apart"),
    (
        "--simple",
        ("--keep-failed",),
        "a scenario is rolled back before it could be kept",
    ),
    (
        "BDD_SCHEMA_ISOLATION=false",
        ("--keep-failed", "--check-leaks"),
        "tables are emptied there before anybody could look",
    ),
)


def refuse_clashes(
    chosen: RunOptions, options: Mapping[str, Any], *, isolated: bool, package: str
) -> None:
    """Refuse what cannot work together.

    ``options`` are the command's, behave's and behave-django's among them;
    ``package`` is the one that the environment chose.

    Raises:
        UsageError: two options clash.

    """
    given = set(_given(chosen, options))
    given |= set() if isolated else {"BDD_SCHEMA_ISOLATION=false"}
    given |= {"FEATURE"} if package else set()
    for one, others, reason in CLASHES:
        for other in others:
            is_there = (
                other[3:] not in given if other.startswith("no ") else other in given
            )
            if one in given and is_there:
                raise UsageError(
                    f"{one} and {other} cannot work together: {reason}. "
                    "Next: leave one of them out."
                )
    _refuse_same_file(chosen)


def _given(chosen: RunOptions, options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the options that were given something but their default."""
    yield from chosen.given()
    if chosen.parallel not in ("auto", 1):
        yield "--parallel"
    for name in (
        *("keepdb", "simple", "runner", "use_existing_database"),
        *("failfast", "stop", "reverse"),
    ):
        if options.get(name):
            yield f"--{name.replace('_', '-')}"


def _refuse_same_file(chosen: RunOptions) -> None:
    """Refuse to write two things into one file, or over what is read."""
    seen: dict[Path, str] = {}
    for name in ("replay", "events", "report_html", "report_junit", "report_messages"):
        path = getattr(chosen, name)
        if path is None:
            continue
        option = f"--{name.replace('_', '-')}"
        other = seen.setdefault(path.resolve(), option)
        if other != option:
            raise UsageError(
                f"{other} and {option} name the same file, {path}, so one would be "
                "written over the other. Next: give one of them another name."
            )
