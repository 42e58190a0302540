"""Errors of tests on their way from a worker to its parent.

Django sends exceptions with their tracebacks, which pickle with tblib alone, and
gives up the whole run where one does not pickle. Here such an error travels as
its text.
"""

from __future__ import annotations

import pickle
import traceback
from types import TracebackType
from typing import Any, TypeAlias
from unittest import TestCase

__all__ = ["ErrorOfWorker", "portable", "portable_subtest"]

ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)


class ErrorOfWorker(Exception):
    """An error that could not leave its process; the message is all of it."""


class FailureOfWorker(AssertionError):
    """The same of a failed assertion: unittest tells the two apart."""


def portable(error: ExcInfo) -> ExcInfo:
    """Return ``error`` if it can be sent to another process, else one like it.

    What stands for it has no traceback of its own; its message is the text of
    the original, chained exceptions included.
    """
    kind, value, trace = error
    if kind is None or value is None:
        return error
    if _survives_pickling(error):
        return error
    while trace is not None and "__unittest" in trace.tb_frame.f_globals:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(kind, value, trace))
    stand_in = FailureOfWorker if issubclass(kind, AssertionError) else ErrorOfWorker
    return stand_in, stand_in(f"in a worker\n{text.rstrip()}"), None


def portable_subtest(subtest: Any) -> Any:
    """Return what can be sent in place of a subtest, as ``addSubTest`` gets it.

    It goes by its name alone. The subtest itself would take its test case along,
    whose attributes need not pickle, and unittest's sign for "no message", which
    is another object in another process and would be printed there.
    """
    return NamedSubtest(subtest.id(), str(subtest))


class NamedSubtest(TestCase):
    """A subtest that has run in a worker, known by its name alone."""

    def __init__(self, own_id: str, own_text: str) -> None:
        super().__init__("runTest")
        self.own_id, self.own_text = own_id, own_text

    def __reduce__(self) -> Any:
        return NamedSubtest, (self.own_id, self.own_text)

    def runTest(self) -> None:
        """Refuse: it has run already."""
        raise NotImplementedError(self.own_id)

    def id(self) -> str:
        """Return the name of the subtest."""
        return self.own_id

    def shortDescription(self) -> str | None:
        """Return nothing: the test's own description stays with the test."""
        return None

    def __str__(self) -> str:
        return self.own_text


def _survives_pickling(thing: Any) -> bool:
    try:
        pickle.loads(pickle.dumps(thing))  # noqa: S301 - its own
    except Exception:  # noqa: BLE001 - pickling calls the project's own code
        return False
    return True
