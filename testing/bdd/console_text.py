"""Text for people: colours that words never depend on, columns, and cutting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from testing.bdd.scenario_fact import ScenarioFact

__all__ = [
    "SLOW_AFTER",
    "Ink",
    "clean",
    "counted",
    "cut_lines",
    "indented",
    "one_line",
    "status_line",
    "word_of",
]

# A scenario that takes longer, in seconds, is called slow.
SLOW_AFTER = 10.0

# Characters of a line that are shown before its middle is left out.
LINE_LENGTH = 500

# Only attributes and colours that can be read on light and dark backgrounds: no
# yellow, no cyan, no grey.
LOOKS = {"good": "32", "bad": "1;31", "odd": "35", "strong": "1", "faint": "2"}
LOOK_OF_WORD = {
    "PASS": "good",
    "PASSED": "good",
    "FAIL": "bad",
    "FAILED": "bad",
    "INTERRUPTED": "bad",
    "LOST": "bad",
    "TIMEOUT": "bad",
    "Problem": "bad",
    "FLAKY": "odd",
    "Hazards": "odd",
    "SLOW": "odd",
    "SKIP": "faint",
}

# What programs print must not move the cursor, ring or set the window's title.
CONTROLS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]"
)

WORD_WIDTH = 12


@dataclass(frozen=True)
class Ink:
    """Colours text, or leaves it as it is."""

    color: bool = False

    def __call__(self, text: str, look: str) -> str:
        """Return text in one of the looks."""
        if not self.color or not text:
            return text
        return f"\x1b[{LOOKS[look]}m{text}\x1b[0m"

    def word(self, word: str, width: int = WORD_WIDTH) -> str:
        """Return a word in its colour, right-aligned."""
        look = LOOK_OF_WORD.get(word, "strong")
        return " " * (width - len(word)) + self(word, look)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 feature``, ``2 features``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def clean(text: str) -> str:
    """Return text without anything a terminal would obey, tabs as spaces."""
    unified = text.replace("\r\n", "\n").replace("\t", "    ")
    return CONTROLS.sub("", unified)


def one_line(text: str) -> str:
    """Return text as a single clean line."""
    return " ".join(clean(text).split())


def cut_lines(text: str, limit: int | None) -> list[str]:
    """Return the lines of a text, with those in the middle left out.

    More of the end than of the beginning is kept: a traceback says there what
    went wrong. Without a limit the text stays whole.
    """
    lines = [line.rstrip() for line in clean(text).strip("\n").split("\n")]
    if limit is None:
        return lines
    if len(lines) > limit + 1:
        head = limit // 3
        left_out = len(lines) - limit
        note = f"… {counted(left_out, 'line')} left out, shown with -v 3 …"
        lines = [*lines[:head], note, *lines[head + left_out :]]
    return [_cut_line(line) for line in lines]


def indented(lines: Sequence[str], depth: int) -> list[str]:
    """Return lines moved to the right; empty ones stay empty."""
    return [" " * depth + line if line else "" for line in lines]


def status_line(
    word: str,
    *,
    seconds: float,
    done: int,
    total: int,
    worker: int,
    rest: str,
    ink: Ink,
) -> str:
    """Return a line in fixed columns: word, time, count, worker, what it is about."""
    width = len(str(total))
    return (
        f"{ink.word(word)} [{seconds:7.3f}s] ({done:>{width}}/{total})"
        f" w{worker:<2} {rest}"
    )


def word_of(fact: ScenarioFact, *, slow_after: float = SLOW_AFTER) -> str:
    """Return the word for how an attempt ended."""
    if fact.status == "lost":
        return "LOST"
    if fact.status == "timed out":
        return "TIMEOUT"
    if fact.has_failed:
        return "FAIL"
    if fact.status != "passed":
        return "SKIP"
    if fact.attempt > 1:
        return "FLAKY"
    return "SLOW" if fact.seconds >= slow_after else "PASS"


def _cut_line(line: str) -> str:
    if len(line) <= LINE_LENGTH:
        return line
    half = LINE_LENGTH // 2
    left_out = len(line) - 2 * half
    return f"{line[:half]} … {left_out:,} characters left out … {line[-half:]}"
