"""behave's options: offered on Django's command line, handed on to behave."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from typing import Any

from behave.configuration import OPTIONS, Configuration
from behave.i18n import languages
from django.core.management.base import CommandParser

from testing.errors import UsageError

__all__ = ["add_behave_options", "behave_arguments", "configured"]

# Option strings that mean something else to Django or to behave-django; behave's
# are offered as --behave-…, as behave-django does.
TAKEN = frozenset(
    ("-c", "-k", "-r", "-S", "-v", "--no-color", "--runner", "--simple", "--version")
)
# Names under which two options would overwrite each other.
RENAMED = {"runner": "behave_runner", "version": "behave_version"}


def add_behave_options(parser: CommandParser) -> None:
    """Offer behave's options; only those that are given appear in the result.

    Parallelism is offered elsewhere: ``-j``, ``--jobs`` and ``--parallel`` are one.
    """
    for strings, keywords in _options():
        parser.add_argument(
            *(_offered(one) for one in strings),
            **{**keywords, "default": argparse.SUPPRESS},
        )


def behave_arguments(options: dict[str, Any], *, paths: list[str]) -> list[str]:
    """Return behave's command line for options given on any way.

    It is made from the parsed options, not from ``sys.argv``, so that
    ``call_command`` works.
    """
    arguments = []
    for strings, keywords in _options():
        if keywords["dest"] in options:
            value = options[keywords["dest"]]
            arguments += _render(strings[-1], keywords, value)
    return [*arguments, "--", *paths] if paths else arguments


def configured(arguments: list[str]) -> Configuration:
    """Return behave's configuration for its command line.

    Raises:
        UsageError: a tag expression, a pattern or a language makes no sense.

    """
    try:
        config = Configuration(arguments)
    except Exception as error:
        raise UsageError(
            f"behave cannot read its options ({type(error).__name__}: {error}), so it "
            f"is unclear what to run. Next: correct them in `{shlex.join(arguments)}`, "
            "or in behave's configuration file."
        ) from error
    if config.lang not in (None, *languages):
        raise UsageError(
            f"--lang is {config.lang!r}, and features cannot be written in that. Next: "
            "choose one that `manage.py behave --lang-list` prints."
        )
    return config


def _options() -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield behave's options as argparse takes them, values left as text."""
    for strings, keywords in OPTIONS:
        if not strings or "--jobs" in strings:
            continue
        kept = {k: v for k, v in keywords.items() if k not in ("config_help", "type")}
        dest = kept.get("dest") or strings[-1].lstrip("-").replace("-", "_")
        kept["dest"] = RENAMED.get(dest, dest)
        # The default is taken away where the option is offered, so its text goes
        # into the help now.
        kept["help"] = kept["help"].replace("%(default)s", str(kept.get("default")))
        yield strings, kept


def _offered(option: str) -> str:
    if option not in TAKEN:
        return option
    return f"--behave-{option.lstrip('-')}"


def _render(option: str, keywords: dict[str, Any], value: Any) -> list[str]:
    action = keywords.get("action", "store")
    if action == "append":
        values = [value] if isinstance(value, str) else value
        return [f"{option}={_text(one)}" for one in values]
    if action == "store":
        return [] if value is None else [f"{option}={_text(value)}"]
    wanted = {"store_true": True, "store_false": False}.get(
        action, keywords.get("const")
    )
    return [option] if value == wanted else []


def _text(value: Any) -> str:
    # call_command may be given -D as a pair.
    return "=".join(map(str, value)) if isinstance(value, tuple) else str(value)
