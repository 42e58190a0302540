"""What has ended in a worker, taken in by the parent: scenarios and units.

Record, console, foresight and the feature's assembly hear of it, each in its own
words; what shall run once more is put where workers find it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from testing.bdd.assembly import Assembly
from testing.bdd.consoles import Console
from testing.bdd.foresight import Foresight
from testing.bdd.posts import Post
from testing.bdd.record import RunRecord, UnitFact
from testing.bdd.scenario_fact import NOTHING, Exchange, ScenarioFact, StepFact
from testing.bdd.units import Unit, UnitQueue

__all__ = ["Intake"]

# Texts of a step that others have as well.
STEP = ("keyword", "name", "status", "location")


@dataclass
class Intake:
    """Takes in scenarios and units that are over.

    Attributes:
        assemblies, queue, console, record: where results belong, and where what
            is left waits.
        began: when the run began, by the monotonic clock.
        on_failure: called when a scenario has failed for good.
        retries: how often a failing scenario is tried again.
        foresight: learns from what scenarios took; None where nobody asks it.

    """

    assemblies: Sequence[Assembly]
    queue: UnitQueue
    console: Console
    record: RunRecord
    began: float
    on_failure: Callable[[], None]
    retries: int = 0
    foresight: Foresight | None = None

    def put(self, unit: Unit) -> None:
        """Let a unit wait for a worker."""
        self.assemblies[unit.feature].open_units += 1
        self.queue.put(unit)

    def end_scenario(
        self,
        post: Post,
        unit: Unit,
        report: dict[str, Any],
        *,
        worker_id: int,
        is_last_try: bool,
    ) -> None:
        """Take in a scenario's result; one that may yet pass is tried again.

        ``report`` is what the worker said: ``place``, ``fields`` of the fact, and
        behave's formatter calls, the ``segment``. With ``is_last_try`` nothing is
        tried again, however often it might.
        """
        place = report["place"]
        post.end_scenario(place)
        fields = report["fields"]
        again = (
            not is_last_try
            and unit.attempt - unit.deaths <= self.retries
            and fields["status"] not in ("passed", "skipped", "untested")
        )
        fact = ScenarioFact(
            feature=unit.feature,
            place=place,
            attempt=unit.attempt,
            worker=worker_id,
            schema=post.schema,
            is_final=not again,
            events=report["segment"],
            **{
                **_shared(fields, "path", "keyword", "rule", "status"),
                "tags": [sys.intern(tag) for tag in fields["tags"]] or NOTHING,
                "began": fields["began"] - self.began,
                "steps": [StepFact(**_shared(one, *STEP)) for one in fields["steps"]],
                "exchanges": [
                    Exchange(**_shared(one, "method", "path"))
                    for one in fields["exchanges"]
                ]
                or NOTHING,
            },
        )
        post.failed += fact.has_failed
        assembly = self.assemblies[unit.feature]
        assembly.add_scenario(place, report["segment"], is_final=not again)
        if again:
            self.put(unit.again(place))
        self.tell(fact)

    def tell(self, fact: ScenarioFact) -> None:
        """Tell everybody of a scenario's result, whoever found it out."""
        self.record.add(fact)
        # The console counts what runs; only formatters tell what was left out.
        if fact.has_failed or fact.place in self.assemblies[fact.feature].selected:
            self.console.scenario_ended(fact)
        if self.foresight is not None:
            self.foresight.learn(fact)
        if fact.has_failed and fact.is_final:
            self.on_failure()

    def end_unit(
        self, post: Post, unit: Unit, answer: dict[str, Any], *, worker_id: int
    ) -> Assembly:
        """Take in what stands between the scenarios of a unit; returns its feature's.

        ``answer`` is what the worker said: the fields of the fact.
        """
        fact = UnitFact(
            feature=unit.feature,
            places=list(unit.places),
            attempt=unit.attempt,
            worker=worker_id,
            **{**answer, "began": answer["began"] - self.began},
        )
        self.record.add(fact)
        assembly = self.assemblies[unit.feature]
        assembly.add_unit(fact)
        assembly.open_units -= 1
        # Passed over by behave without a word, or left out after a failure.
        assembly.expected -= {
            place for place in unit.places if not self.queue.holds(unit.feature, place)
        }
        self.console.unit_ended(
            worker=worker_id,
            path=assembly.file.filename,
            scenarios=len(post.finished & assembly.selected),
            failed=post.failed,
            seconds=fact.seconds,
        )
        return assembly


def _shared(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    """Have in memory once what many facts have in common; returns all fields."""
    for name in names:
        fields[name] = sys.intern(fields[name])
    return {name: NOTHING if value == [] else value for name, value in fields.items()}
