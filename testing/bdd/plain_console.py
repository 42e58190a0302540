"""The console without a terminal: fixed columns, whole lines, nothing redrawn."""

from __future__ import annotations

import contextlib
import shlex
import time
from collections.abc import Callable, Sequence
from typing import TextIO

from testing.bdd.console_text import (
    SLOW_AFTER,
    Ink,
    clean,
    counted,
    one_line,
    status_line,
    word_of,
)
from testing.bdd.failure_text import failure_lines
from testing.bdd.record import RunFact, RunRecord, WorkerFact
from testing.bdd.run_summary import summary_lines
from testing.bdd.scenario_fact import ScenarioFact

__all__ = ["PlainConsole"]

# The word of a unit is the first of these that one of its scenarios has.
TELLING = ("LOST", "TIMEOUT", "FAIL", "FLAKY", "SLOW", "PASS", "SKIP")
BAD = ("LOST", "TIMEOUT", "FAIL")
# Columns of the location in the line of a unit.
LOCATION_WIDTH = 40


class PlainConsole:
    """Says what happens, each thing in one write, so that nothing interleaves.

    ``verbosity`` is Django's: 0 says problems and failures; 1 the first line
    and the summary too; 2 each worker and unit, and what is flaky or slow; 3
    each scenario that is selected, and nothing is cut.
    """

    def __init__(
        self,
        *,
        stream: TextIO,
        verbosity: int,
        ink: Ink,
        clock: Callable[[], float] = time.monotonic,
        slow_after: float = SLOW_AFTER,
    ) -> None:
        self.stream = stream
        self.verbosity = verbosity
        self.ink = ink
        self.clock = clock
        self.slow_after = slow_after
        self.began = clock()
        self.selected = 0
        self.done = 0
        # Words of a worker's scenarios since it began its present unit.
        self.words_by_worker: dict[int, list[str]] = {}

    def begin(
        self, run: RunFact, *, features: int, place: str, estimate: float | None
    ) -> None:
        """Say what is going to run, with the facts that reproduce it."""
        self.began = self.clock()
        self.selected = run.selected
        self.done = 0
        self.words_by_worker.clear()
        how = f" ({run.method})" if run.method else ""
        facts = [
            f"Running {counted(features, 'feature')} "
            f"({counted(run.selected, 'scenario')}) "
            f"on {counted(run.workers, 'worker')}{how}",
            place,
        ]
        if run.seed is not None:
            facts.append(f"random order, seed {run.seed}")
        if run.shard:
            facts.append(f"shard {run.shard}")
        if estimate is not None:
            digits = 0 if estimate >= 10 else 1
            facts.append(f"about {estimate:.{digits}f}s by history")
        self._say(1, ["; ".join(facts)])
        versions = f"Python {run.python}, Django {run.django}, behave {run.behave}"
        self._say(2, [f"{shlex.join(run.command)}; {versions}; on {run.host}"])

    def worker_ready(self, fact: WorkerFact) -> None:
        """Say where a worker works, and how its schema came to be."""
        note = f": {one_line(fact.note)}" if fact.note else ""
        word = "schema" if len(fact.schemas) == 1 else "schemas"
        self._say(
            1 if note else 2,
            [
                f"{self.ink.word('READY')} [{fact.seconds:7.3f}s] w{fact.worker:<2} "
                f"{word} {', '.join(fact.schemas)} {fact.way}{note}"
            ],
        )

    def scenario_began(self, *, worker: int, path: str, line: int, name: str) -> None:
        """Do nothing: only a live view tells what runs."""

    def scenario_ended(self, fact: ScenarioFact) -> None:
        """Say how an attempt ended; of a failure everything, at once."""
        word = word_of(fact, slow_after=self.slow_after)
        if fact.is_final:
            self.done += 1
            self.words_by_worker.setdefault(fact.worker, []).append(word)
        about = [fact.schema and f"schema {fact.schema}", f"attempt {fact.attempt}"]
        if not fact.is_final:
            about.append("to be tried again")
        facts = f" ({', '.join(filter(None, about))})"
        is_plain = word in ("PASS", "SLOW", "SKIP")
        head = self._status(
            word,
            seconds=fact.seconds,
            worker=fact.worker,
            rest=f"{self.ink(fact.location, 'strong')}  {one_line(fact.name)}"
            f"{'' if is_plain else facts}",
        )
        if fact.has_failed:
            below = failure_lines(fact, verbosity=self.verbosity, ink=self.ink)
            self._say(0, [head, *below])
        else:
            self._say(2 if word in ("FLAKY", "SLOW") else 3, [head])

    def unit_ended(
        self, *, worker: int, path: str, scenarios: int, failed: int, seconds: float
    ) -> None:
        """Say that a unit is done."""
        words = self.words_by_worker.pop(worker, [])
        nothing = "PASS" if scenarios else "SKIP"
        word = next((one for one in TELLING if one in words), nothing)
        if failed and word not in BAD:
            word = "FAIL"
        count = counted(scenarios, "scenario")
        if failed:
            count = f"{failed:,} of {count} failed"
        rest = f"{path:<{LOCATION_WIDTH}}  {count}"
        self._say(2, [self._status(word, seconds=seconds, worker=worker, rest=rest)])

    def problem(self, text: str) -> None:
        """Say what went wrong, at every verbosity."""
        self._say(0, [clean(text).rstrip("\n")])

    def end(self, record: RunRecord, *, exit_code: int, rerun: str) -> None:
        """Say how it ended, and last what to run next."""
        lines = summary_lines(
            record,
            exit_code=exit_code,
            rerun=rerun,
            wall=self.clock() - self.began,
            verbosity=self.verbosity,
            ink=self.ink,
            width=self.width,
        )
        self._say(1, lines)

    @property
    def width(self) -> int | None:
        """Columns that a line may have; None where nobody sees it wrap."""
        return None

    def pause(self) -> contextlib.AbstractContextManager[None]:
        """Do nothing: whole lines disturb nobody."""
        return contextlib.nullcontext()

    def close(self) -> None:
        """Do nothing: there is nothing to put back."""

    def _status(self, word: str, *, seconds: float, worker: int, rest: str) -> str:
        return status_line(
            word,
            seconds=seconds,
            done=self.done,
            total=max(self.selected, self.done),
            worker=worker,
            rest=rest,
            ink=self.ink,
        )

    def _say(self, level: int, lines: Sequence[str]) -> None:
        if self.verbosity >= level:
            self._write("".join(f"{line}\n" for line in lines))

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
