"""What happens after a worker's death: its unit is taken over, and nothing is lost.

The scenario that ran is tried once more, alone; a second death, or a time-out,
is its result. What the unit had not begun is run by others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from testing.bdd.assembly import Assembly
from testing.bdd.consoles import Console
from testing.bdd.listener import Event
from testing.bdd.losses import location_of, lost_fact
from testing.bdd.replay import Outcome
from testing.bdd.scenario_fact import ScenarioFact, StepFact
from testing.bdd.units import Unit

__all__ = ["Death", "Takeover"]


@dataclass(frozen=True)
class Death:
    """A worker that died in a unit.

    Attributes:
        worker_id, schema: who died, and where it worked.
        unit: what it had been given.
        place: the scenario that ran; None between two of them.
        finished: the scenarios of the unit that were over.
        reason: how it died, or what its watchdog told.
        is_timeout: whether a time limit was exceeded.
        began: when the latest scenario began, by the monotonic clock; 0 before
            the first one.
        steps, segment: those of the scenario that ran, and behave's formatter
            calls, where the watchdog told them.

    """

    worker_id: int
    schema: str
    unit: Unit
    place: int | None
    finished: frozenset[int]
    reason: str
    is_timeout: bool
    began: float
    steps: Sequence[StepFact] = ()
    segment: Sequence[Event] = ()

    @property
    def rest(self) -> list[int]:
        """The scenarios that had not begun."""
        done = {*self.finished, self.place}
        return [place for place in self.unit.places if place not in done]

    @property
    def error(self) -> str:
        """What is told of the scenario, whole."""
        if self.is_timeout:
            return self.reason
        return f"Worker {self.worker_id} {self.reason}"

    @property
    def is_first(self) -> bool:
        """Whether nobody had died in this unit before."""
        return self.unit.deaths == 0


@dataclass
class Takeover:
    """Puts what dead workers left undone where others find it.

    ``put`` adds a unit to those waiting; ``tell`` takes a scenario's result.
    ``began`` is when the run began, by the monotonic clock.
    """

    assemblies: Sequence[Assembly]
    outcome: Outcome
    console: Console
    put: Callable[[Unit], None]
    tell: Callable[[ScenarioFact], None]
    began: float

    def take_over(self, death: Death) -> None:
        """Say what becomes of a dead worker's unit, and see to it."""
        self.assemblies[death.unit.feature].open_units -= 1
        if death.place is None:
            self._go_on_after_hook(death)
        else:
            self._go_on_after_scenario(death, death.place)

    def _go_on_after_scenario(self, death: Death, place: int) -> None:
        unit = death.unit
        scenario = self.assemblies[unit.feature].statements[place]
        again = death.is_first and not death.is_timeout
        told = "it is tried once more, alone" if again else "it counts as failed"
        said = death.reason.splitlines()[0]
        said = said if death.is_timeout else f"Worker {death.worker_id} {said}"
        self.console.problem(f"{said}\n  in {location_of(scenario)}; {told}.")
        if death.rest:
            self.put(unit.rest(death.rest))
        if again:
            self.put(unit.again(place).died())
        else:
            self._count_as_lost(death, place)

    def _go_on_after_hook(self, death: Death) -> None:
        """Go on after a death outside of scenarios, in a hook of the feature.

        What is left is run by others; if it kills them too, or if nothing is
        left that would run the hook again, the feature has failed.
        """
        assembly = self.assemblies[death.unit.feature]
        filename = assembly.file.filename
        goes_on = bool(death.rest) and death.is_first
        told = "what is left goes on elsewhere" if goes_on else "it counts as failed"
        self.console.problem(
            f"Worker {death.worker_id} {death.reason.splitlines()[0]}\n"
            f"  in {filename}, between two scenarios; {told}."
        )
        if goes_on:
            self.put(death.unit.rest(death.rest).died())
            return
        self.outcome.lost.append(filename)
        for place in death.rest:
            # A time limit is a scenario's; these had not begun.
            one = replace(death, is_timeout=False, steps=(), segment=())
            if place in assembly.selected:
                self._count_as_lost(one, place)
            else:
                self._leave_out(one, place)

    def _count_as_lost(self, death: Death, place: int) -> None:
        """Make the death of its worker a scenario's result."""
        assembly = self.assemblies[death.unit.feature]
        events = assembly.add_lost(
            place,
            kind="TimedOut" if death.is_timeout else "WorkerDied",
            error=death.error,
            segment=death.segment,
            steps=death.steps,
        )
        self.outcome.lost.append(location_of(assembly.statements[place]))
        self.tell(self._fact(death, place, events))

    def _leave_out(self, death: Death, place: int) -> None:
        """Tell of a scenario that was not to run what a worker would have told."""
        events = self.assemblies[death.unit.feature].add_left_out(place)
        fact = self._fact(death, place, events)
        self.tell(replace(fact, status="skipped", error="", seconds=0.0))

    def _fact(self, death: Death, place: int, events: list[Event]) -> ScenarioFact:
        now = time.monotonic()
        began = death.began or now
        return lost_fact(
            self.assemblies[death.unit.feature].statements[place],
            place=place,
            unit=death.unit,
            worker_id=death.worker_id,
            schema=death.schema,
            error=death.error,
            is_timeout=death.is_timeout,
            began=began - self.began,
            seconds=now - began,
            steps=death.steps,
            events=events,
        )
