"""A worker's post: what the parent knows of what it does, and how long it may."""

from __future__ import annotations

from dataclasses import dataclass, field

from testing.bdd.listener import Event
from testing.bdd.scenario_fact import StepFact

__all__ = ["GRACE", "Post"]

# A worker whose watchdog cannot bark is ended so many seconds after its limit.
GRACE = 3.0


@dataclass
class Post:
    """What the parent knows about one worker; times are of the monotonic clock.

    Attributes:
        schema: where it works, the first of several.
        place: the scenario that runs; None between two of them.
        began: when the latest scenario began.
        deadline: when the scenario that runs is over at the latest; None
            without a limit.
        timed_out: what it told, or what is told of it, when a limit was
            exceeded; empty while none was.
        steps, segment: what it told then of the scenario's steps, and behave's
            formatter calls.
        finished: the scenarios of its unit that are over.
        failed: how many of them have failed.

    """

    schema: str = ""
    place: int | None = None
    began: float = 0.0
    deadline: float | None = None
    timed_out: str = ""
    steps: list[StepFact] = field(default_factory=list)
    segment: list[Event] = field(default_factory=list)
    finished: set[int] = field(default_factory=set)
    failed: int = 0

    def begin_unit(self) -> None:
        """Forget the unit before."""
        self.place, self.timed_out = None, ""
        self.steps, self.segment = [], []
        self.finished, self.failed = set(), 0

    def begin_scenario(self, place: int, *, at: float, limit: float | None) -> None:
        """Take note that a scenario begins, which may take ``limit`` seconds."""
        self.place, self.began = place, at
        self.deadline = None if limit is None else at + limit + GRACE

    def end_scenario(self, place: int) -> None:
        """Take note that a scenario is over."""
        self.place = None
        self.finished.add(place)

    def time_left(self, now: float) -> float | None:
        """Return the seconds until its deadline; None where there is none."""
        if self.place is None or self.deadline is None:
            return None
        return self.deadline - now

    def give_up(self) -> None:
        """Take note that it did not answer, long after its limit."""
        self.timed_out = "did not answer, long after its time limit."
        self.deadline = None
