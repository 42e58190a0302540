"""Facts of a run, with fixed numbers, for tests of what is said about it."""

from testing.bdd.record import (
    FeatureFact,
    RunEnd,
    RunFact,
    RunRecord,
    UnitFact,
    WorkerFact,
)
from testing.bdd.scenario_fact import Exchange, ScenarioFact, StepFact

TRACEBACK = """\
Traceback (most recent call last):
  File "features/steps/http.py", line 31, in step_status
    assert response.status == status
AssertionError: 200 != 429"""


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def run_fact(**changed):
    return RunFact(
        **{
            "format": 1,
            "started": "2026-01-02T03:04:05Z",
            "command": ["manage.py", "behave", "--name", "a b"],
            "workers": 2,
            "method": "fork",
            "database": "test_shop",
            "seed": None,
            "shard": "",
            "selected": 12,
            "python": "3.11.7",
            "django": "5.2.1",
            "behave": "1.3.3",
            "host": "ci-1",
            **changed,
        }
    )


def worker_fact(**changed):
    fields = {"worker": 1, "schemas": ["test_w1"], "way": "replayed", "note": ""}
    return WorkerFact(**{**fields, "began": 0.0, "seconds": 0.25, **changed})


def step(**changed):
    return StepFact(
        **{
            "keyword": "Given",
            "name": "an account",
            "line": 15,
            "status": "passed",
            "seconds": 0.01,
            "error": "",
            "text": "",
            "table": [],
            "location": "features/steps/accounts.py:12",
            "is_background": False,
            **changed,
        }
    )


def scenario(**changed):
    return ScenarioFact(
        **{
            "feature": 0,
            "place": 1,
            "path": "features/login.feature",
            "line": 14,
            "keyword": "Scenario",
            "name": "A dancer logs in",
            "rule": "",
            "tags": [],
            "attempt": 1,
            "worker": 2,
            "schema": "test_w2",
            "status": "passed",
            "is_final": True,
            "began": 1.0,
            "seconds": 0.5,
            "step_seconds": 0.4,
            "http_seconds": 0.3,
            "reset_seconds": 0.05,
            **changed,
        }
    )


def failure(**changed):
    """Return a scenario whose second step of three failed after three requests."""
    steps = [
        step(),
        step(
            keyword="Then",
            name="the answer is 429",
            line=16,
            status="failed",
            seconds=0.125,
            error=TRACEBACK,
            table=[["code", "text"], ["throttled", "later"]],
            location="features/steps/http.py:29",
        ),
        step(keyword="And", name="no mail is sent", line=17, status="untested"),
    ]
    exchanges = [
        Exchange(0, "POST", "/api/users/", 201, 0.031, 7),
        Exchange(1, "GET", "/api/me/", 200, 0.004, 12, "", '{"id": 1}'),
    ]
    fields = {"status": "failed", "steps": steps, "error": TRACEBACK}
    return scenario(
        **{**fields, "output": "INFO login\n", "exchanges": exchanges, **changed}
    )


def feature(**changed):
    return FeatureFact(
        **{
            "feature": 0,
            "path": "features/login.feature",
            "line": 1,
            "keyword": "Feature",
            "name": "Login",
            "description": [],
            "tags": [],
            "language": "en",
            "source": "",
            **changed,
        }
    )


def unit(**changed):
    return UnitFact(
        **{
            "feature": 0,
            "places": [1, 5],
            "attempt": 1,
            "worker": 1,
            "began": 0.0,
            "seconds": 1.5,
            "failed": False,
            "hook_failures": 0,
            "segments": {},
            "states": [],
            **changed,
        }
    )


def bill_row(**changed):
    row = {"build": 0.25, "scenarios": 1.5, "steps": 1.25, "http": 1.0}
    return {**row, "reset": 0.125, "idle": 0.25, **changed}


def run_end(**changed):
    fields = {"exit_code": 0, "seconds": 2.0, "problems": [], "hook_failures": 0}
    bill = {"1": bill_row(), "2": bill_row(idle=0.5)}
    return RunEnd(**{**fields, "bill": bill, **changed})


def record_of(*facts):
    record = RunRecord()
    for fact in facts:
        record.add(fact)
    return record
