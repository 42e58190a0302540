"""Time limits of scenarios and steps, kept inside the worker.

When one is exceeded the watchdog tells what every thread is doing, which
requests are open, and what the database waits for; then it ends the process,
since a thread that hangs cannot be stopped.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import behave

import testing

__all__ = ["TIMED_OUT", "Watchdog", "limit_from_tags"]

# The exit status of a worker that the watchdog ended; timeout(1) uses it too.
TIMED_OUT = 124
FRAMES_SHOWN = 20
# Where code lives that only leads to a project's own.
PLUMBING = (
    str(Path(testing.__file__).parent),
    str(Path(behave.__file__).parent),
    str(Path(sysconfig.get_path("stdlib"))),
    str(Path(sysconfig.get_path("purelib"))),
    str(Path("manage.py").resolve()),
    # How multiprocessing starts a process that is not forked.
    "<string>",
)
TAG = re.compile(r"timeout\.(\d+(?:\.\d+)?)")


def limit_from_tags(tags: Iterable[str], *, default: float | None) -> float | None:
    """Return a scenario's limit in seconds: ``@timeout.30`` goes before the default."""
    found = [TAG.fullmatch(str(tag)) for tag in tags]
    limits = [float(match[1]) for match in found if match]
    return min(limits) if limits else default


class Watchdog:
    """A thread that ends the process when a scenario or a step takes too long.

    ``report`` is given the text and what ``so_far`` tells of the scenario, by
    names of its own; ``details`` adds what the place of work knows, a line each.
    """

    def __init__(
        self,
        *,
        report: Callable[[dict[str, Any]], None],
        details: Callable[[], list[str]],
        so_far: Callable[[], dict[str, Any]],
    ) -> None:
        self.report = report
        self.details = details
        self.so_far = so_far
        self._changed = threading.Condition()
        # Deadline and description of the scenario and of the step, by name.
        self._limits: dict[str, tuple[float, float, str]] = {}
        self._main = threading.main_thread().ident
        self._thread: threading.Thread | None = None

    def watch(self, name: str, limit: float | None, what: str) -> None:
        """Set the limit called ``name``, in seconds from now; None takes it away."""
        with self._changed:
            self._limits.pop(name, None)
            if limit is not None:
                self._limits[name] = (time.perf_counter() + limit, limit, what)
                self._start()
            self._changed.notify()

    def rest(self) -> None:
        """Take all limits away."""
        with self._changed:
            self._limits.clear()
            self._changed.notify()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name="watchdog", daemon=True
            )
            self._thread.start()

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.perf_counter()
                nearest = min(self._limits.values(), default=None)
                if nearest is None:
                    self._changed.wait()
                elif nearest[0] <= now:
                    break
                else:
                    self._changed.wait(nearest[0] - now)
        self._bark(limit=nearest[1], what=nearest[2])

    def _bark(self, *, limit: float, what: str) -> None:
        lines = [f"{what} took longer than {limit:g} s."]
        known = {}
        try:
            known = self.so_far()
        except Exception as error:  # noqa: BLE001 - the stacks matter more
            lines.append(f"(Which steps had run could not be found out: {error})")
        try:
            lines += self.details()
        except Exception as error:  # noqa: BLE001 - the stacks matter more
            lines.append(f"(What it waits for could not be found out: {error})")
        lines += self._stacks()
        text = "\n".join(lines)
        self.report({"kind": "timed out", "text": text, **known})
        os._exit(TIMED_OUT)

    def _stacks(self) -> list[str]:
        """Return what every thread does that is not idle, the main one first."""
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        frames = sys._current_frames()  # noqa: SLF001 - documented by Python
        lines = []
        for ident in sorted(frames, key=lambda ident: ident != self._main):
            stack = own_frames(traceback.extract_stack(frames[ident]))
            if ident == threading.get_ident() or not stack:
                continue
            lines.append(f"Thread {names.get(ident, ident)}:")
            text = "".join(traceback.format_list(stack[-FRAMES_SHOWN:]))
            lines += text.rstrip().splitlines()
        return lines


def own_frames(stack: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Return the frames from where the project's code begins, none for idle threads.

    What leads to it is this engine's, behave's and the server's.
    """
    for number, frame in enumerate(stack):
        if not frame.filename.startswith(PLUMBING):
            return stack[number:]
    return []
