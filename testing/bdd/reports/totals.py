"""The sums of a run: counts, verdict, wall time, and what went wrong around it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from testing.bdd.bill import Bill
from testing.bdd.record import FeatureFact, RunRecord
from testing.bdd.reports.cases import Case
from testing.bdd.reports.shards import run_of_worker
from testing.errors import EXIT_INTERRUPTED, EXIT_PASSED
from testing.hazard_report import HazardReport

__all__ = ["Totals"]


@dataclass(frozen=True)
class Totals:
    """The sums of one record; several shards count as one run."""

    record: RunRecord
    cases: list[Case]

    @cached_property
    def counts(self) -> Counter[str]:
        """How many scenarios had which outcome."""
        return Counter(case.outcome for case in self.cases)

    @property
    def verdict(self) -> str:
        """``passed``, ``failed``, ``interrupted`` or ``incomplete``.

        A run whose record has no end was killed: it is incomplete, however
        well it had gone until then.
        """
        codes = {end.exit_code for end in self.record.ends}
        if EXIT_INTERRUPTED in codes:
            return "interrupted"
        if self.counts["failed"] or codes - {EXIT_PASSED}:
            return "failed"
        if len(self.record.ends) < len(self.record.runs):
            return "incomplete"
        return "passed"

    @cached_property
    def walls(self) -> list[float]:
        """Seconds from the beginning to the end of each run, in their order."""
        if len(self.record.ends) == len(self.record.runs):
            return [end.seconds for end in self.record.ends]
        spans = [(w.worker, w.began + w.seconds) for w in self.record.workers]
        spans += [(s.worker, s.began + s.seconds) for s in self.record.scenarios]
        walls = [0.0 for _ in self.record.runs]
        for worker, ended in spans:
            index = run_of_worker(self.record, worker)
            walls[index] = max(walls[index], ended)
        return walls

    @property
    def wall(self) -> float:
        """Seconds from the beginning to the end; of shards, of the longest."""
        return max(self.walls, default=0.0)

    @cached_property
    def bill(self) -> Bill:
        """Where the seconds went."""
        return Bill.of(self.record, wall=self.wall)

    @property
    def problems(self) -> list[str]:
        """What went wrong outside of scenarios, each thing once."""
        lost = [f"Worker {fact.worker}: {fact.reason}" for fact in self.record.losses]
        said = [text for end in self.record.ends for text in end.problems]
        return list(dict.fromkeys(said + lost))

    @cached_property
    def hazards(self) -> list[str]:
        """SQL that a schema does not isolate, as lines for people."""
        return HazardReport.of(self.record.hazards).lines(is_detailed=True)

    @cached_property
    def failed_features(self) -> list[FeatureFact]:
        """Features that failed although none of their scenarios did: by a hook."""
        red = {(s.feature, s.place) for s in self.record.scenarios if s.has_failed}
        failed = {
            unit.feature
            for unit in self.record.units
            if unit.failed and red.isdisjoint((unit.feature, p) for p in unit.places)
        }
        return [fact for fact in self.record.features if fact.feature in failed]
