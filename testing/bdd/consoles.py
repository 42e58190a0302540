"""The console a run speaks through, and which one fits where it is run.

Everything goes to standard error; standard output belongs to the formatters.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol, TextIO

from testing.bdd.console_text import Ink
from testing.bdd.plain_console import PlainConsole
from testing.bdd.record import RunFact, RunRecord, WorkerFact
from testing.bdd.scenario_fact import ScenarioFact

__all__ = ["Console", "make_console"]


class Console(Protocol):
    """What a run tells people, while it runs and at its end."""

    def begin(
        self, run: RunFact, *, features: int, place: str, estimate: float | None
    ) -> None:
        """Say what is going to run; ``estimate`` is the wall time by history."""

    def worker_ready(self, fact: WorkerFact) -> None:
        """Say where a worker works, and how its schema came to be."""

    def scenario_began(self, *, worker: int, path: str, line: int, name: str) -> None:
        """Hear what a worker does now."""

    def scenario_ended(self, fact: ScenarioFact) -> None:
        """Say how an attempt ended; of a failure everything, at once."""

    def unit_ended(
        self, *, worker: int, path: str, scenarios: int, failed: int, seconds: float
    ) -> None:
        """Say that a unit is done."""

    def problem(self, text: str) -> None:
        """Say what went wrong, at every verbosity."""

    def end(self, record: RunRecord, *, exit_code: int, rerun: str) -> None:
        """Say how it ended, and last the command that runs again what failed."""

    def pause(self) -> AbstractContextManager[None]:
        """Step aside while formatters write to the same terminal."""

    def close(self) -> None:
        """Give the terminal back, also where ``end`` was never reached."""


def make_console(*, stream: TextIO, verbosity: int, color: bool | None) -> Console:
    """Return a live view for a person at a terminal, plain lines otherwise.

    ``color`` says yes or no; without an answer the environment and the stream
    decide.
    """
    ink = Ink(has_color(stream, color, os.environ))
    if verbosity < 1 or not is_live(stream, os.environ):
        return PlainConsole(stream=stream, verbosity=verbosity, ink=ink)
    from testing.bdd.live_console import LiveConsole

    return LiveConsole(stream=stream, verbosity=verbosity, ink=ink)


def is_live(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Tell whether somebody looks at a terminal that can be redrawn."""
    return _is_terminal(stream, environment) and not environment.get("CI")


def has_color(
    stream: TextIO, color: bool | None, environment: Mapping[str, str]
) -> bool:
    """Tell whether to use colours: an option counts more than the environment."""
    if color is not None:
        return color
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return _is_terminal(stream, environment)


def _is_terminal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    return stream.isatty() and environment.get("TERM", "") not in ("", "dumb")
