"""Units: what is handed to a worker, and in which order and company.

A unit is a feature file, or some scenarios of one. Two kinds of tags keep
units apart: ``@serial`` runs alone, at the end; ``@writes.NAME`` excludes every
other unit that reads or writes NAME, ``@reads.NAME`` those that write it. A
third one, ``@database``, asks for what a schema does not isolate.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

__all__ = ["SERIAL", "Unit", "UnitQueue", "magnitude", "resources_of"]

SERIAL = "serial"
DATABASE = "database"
READS = "reads."
WRITES = "writes."
# Durations that differ by less than this factor may be taken for alike.
ABOUT = 1.25
# Below this many seconds all are alike.
SHORTEST = 0.0001


@dataclass(frozen=True)
class Unit:
    """Scenarios of one feature, by their places in its file.

    Attributes:
        feature: index of the feature.
        places: the scenarios, in file order.
        attempt: from 1; higher when scenarios are tried again.
        is_alone: nothing else may run at the same time.
        deaths: how many workers have died in it.
        reads, writes: names of shared things.
        seconds: how long it is expected to take.
        active: how many of the scenarios are selected to run.
        needs_database: to be run on a database of its own.

    """

    feature: int
    places: tuple[int, ...]
    attempt: int = 1
    is_alone: bool = False
    deaths: int = 0
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    seconds: float = 0.0
    active: int = 0
    needs_database: bool = False

    def again(self, place: int) -> Unit:
        """Return a unit that tries one scenario of this one again, alone."""
        return replace(
            self, places=(place,), attempt=self.attempt + 1, active=1, is_alone=True
        )

    def rest(self, places: Iterable[int]) -> Unit:
        """Return a unit of what is left to do of this one."""
        return replace(self, places=tuple(places))

    def died(self) -> Unit:
        """Return the same unit after one more worker has died in it."""
        return replace(self, deaths=self.deaths + 1)

    def goes_with(self, other: Unit) -> bool:
        """Tell whether both may run at the same time."""
        if self.is_alone or other.is_alone:
            return False
        mine, theirs = self.writes, other.writes
        return not (mine & (theirs | other.reads) or theirs & self.reads)


def magnitude(seconds: float) -> int:
    """Tell about how long something takes: the same for what differs by chance.

    What ends out of the files' order waits in memory for its turn to be told: a
    sixth of what 2,000 scenarios of like length came to, ordered to the microsecond.
    """
    return round(math.log(max(seconds, SHORTEST), ABOUT))


def resources_of(tags: Iterable[str]) -> tuple[bool, frozenset[str], frozenset[str]]:
    """Return what tags ask for: alone or not, names read, names written."""
    found = set(tags)
    return (
        SERIAL in found,
        frozenset(t.removeprefix(READS) for t in found if t.startswith(READS)),
        frozenset(t.removeprefix(WRITES) for t in found if t.startswith(WRITES)),
    )


class UnitQueue:
    """Units in the order in which they shall start, each as soon as it may."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.together = [unit for unit in units if not unit.is_alone]
        self.alone = [unit for unit in units if unit.is_alone]
        # How many of the units have a feature's scenario in them.
        self._waiting = Counter(key for unit in units for key in _keys(unit))

    def take(self, running: Sequence[Unit]) -> Unit | None:
        """Return the next unit that may run beside those, None if none may now."""
        for number, unit in enumerate(self.together):
            if all(unit.goes_with(other) for other in running):
                return self._hand_out(self.together, number)
        if not self.together and not running and self.alone:
            return self._hand_out(self.alone, 0)
        return None

    def put(self, unit: Unit) -> None:
        """Add a unit that came up during the run; it goes before those waiting."""
        self._waiting.update(_keys(unit))
        if unit.is_alone:
            self.alone.append(unit)
        else:
            self.together.insert(0, unit)

    def arrange(self, order: Callable[[Sequence[Unit]], list[Unit]]) -> None:
        """Put the units that may run side by side in another order."""
        self.together = order(self.together)

    def holds(self, feature: int, place: int) -> bool:
        """Tell whether a scenario is in one of the units that are left."""
        return self._waiting[feature, place] > 0

    def is_empty(self) -> bool:
        """Tell whether no unit is left."""
        return not self.together and not self.alone

    def clear(self) -> None:
        """Forget the units that are left."""
        self.together.clear()
        self.alone.clear()
        self._waiting.clear()

    def _hand_out(self, units: list[Unit], number: int) -> Unit:
        unit = units.pop(number)
        self._waiting.subtract(_keys(unit))
        return unit


def _keys(unit: Unit) -> list[tuple[int, int]]:
    return [(unit.feature, place) for place in unit.places]
