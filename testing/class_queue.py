"""Test classes that wait for a worker, and how long each is expected to take."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from testing.json_file import write_whole

__all__ = ["ClassHistory", "ClassJob", "ClassQueue"]


@dataclass(frozen=True)
class ClassJob:
    """Tests of one class, by their indexes in its subsuite.

    Attributes:
        subsuite: index of the class in the suite.
        tests: indexes of tests in it.
        is_alone: nothing else may run at the same time.
        is_retry: a worker has died in these tests before.
        wants_database: the tests may use a database; those of a
            ``SimpleTestCase`` without ``databases`` may not.
        seconds: how long they are expected to take.
        is_early: they run before classes that stand in front of theirs.

    """

    subsuite: int
    tests: tuple[int, ...]
    is_alone: bool = False
    is_retry: bool = False
    wants_database: bool = True
    seconds: float = 0.0
    is_early: bool = False

    def again(self, test: int) -> ClassJob:
        """Return a job that tries one test again, alone."""
        return replace(self, tests=(test,), is_alone=True, is_retry=True)

    def rest(self, tests: tuple[int, ...]) -> ClassJob:
        """Return a job of what is left to do of this one."""
        return replace(self, tests=tests)


@dataclass
class ClassQueue:
    """Classes in their order; those that run alone come at the end."""

    together: list[ClassJob]
    alone: list[ClassJob] = field(default_factory=list)

    @classmethod
    def of(cls, jobs: Iterable[ClassJob]) -> ClassQueue:
        """Return a queue of jobs in their order."""
        queue = cls([])
        for job in jobs:
            (queue.alone if job.is_alone else queue.together).append(job)
        return queue

    def put_first(self, job: ClassJob) -> None:
        """Add what is left of a class; it goes before those that wait."""
        (self.alone if job.is_alone else self.together).insert(0, job)

    def take(self, running: Sequence[ClassJob]) -> ClassJob | None:
        """Return the next class that may run beside those."""
        if any(job.is_alone for job in running):
            return None
        if self.together:
            return self.together.pop(0)
        return self.alone.pop(0) if self.alone and not running else None

    def is_empty(self) -> bool:
        """Tell whether no class is left."""
        return not self.together and not self.alone

    def clear(self) -> None:
        """Forget the classes that are left."""
        self.together.clear()
        self.alone.clear()


class ClassHistory:
    """Seconds for each test of a class, as earlier runs took them.

    Kept as an average for each test, so that a run of a few tests of a class
    does not make it look short.
    """

    def __init__(self, path: Path, seconds: Mapping[str, float]) -> None:
        self.path = path
        self.seconds = dict(seconds)

    @classmethod
    def load(cls, path: Path) -> ClassHistory:
        """Read the history; without a readable file it is empty."""
        try:
            content = json.loads(path.read_text())
            return cls(path, {str(key): float(value) for key, value in content.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return cls(path, {})

    def __bool__(self) -> bool:
        return bool(self.seconds)

    def estimate(self, name: str, *, tests: int) -> float:
        """Return how many seconds ``tests`` tests of class ``name`` will take.

        A class that never ran is taken to be like the middle one, not for free.
        """
        if name in self.seconds:
            return self.seconds[name] * tests
        return median(self.seconds.values()) * tests if self.seconds else 0.0

    def learn(self, name: str, *, tests: int, seconds: float) -> None:
        """Remember how long ``tests`` tests of class ``name`` took."""
        if tests:
            self.seconds[name] = seconds / tests

    def save(self) -> None:
        """Write the history so that no reader ever sees half of it.

        Raises:
            OSError: the folder cannot be written.

        """
        rounded = {key: round(value, 6) for key, value in self.seconds.items()}
        write_whole(self.path, rounded)
