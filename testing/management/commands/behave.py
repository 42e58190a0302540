"""``manage.py behave``: features in parallel, each worker on its own schema."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from testing.errors import EXIT_INTERRUPTED, EXIT_PASSED, UsageError
from testing.extras import CommandWithExtra

__all__ = ["Command"]

# Options that only inform, or only read the features: behave does those alone.
INFORMING = ("behave_version", "tags_help", "lang_list", "lang_help", "dry_run")


class Command(CommandWithExtra):
    """Runs features; behave's and behave-django's options are all there."""

    extra = "bdd"
    help = "Runs behave's features in parallel, each worker on a schema of its own."
    # The features are tested on databases that do not exist yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer the options of behave-django, of behave and of parallel runs."""
        from behave_django.management.commands.behave import add_command_arguments

        from testing.bdd.configuration import add_behave_options
        from testing.bdd.options import add_run_options

        parser.usage = "%(prog)s [options] [DIR|FILE|FILE:LINE ...]"
        add_command_arguments(parser)
        parser.set_defaults(runner=None)
        parser.add_argument(
            "paths", nargs="*", help="Feature directory, file or location (FILE:LINE)."
        )
        add_run_options(parser)
        add_behave_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's
        """Run, and end the process with the exit code unless all passed."""
        try:
            with self._streams(options):
                status = self._run(options)
        except KeyboardInterrupt:
            # The second Ctrl-C, or one while nothing could be finished yet.
            self.stderr.write("Interrupted: ended at once, without summary or reports.")
            status = EXIT_INTERRUPTED
        if status != EXIT_PASSED:
            sys.exit(status)

    def _run(self, options: dict[str, Any]) -> int:
        from testing.bdd.run import BehaveRun

        if options.get("behave_runner") not in (None, "help"):
            raise UsageError(
                "--behave-runner names a runner of behave's, and this command is one "
                "itself. Next: leave the option out; `--runner module:Class` still "
                "names a runner of behave-django's."
            )
        if options.pop("no_color", False):
            options["color"] = "off"
        informs = any(options.get(name) for name in INFORMING) or (
            options.get("steps_catalog") or "help" in (options.get("format") or ())
        )
        if informs or options.get("behave_runner"):
            _refuse_for_nothing(options)
            return self._inform(options)
        return BehaveRun(options, self.stderr._out).run()  # noqa: SLF001 - test_behave

    def _inform(self, options: dict[str, Any]) -> int:
        from behave.__main__ import run_behave
        from behave.configuration import Configuration

        from testing.bdd.configuration import behave_arguments

        arguments = behave_arguments(options, paths=options["paths"])
        return int(run_behave(Configuration(arguments)))

    @contextlib.contextmanager
    def _streams(self, options: dict[str, Any]) -> Iterator[None]:
        """Let formatters write where ``call_command(stdout=…)`` says."""
        if options.get("stdout") is None:
            yield
        else:
            with contextlib.redirect_stdout(options["stdout"]):
                yield


def _refuse_for_nothing(options: dict[str, Any]) -> None:
    """Refuse options of a run where nothing runs.

    Raises:
        UsageError: one of them would have no effect.

    """
    from testing.bdd.options import RunOptions

    if asked := RunOptions.read(options).given():
        raise UsageError(
            f"{asked[0]} is about a run, and what was asked for beside it only "
            f"informs, so {asked[0]} would have no effect. Next: leave it out."
        )
