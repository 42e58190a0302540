"""The console at a terminal: the plain lines scroll over a view of what runs."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TextIO

from testing.bdd.console_text import SLOW_AFTER, Ink, one_line, word_of
from testing.bdd.plain_console import PlainConsole
from testing.bdd.progress import Doing, Progress
from testing.bdd.record import RunFact, RunRecord, WorkerFact
from testing.bdd.scenario_fact import ScenarioFact
from testing.bdd.screen import Screen
from testing.bdd.ticker import Ticker

if TYPE_CHECKING:
    from testing.bdd.live_view import LiveView

__all__ = ["LiveConsole"]

# Seconds between two pictures. Drawing takes the parent's time, and it is the
# parent who hands out units.
INTERVAL = 0.2


class LiveConsole(PlainConsole):
    """Says what the plain console says, above a progress bar and the workers."""

    def __init__(
        self,
        *,
        stream: TextIO,
        verbosity: int,
        ink: Ink,
        clock: Callable[[], float] = time.monotonic,
        slow_after: float = SLOW_AFTER,
        screen: Screen | None = None,
        interval: float = INTERVAL,
    ) -> None:
        super().__init__(
            stream=stream,
            verbosity=verbosity,
            ink=ink,
            clock=clock,
            slow_after=slow_after,
        )
        self.progress = Progress()
        self._screen = screen or Screen(stream)
        self._ticker = Ticker(self.refresh, interval=interval)
        self._view: LiveView | None = None

    def begin(
        self, run: RunFact, *, features: int, place: str, estimate: float | None
    ) -> None:
        """Say what is going to run, and begin to show it."""
        super().begin(run, features=features, place=place, estimate=estimate)
        self.progress = Progress(
            total=run.selected, began=self.began, estimate=estimate
        )
        self._view = None
        for worker in range(1, run.workers + 1):
            self._note(worker, "setting up")
        # The last resort, for a process that ends without having closed it.
        atexit.register(self.close)
        self._ticker.start()

    def worker_ready(self, fact: WorkerFact) -> None:
        """Show that a worker waits for work."""
        self._note(fact.worker, "idle")
        super().worker_ready(fact)

    def scenario_began(self, *, worker: int, path: str, line: int, name: str) -> None:
        """Show what a worker does now."""
        if self.progress.first_began is None:
            self.progress.first_began = self.clock()
        self._note(worker, one_line(name), f"{path}:{line}")

    def scenario_ended(self, fact: ScenarioFact) -> None:
        """Count it, and say how it ended."""
        word = word_of(fact, slow_after=self.slow_after)
        if fact.is_final:
            self.progress.done += 1
            self.progress.words[word] += 1
        if word in ("LOST", "TIMEOUT"):
            self._note(fact.worker, "being replaced")
        super().scenario_ended(fact)

    def unit_ended(
        self, *, worker: int, path: str, scenarios: int, failed: int, seconds: float
    ) -> None:
        """Show that a worker waits for work."""
        self._note(worker, "idle")
        super().unit_ended(
            worker=worker,
            path=path,
            scenarios=scenarios,
            failed=failed,
            seconds=seconds,
        )

    def end(self, record: RunRecord, *, exit_code: int, rerun: str) -> None:
        """Take the view away, and say how it ended."""
        self.close()
        super().end(record, exit_code=exit_code, rerun=rerun)

    @property
    def width(self) -> int:
        """Columns of the terminal at this moment."""
        return self._screen.size[0]

    def pause(self) -> AbstractContextManager[None]:
        """Take the view away while somebody else writes to the terminal."""
        return self._screen.pause()

    def close(self) -> None:
        """Take the view away; what is said from now on only scrolls."""
        self._ticker.stop()
        self._screen.clear()
        atexit.unregister(self.close)

    def refresh(self) -> None:
        """Show the present state."""
        if self._view is None:
            # Importing what draws takes a tenth of a second. Done here it is the
            # ticker's thread that does it, while the parent waits for workers.
            from testing.bdd.live_view import LiveView

            self._view = LiveView(
                self.progress, color=self.ink.color, slow_after=self.slow_after
            )
        width, height = self._screen.size
        self._screen.show(
            self._view.lines(width=width, height=height, now=self.clock())
        )

    def _note(self, worker: int, what: str, location: str = "") -> None:
        self.progress.workers[worker] = Doing(self.clock(), what, location)

    def _write(self, text: str) -> None:
        self._screen.write(text)
