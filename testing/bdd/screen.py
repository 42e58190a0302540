"""A few lines at the foot of a terminal, under what scrolls by.

See Note [The frame hangs below the cursor].
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

__all__ = ["Screen"]

# Note [The frame hangs below the cursor]
# Formatters write to the same terminal, also parts of lines (a dot for each
# step), so nobody knows in which column the cursor stands. Drawing over the
# present line and going back would need to know that. Here the cursor never
# leaves the place where text goes on: rows below it are made by moving down
# (which scrolls where need be) and up again, the place is saved, the frame is
# written below it, and the cursor returns. Then
# - taking the frame away is "clear from the cursor on", however the terminal
#   has wrapped its lines after a change of width;
# - text that somebody writes without asking lands where it belongs;
# - a process that is killed leaves no state behind: the cursor is never
#   hidden, and no mode outlives one write but the one for synchronized
#   updates, which terminals end by themselves.

CLEAR_BELOW = "\x1b[J"
CLEAR_LINE = "\x1b[K"
DOWN = "\x1bD"
UP = "\x1b[{}A"
SAVE, RESTORE = "\x1b7", "\x1b8"
NO_WRAP, WRAP = "\x1b[?7l", "\x1b[?7h"
# The terminal shows what stands between the two as one change: no flicker.
HOLD, SHOW = "\x1b[?2026h", "\x1b[?2026l"


class Screen:
    """Writes text that scrolls, and keeps a frame of lines under it."""

    def __init__(
        self,
        stream: TextIO,
        *,
        size: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        self._stream = stream
        self._size = size or self._ask_size
        self._lock = threading.RLock()
        self._frame: list[str] = []
        self._pauses = 0

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows, at this moment."""
        return self._size()

    def write(self, text: str) -> None:
        """Write whole lines above the frame, beginning on a line of their own."""
        with self._lock:
            # As many blanks as there are columns fill the line from its first
            # column, or else run over into the next: either way the cursor then
            # is on a line with nothing on it.
            fresh = f"{' ' * self.size[0]}\r{CLEAR_LINE}"
            self._put(f"{CLEAR_BELOW}{fresh}{text}{self._drawing()}")

    def show(self, frame: Sequence[str]) -> None:
        """Replace the frame; its lines must fit the width."""
        with self._lock:
            self._frame = list(frame)
            if not self._pauses:
                self._put(f"{CLEAR_BELOW}{self._drawing()}")

    def clear(self) -> None:
        """Take the frame away."""
        with self._lock:
            if self._frame:
                self._frame = []
                self._put(CLEAR_BELOW)

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Take the frame away for a moment, and show the same one again."""
        with self._lock:
            self._pauses += 1
            if self._frame and self._pauses == 1:
                self._stream.write(HOLD + CLEAR_BELOW)
                self._stream.flush()
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                if self._frame and not self._pauses:
                    self._put(self._drawing())

    def _drawing(self) -> str:
        """Return what draws the frame below the cursor and comes back to it."""
        # One row is left to what scrolls.
        lines = self._frame[: max(0, self.size[1] - 1)]
        if not lines or self._pauses:
            return ""
        rows = len(lines)
        drawn = "".join(f"\r\n{line}" for line in lines)
        return f"{DOWN * rows}{UP.format(rows)}{SAVE}{NO_WRAP}{drawn}{WRAP}{RESTORE}"

    def _put(self, text: str) -> None:
        # Within a pause the terminal is held already, and is let go at its end.
        self._stream.write(text if self._pauses else f"{HOLD}{text}{SHOW}")
        self._stream.flush()

    def _ask_size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return 80, 24
        # A terminal that does not know its size says zero.
        return columns or 80, rows or 24
