"""What the live view shows: a bar, counts, and a line for each worker."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console as Renderer
from rich.console import ConsoleDimensions
from rich.progress_bar import ProgressBar
from rich.segment import Segment, Segments
from rich.text import Text

from testing.bdd.progress import Doing, Progress

__all__ = ["LiveView"]

GOOD, BAD, ODD, STRONG, FAINT = "green", "bold red", "magenta", "bold", "dim"
# Columns below which nothing is tried, and which a bar needs to say anything.
NARROWEST = 20
SHORTEST_BAR = 8
# Columns left free on either side, so that nothing ever wraps.
MARGIN = 1
COUNTS = (
    (("PASS", "SLOW", "FLAKY"), "passed", GOOD),
    (("FLAKY",), "flaky", ODD),
    (("FAIL",), "failed", BAD),
    (("TIMEOUT",), "timed out", BAD),
    (("LOST",), "lost", BAD),
    (("SKIP",), "skipped", FAINT),
)


class LiveView:
    """Lays out a run's progress in a width and a height."""

    def __init__(self, progress: Progress, *, color: bool, slow_after: float) -> None:
        self._progress = progress
        self._slow_after = slow_after
        self._renderer = Renderer(
            file=io.StringIO(),
            force_terminal=True,
            color_system="standard" if color else None,
            no_color=not color,
            legacy_windows=False,
            highlight=False,
        )

    def lines(self, *, width: int, height: int, now: float) -> list[str]:
        """Return the lines to show; they fit the width and half of the height."""
        width = max(NARROWEST, width)
        rows = self._worker_lines(width - 2 * MARGIN, now)
        room = max(1, height // 2 - 2)
        if len(rows) > room:
            hidden = len(rows) - room + 1
            rows = [*rows[: room - 1], Text(f"and {hidden} more workers", FAINT)]
        self._renderer.size = ConsoleDimensions(width, height)
        with self._renderer.capture() as captured:
            self._print_bar(width - 2 * MARGIN, now)
            for row in (self._counts(now), *rows):
                self._print(row, width - 2 * MARGIN)
        return captured.get().splitlines()

    def _print_bar(self, width: int, now: float) -> None:
        done = self._progress.done
        total = max(self._progress.total, done)
        tail = f"{done:,}/{total:,}"
        left = self._progress.time_left(now)
        if left is not None and done < total:
            tail += f"  {_duration(left)} left"
        length = width - cell_len(tail) - 2
        if length < SHORTEST_BAR:
            self._print(Text(tail, STRONG), width)
            return
        words = self._progress.words
        look = "red" if words["FAIL"] + words["TIMEOUT"] + words["LOST"] else GOOD
        bar = ProgressBar(
            total=max(1, total),
            completed=done,
            width=length,
            style=FAINT,
            complete_style=look,
            finished_style=look,
        )
        # Without colours the bar is as long as what is done: it is filled up.
        options = self._renderer.options.update(width=length)
        drawn = list(self._renderer.render(bar, options))
        filled = Segment.adjust_line_length(drawn, length)
        self._renderer.print(" " * MARGIN, Segments(filled), sep="", end="")
        self._renderer.print(Text(f"  {tail}", STRONG), no_wrap=True)

    def _counts(self, now: float) -> Text:
        line = Text()
        for words, label, look in COUNTS:
            number = sum(self._progress.words[word] for word in words)
            if number or label == "passed":
                line.append(", " if line else "")
                line.append(f"{number:,} {label}", look if number else FAINT)
        return line.append(f" in {_duration(now - self._progress.began)}", FAINT)

    def _worker_lines(self, width: int, now: float) -> list[Text]:
        # A copy, since it is not this thread that changes them.
        workers = sorted(dict(self._progress.workers).items())
        broadest = max((len(str(number)) for number, _ in workers), default=0)
        return [
            self._worker_line(f"w{number:<{broadest}}", doing, width, now)
            for number, doing in workers
        ]

    def _worker_line(self, label: str, doing: Doing, width: int, now: float) -> Text:
        seconds = max(0.0, now - doing.since)
        line = Text(label, STRONG).append(f" {_duration(seconds):>6}  ", "not bold")
        if not doing.location:
            return line.append(doing.what, "not bold dim")
        if seconds >= self._slow_after:
            line.append("SLOW ", ODD)
        room = width - cell_len(line.plain) - 2
        location = _cut_path(doing.location, max(room * 3 // 5, room - 40))
        line.append(location, "not bold")
        return line.append(f"  {doing.what}", "not bold dim")

    def _print(self, line: Text, width: int) -> None:
        line.truncate(width, overflow="ellipsis")
        self._renderer.print(Text(" " * MARGIN).append_text(line), no_wrap=True)


def _cut_path(path: str, width: int) -> str:
    """Return the end of a path that is too long: it tells more than its begin."""
    parts: Sequence[str] = path.split("/")
    while cell_len(path) > width and len(parts) > 1:
        parts = parts[1:]
        path = "/".join(("…", *parts))
    if cell_len(path) <= width:
        return path
    # The last part alone is too long; the line's number stands at its end.
    while path and cell_len(path) > width - 1:
        path = path[1:]
    return f"…{path}"


def _duration(seconds: float) -> str:
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f}s"
    whole = round(seconds)
    if whole < 100:
        return f"{whole}s"
    if whole < 6000:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole // 60 % 60:02}m"
