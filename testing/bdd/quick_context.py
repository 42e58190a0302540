"""behave's context, which notes where an attribute is set without reading the file.

behave keeps for each attribute the frame that set it, for a warning that is seldom
given. It takes that frame by way of the traceback module, which looks at the source
file on the disk each time: a sixtieth of all processor time of a run of short
scenarios. Everything else is behave's and behave-django's.
"""

from __future__ import annotations

import sys
from traceback import FrameSummary
from typing import Any

from behave.runner import Context
from behave_django.environment import PatchedContext

__all__ = ["QuickContext", "quicken"]


class QuickContext(PatchedContext):  # type: ignore[misc]  # It ships no types.
    """The context that steps and hooks get; it behaves as behave-django's does."""

    def __setattr__(self, attr: str, value: Any) -> None:
        """Set an attribute of the present layer, as behave does."""
        if attr.startswith("_"):
            super().__setattr__(attr, value)
            return
        layer, *outer = self._stack
        for _ in (one for one in outer if attr in one):
            filename, line, _name, function = self._record[attr]
            described = {"attr": attr, "filename": filename, "line": line}
            self._emit_warning(attr, {**described, "function": function})
        caller = sys._getframe(1)  # noqa: SLF001 - as logging and warnings do
        code = caller.f_code
        self._record[attr] = FrameSummary(
            code.co_filename, caller.f_lineno, code.co_name, lookup_line=False
        )
        layer[attr] = value
        self._origin.setdefault(attr, self._mode)


def quicken(context: Context) -> None:
    """Make behave-django's context a quick one; one of the project's own stays."""
    if type(context) is PatchedContext:
        # behave's own __setattr__ would take the class for an attribute.
        object.__setattr__(context, "__class__", QuickContext)
