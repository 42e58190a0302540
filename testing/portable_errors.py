"""Errors of tests on their way from a worker to its parent.

Django sends exceptions with their tracebacks, which pickle with tblib alone, and
gives up the whole run where one does not pickle. Here such an error travels as
its text.
"""

from __future__ import annotations

import pickle
import traceback
from types import TracebackType
from typing import TypeAlias

__all__ = ["ErrorOfWorker", "portable"]

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
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - its own
    except Exception:  # noqa: BLE001 - pickling calls the exception's own code
        while trace is not None and "__unittest" in trace.tb_frame.f_globals:
            trace = trace.tb_next
        text = "".join(traceback.format_exception(kind, value, trace))
        stand_in = (
            FailureOfWorker if issubclass(kind, AssertionError) else ErrorOfWorker
        )
        return stand_in, stand_in(f"in a worker\n{text.rstrip()}"), None
    return error
