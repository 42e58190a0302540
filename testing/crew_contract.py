"""Whom a crew works with, in the parent: where jobs come from, who is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["Observer", "Source"]


class Source(Protocol):
    """Where jobs come from."""

    def take(self, running: Sequence[Any]) -> Any | None:
        """Return a job that may run beside those, None when none may now."""

    def is_empty(self) -> bool:
        """Tell whether no job is left to take, now or later."""

    def clear(self) -> None:
        """Forget the jobs that are left."""


class Observer(Protocol):
    """Who is told what workers report, in the parent."""

    def ready(self, worker_id: int, answer: Any) -> bool:
        """Hear that a worker is set up; returns whether it shall be given jobs."""

    def started(self, worker_id: int, job: Any) -> None:
        """Hear that a worker was given a job."""

    def reported(self, worker_id: int, job: Any, report: Any) -> None:
        """Hear what a worker reports on its job."""

    def done(self, worker_id: int, job: Any, answer: Any) -> None:
        """Hear that a worker has done the job; it waits for the next one."""

    def settle(self) -> bool:
        """Do a piece of what nobody waits for; returns whether there is more."""

    def starts_again(self, worker_id: int, reason: str) -> None:
        """Hear that a worker was killed before it was ready; another one starts."""

    def refused(self, worker_id: int, message: str) -> None:
        """Hear that a worker could not be set up."""

    def died(self, worker_id: int, job: Any | None, reason: str) -> None:
        """Hear that a worker is gone, and the job it had with it."""

    def left(self, worker_id: int, answer: Any) -> None:
        """Hear that a worker has finished in good order."""

    def tick(self) -> float | None:
        """Look at the clock; returns in how many seconds to do so again."""
