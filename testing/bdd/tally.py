"""The bill of a run: where each worker's time went."""

from __future__ import annotations

from testing.bdd.record import RunRecord

__all__ = ["bill_of"]


def bill_of(record: RunRecord, *, seconds: float) -> dict[str, dict[str, float]]:
    """Return build, scenarios, steps, http, reset and idle, by worker, in seconds.

    Idle is what is left of the run's wall time: waiting for units, hooks of
    features, starting and ending.
    """
    bill: dict[str, dict[str, float]] = {}
    for fact in record.workers:
        entry = bill.setdefault(str(fact.worker), _empty())
        entry["build"] += fact.seconds
    for scenario in record.scenarios:
        entry = bill.setdefault(str(scenario.worker), _empty())
        entry["scenarios"] += scenario.seconds
        entry["steps"] += scenario.step_seconds
        entry["http"] += scenario.http_seconds
        entry["reset"] += scenario.reset_seconds
    for entry in bill.values():
        entry["idle"] = max(seconds - entry["build"] - entry["scenarios"], 0.0)
    return bill


def _empty() -> dict[str, float]:
    return dict.fromkeys(("build", "scenarios", "steps", "http", "reset", "idle"), 0.0)
