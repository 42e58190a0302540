"""``manage.py behave_merge``: one run's reports out of the records of its shards."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from testing.bdd.history import History
from testing.bdd.options import refuse_unwritable
from testing.bdd.record import RunRecord, line_of
from testing.bdd.reports import html, junit
from testing.bdd.reports.cases import OUTCOMES, cases_of
from testing.bdd.reports.shards import MergedRun, merge_shards
from testing.bdd.reports.totals import Totals
from testing.conf import EngineSettings
from testing.errors import EXIT_FAILED, EXIT_PASSED, UsageError
from testing.extras import needed

__all__ = ["Command"]


def write_messages(record: RunRecord, *, path: Path) -> None:
    """Write Cucumber messages; their packages are loaded only here."""
    from testing.bdd.reports import messages

    messages.write(record, path=path)


WRITERS: dict[str, Callable[..., None]] = {
    "report_html": html.write,
    "report_junit": junit.write,
    "report_messages": write_messages,
}
# Options that behave's own formatters and reporters need.
REPLAYED = ("format", "junit")


class Command(BaseCommand):
    """Reads the records of shards and writes the reports of one run."""

    help = "Merges the records of a run's shards into the reports of one run."
    # Nothing of the project is run.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer the records and the reports."""
        parser.add_argument(
            "paths",
            nargs="+",
            metavar="DIR|FILE",
            help="Record of a shard, or a directory: all *.jsonl files under it.",
        )
        for option, text in (
            ("--report-html", "Write the page of the whole run."),
            ("--report-junit", "Write one JUnit XML file of the whole run."),
            ("--report-messages", "Write Cucumber messages, NDJSON."),
            ("--events", "Write the merged record; it can be merged again."),
        ):
            parser.add_argument(option, type=Path, metavar="PATH", help=text)
        parser.add_argument(
            "-f",
            "--format",
            action="append",
            metavar="FORMATTER",
            help="Formatter of behave's to replay the run into; may be repeated.",
        )
        parser.add_argument(
            "-o",
            "--outfile",
            dest="outfiles",
            action="append",
            metavar="FILE",
            help="File of the formatter at the same place; without it, stdout.",
        )
        parser.add_argument(
            "--junit",
            action="store_true",
            help="Write behave's JUnit XML files, one a feature.",
        )
        parser.add_argument(
            "--junit-directory", metavar="DIR", help="Directory of those files."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's
        """Merge, report, and end the process with the exit code unless all passed."""
        if len(options["outfiles"] or ()) > len(options["format"] or ()):
            raise UsageError(
                "There are more --outfile than --format, so one file would stay "
                "without content. Next: give a --format before each --outfile."
            )
        for name in ("events", *WRITERS):
            refuse_unwritable(options[name], option=name)
        if options["report_messages"]:
            needed("reports", feature="--report-messages")
        if any(options.get(name) for name in REPLAYED):
            needed("bdd", feature="Replaying into --format or --junit")
        merged = merge_shards(find_records(options["paths"]))
        self._report(merged.record, options)
        self._remember(merged.record)
        if self._sum_up(merged, verbosity=options["verbosity"]) != EXIT_PASSED:
            sys.exit(EXIT_FAILED)

    def _remember(self, record: RunRecord) -> None:
        """Learn from the whole run what no shard may learn from its part."""
        engine = EngineSettings.load()
        history = History.load(engine.journal_dir / "history.json")
        history.learn(record)
        history.save()

    def _report(self, record: RunRecord, options: dict[str, Any]) -> None:
        if any(options.get(name) for name in REPLAYED):
            self._replay(record, options)
        written = [(write, options.get(name)) for name, write in WRITERS.items()]
        for write, path in [*written, (write_record, options.get("events"))]:
            if path is not None:
                write(record, path=Path(path))
                if options["verbosity"] > 1:
                    self.stderr.write(f"wrote {path}", self.style.HTTP_INFO)

    def _replay(self, record: RunRecord, options: dict[str, Any]) -> None:
        """Let behave's formatters and reporters see the run."""
        from behave.configuration import Configuration

        from testing.bdd.configuration import behave_arguments
        from testing.bdd.replay import replay_record

        names = ("format", "outfiles", "junit", "junit_directory")
        given = {name: options[name] for name in names if options.get(name)}
        if options.get("no_color"):
            given["color"] = "off"
        # behave names a feature's JUnit file by its path below these.
        folders = sorted({PurePath(fact.path).parts[0] for fact in record.features})
        config = Configuration(behave_arguments(given, paths=folders))
        config.format = config.format or []
        with self._streams(options):
            replay_record(record, config)

    @contextlib.contextmanager
    def _streams(self, options: dict[str, Any]) -> Iterator[None]:
        """Let formatters write where ``call_command(stdout=…)`` says."""
        if options.get("stdout") is None:
            yield
        else:
            with contextlib.redirect_stdout(options["stdout"]):
                yield

    def _sum_up(self, merged: MergedRun, *, verbosity: int) -> int:
        """Say what came together and what did not; returns the exit code."""
        totals = Totals(merged.record, cases_of(merged.record))
        warnings = [
            f"shard {shard} is missing, so its scenarios were not reported"
            for shard in merged.missing
        ]
        runs_of_shards = [run for run in merged.record.runs if run.shard]
        left_out = max((run.total for run in runs_of_shards), default=0) - sum(
            run.selected for run in runs_of_shards
        )
        if left_out > 0 and not merged.missing:
            warnings.append(
                f"{left_out} scenarios are in no shard: the shards were cut by "
                "different histories; give every machine the same one"
            )
        warnings += [
            f"{path} has no end: its run was killed" for path in merged.unfinished
        ]
        for warning in warnings:
            self.stderr.write(f"warning: {warning}", self.style.WARNING)
        verdict = "incomplete" if warnings and totals.verdict == "passed" else None
        verdict = verdict or totals.verdict
        if verbosity > 0:
            counts = ", ".join(f"{totals.counts[name]} {name}" for name in OUTCOMES)
            runs = len(merged.record.runs)
            style = self.style.SUCCESS if verdict == "passed" else self.style.ERROR
            self.stderr.write(
                f"{verdict.upper():>12} [{totals.wall:7.3f}s] {counts}; "
                f"{runs} record{'' if runs == 1 else 's'}, "
                f"{totals.bill.scenario_seconds:.3f}s in scenarios",
                style,
            )
        return EXIT_PASSED if verdict == "passed" else EXIT_FAILED


def find_records(given: list[str]) -> list[Path]:
    """Return the records that are meant by files and directories.

    Raises:
        UsageError: there is none where there should be some.

    """
    found: list[Path] = []
    for path in map(Path, given):
        if not path.exists():
            raise UsageError(
                f"{path} does not exist, so there is nothing to merge. Next: name "
                "files that `manage.py behave --events FILE` wrote, or their directory."
            )
        records = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
        if not records:
            raise UsageError(
                f"{path} holds no *.jsonl file, so there is nothing to merge. Next: "
                "name the directory that `manage.py behave --events FILE` wrote to."
            )
        found += records
    # A file and its directory may both have been named.
    return list({path.resolve(): path for path in found}.values())


def write_record(record: RunRecord, *, path: Path) -> None:
    """Write a record as one file, every fact after what it refers to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    groups: list[list[Any]] = [
        record.runs,
        record.features,
        record.workers,
        record.scenarios,
        record.units,
        record.losses,
        record.ends,
    ]
    with path.open("w", encoding="utf-8") as stream:
        for fact in (fact for group in groups for fact in group):
            stream.write(line_of(fact))
