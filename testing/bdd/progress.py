"""How far a run is, what each worker does, and how long it will take."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Doing", "Progress", "time_left"]


@dataclass(frozen=True)
class Doing:
    """What a worker does, since when; without a location it runs no scenario."""

    since: float
    what: str
    location: str = ""


@dataclass
class Progress:
    """The state of a run as the parent knows it.

    Attributes:
        total, done: scenarios; a scenario is done with its last attempt.
        words: how often each word came out of that.
        workers: what each does.
        began, first_began: of the run, of its first scenario.
        estimate: seconds the run will take by history.

    """

    total: int = 0
    done: int = 0
    words: Counter[str] = field(default_factory=Counter)
    workers: dict[int, Doing] = field(default_factory=dict)
    began: float = 0.0
    first_began: float | None = None
    estimate: float | None = None

    def time_left(self, now: float) -> float | None:
        """Predict the seconds to the end."""
        return time_left(
            done=self.done,
            total=max(self.total, self.done),
            elapsed=now - self.began,
            running=0.0 if self.first_began is None else now - self.first_began,
            estimate=self.estimate,
        )


def time_left(
    *, done: int, total: int, elapsed: float, running: float, estimate: float | None
) -> float | None:
    """Predict the seconds to the end.

    History is believed at the beginning, the pace of this run in the end.

    Args:
        done: scenarios that ended.
        total: scenarios in all.
        elapsed: seconds since the run began.
        running: seconds since its first scenario began.
        estimate: seconds of the whole run by history.

    """
    pace = running * (total - done) / done if done else None
    if estimate is None:
        return pace
    by_history = max(0.0, estimate - elapsed)
    if pace is None:
        return by_history
    part = done / total
    return part * pace + (1 - part) * by_history
