"""Steps that cannot end the process by accident.

``sys.exit()`` in a step, or in what it calls, passes through behave and would
take the worker with it. Here it is an error of its scenario, and the run goes on.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

__all__ = ["GuardedSteps", "StepExited"]


class StepExited(Exception):
    """A step called for the end of the process."""


class GuardedSteps:
    """behave's step registry, with a guard around each step that it finds."""

    def __init__(self, registry: Any) -> None:
        self._registry = registry

    def __getattr__(self, name: str) -> Any:
        return getattr(self._registry, name)

    def find_match(self, step: Any) -> Any:
        """Return behave's match with its function guarded, None without one."""
        match = self._registry.find_match(step)
        if match is None or match.func is None:
            return match
        guarded = copy.copy(match)
        guarded.func = _guarded(match.func)
        return guarded


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def step(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except (SystemExit, GeneratorExit) as error:
            raise StepExited(f"{type(error).__name__}: {error}") from error

    return step
