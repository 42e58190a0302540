"""Records of runs that never took place, made of real feature text."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testing.bdd.record import (
    FeatureFact,
    Lost,
    RunEnd,
    RunFact,
    RunRecord,
    UnitFact,
    WorkerFact,
    line_of,
)
from testing.bdd.scenario_fact import Exchange, ScenarioFact, StepFact

__all__ = ["LOGIN", "SIGN_UP", "SampleRun", "login_run", "write_record"]

# A pixel.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)

LOGIN = '''@accounts
Feature: Log in </script><b>now</b>
  People come back.

  Background:
    Given the user Ada exists

  @smoke
  Scenario: The right password
    When I log in as Ada
    Then the answer is 200

  Scenario: The wrong password
    When I log in with
      | name | password |
      | Ada  | wrong    |
    Then the answer is 401
      """
      {"error": "credentials"}
      """

  Scenario Outline: <method> is refused
    When I ask by <method>
    Then the answer is 405

    Examples:
      | method |
      | DELETE |
      | PUT    |
'''

SIGN_UP = """Feature: Sign up
  Rule: Names are unique
    Scenario: A name that is taken
      When I sign up as Ada
      Then the answer is 409
"""

TRACEBACK = """Traceback (most recent call last):
  File "features/steps/http.py", line 40, in answer_is
    assert status == wanted, f"{status} is not {wanted}"
           ^^^^^^^^^^^^^^^^
AssertionError: 403 is not 401
"""


@dataclass
class SampleRun:
    """Builds a record: each call adds facts, times follow one another."""

    workers: int = 2
    shard: str = ""
    record: RunRecord = field(default_factory=RunRecord)
    clocks: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        index = int(self.shard.partition("/")[0] or 1)
        self.record.add(
            RunFact(
                format=1,
                started=f"2026-03-01T09:00:0{index % 10}.250000+00:00",
                command=["manage.py", "behave", "--tags", "not @slow"],
                workers=self.workers,
                method="fork",
                database="test_dancecoach",
                seed=42,
                shard=self.shard,
                selected=5,
                python="3.11.7",
                django="5.2.1",
                behave="1.3.3",
                host=f"runner-{index}",
            )
        )
        for worker in range(1, self.workers + 1):
            self.clocks[worker] = 0.5
            self.record.add(
                WorkerFact(worker, [f"auth_w{worker}"], "replayed", "", 0.1, 0.4)
            )

    def feature(self, path: str, source: str) -> FeatureFact:
        """Add a feature file."""
        tags = [word[1:] for word in source.partition("Feature")[0].split()]
        fact = FeatureFact(
            feature=len(self.record.features),
            path=path,
            line=2 if tags else 1,
            keyword="Feature",
            name=source.partition("Feature: ")[2].splitlines()[0],
            description=["People come back."],
            tags=tags,
            language="en",
            source=source,
        )
        self.record.add(fact)
        return fact

    def scenario(
        self,
        feature: FeatureFact,
        place: int,
        line: int,
        name: str,
        steps: list[StepFact],
        *,
        worker: int = 1,
        **changes: Any,
    ) -> ScenarioFact:
        """Add an attempt at a scenario, after what its worker did before."""
        seconds = changes.pop("seconds", 0.25)
        content: dict[str, Any] = {
            "keyword": "Scenario",
            "rule": "",
            "tags": [],
            "attempt": 1,
            "status": "passed",
            "is_final": True,
            "step_seconds": sum(step.seconds for step in steps),
            "http_seconds": 0.05,
            "reset_seconds": 0.02,
            **changes,
        }
        fact = ScenarioFact(
            feature=feature.feature,
            place=place,
            path=feature.path,
            line=line,
            name=name,
            worker=worker,
            schema=f"auth_w{worker}",
            began=self.clocks[worker],
            seconds=seconds,
            steps=steps,
            **content,
        )
        self.clocks[worker] += seconds + 0.01
        self.record.add(fact)
        return fact

    def unit(self, feature: FeatureFact, *, failed: bool = False) -> None:
        """Add the unit of all scenarios so far of a feature."""
        own = [s for s in self.record.scenarios if s.feature == feature.feature]
        self.record.add(
            UnitFact(
                feature=feature.feature,
                places=sorted({fact.place for fact in own}),
                attempt=1,
                worker=own[0].worker if own else 1,
                began=min((fact.began for fact in own), default=0.5),
                seconds=sum(fact.seconds for fact in own),
                failed=failed,
                hook_failures=int(failed),
                segments={},
                states=[],
            )
        )

    def lose(self, worker: int, feature: FeatureFact, place: int) -> None:
        """Add a worker's death."""
        at = self.clocks[worker]
        self.record.add(Lost(worker, feature.feature, place, "killed by SIGKILL", at))
        self.record.add(WorkerFact(worker, [f"auth_w{worker}x"], "built", "", at, 0.2))
        self.clocks[worker] = at + 0.2

    def end(self, exit_code: int = 0, *problems: str, wall: float = 0.0) -> RunRecord:
        """Add the end, with a bill; returns the record."""
        wall = wall or max(self.clocks.values(), default=0.4) + 0.1
        bill = {}
        for worker in range(1, self.workers + 1):
            own = [s for s in self.record.scenarios if s.worker == worker]
            busy = sum(fact.seconds for fact in own)
            bill[str(worker)] = {
                "build": 0.4,
                "scenarios": busy,
                "steps": sum(fact.step_seconds for fact in own),
                "http": sum(fact.http_seconds for fact in own),
                "reset": sum(fact.reset_seconds for fact in own),
                "idle": max(0.0, wall - busy - 0.4),
            }
        self.record.add(RunEnd(exit_code, wall, list(problems), 0, bill))
        return self.record


def step(keyword: str, name: str, line: int, **changes: Any) -> StepFact:
    """Make a step that passed in 20 ms."""
    content: dict[str, Any] = {
        "status": "passed",
        "seconds": 0.02,
        "error": "",
        "text": "",
        "table": [],
        "location": "features/steps/http.py:12",
        "is_background": False,
        **changes,
    }
    return StepFact(keyword, name, line, **content)


def background() -> StepFact:
    """Make the background's step."""
    return step(
        "Given",
        "the user Ada exists",
        6,
        is_background=True,
        location="features/steps/accounts.py:9",
    )


def wrong_password(*, failed: bool) -> list[StepFact]:
    """Make the steps of the scenario that fails, or not."""
    return [
        background(),
        step("When", "I log in with", 14, table=[["name", "password"], ["Ada", "x"]]),
        step(
            "Then",
            "the answer is 401",
            17,
            text='{"error": "credentials"}',
            status="failed" if failed else "passed",
            error=TRACEBACK if failed else "",
        ),
    ]


def failure(**changes: Any) -> dict[str, Any]:
    """Make what a failed attempt has beyond others."""
    return {
        "status": "failed",
        "error": TRACEBACK,
        "output": "\x1b[31mred\x1b[0m <script>alert(1)</script> \x00\n",
        "exchanges": [
            Exchange(
                1,
                "POST",
                "/api/v1/auth/login?next=<img src=x>",
                403,
                0.015,
                4,
                '{"password": "***"}',
                '{"error": {"code": "</pre><script>alert(2)</script>"}}',
            )
        ],
        "attachments": [["image/png", PNG], ["text/plain", _base64("a note")]],
        **changes,
    }


def login_run(*, shard: str = "", flaky: bool = True, red: bool = True) -> RunRecord:
    """Make a run of two features: passed, failed twice, flaky, skipped, lost."""
    run = SampleRun(shard=shard)
    login = run.feature("features/auth/login.feature", LOGIN)
    run.scenario(
        login,
        2,
        9,
        "The right password",
        [
            background(),
            step("When", "I log in as Ada", 10),
            step("Then", "the answer is 200", 11),
        ],
        tags=["smoke", "accounts"],
    )
    if red:
        for attempt in (1, 2):
            run.scenario(
                login,
                6,
                13,
                "The wrong password",
                wrong_password(failed=True),
                **failure(attempt=attempt, is_final=attempt == 2),
            )
    rows = [
        background(),
        step("When", "I ask by DELETE", 23),
        step("Then", "the answer is 405", 24),
    ]
    if flaky:
        run.scenario(
            login,
            11,
            28,
            "DELETE is refused -- @1.1 ",
            rows[:2],
            worker=2,
            keyword="Scenario Outline",
            status="lost",
            error="Worker 2 was killed by SIGKILL.",
            is_final=False,
        )
        run.lose(2, login, 11)
    run.scenario(
        login,
        11,
        28,
        "DELETE is refused -- @1.1 ",
        rows,
        worker=2,
        keyword="Scenario Outline",
        attempt=2 if flaky else 1,
    )
    run.scenario(
        login,
        15,
        29,
        "PUT is refused -- @1.2 ",
        [step("When", "I ask by PUT", 23, status="skipped", seconds=0.0)],
        keyword="Scenario Outline",
        status="skipped",
        seconds=0.0,
        worker=2,
    )
    run.unit(login, failed=red)
    return run.end(1 if red else 0)


def write_record(record: RunRecord, path: Path) -> Path:
    """Write a record as a run does: one line a fact."""
    groups = (
        record.runs,
        record.features,
        record.workers,
        record.scenarios,
        record.units,
        record.losses,
        record.ends,
    )
    facts = [fact for group in groups for fact in group]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        for fact in facts:
            stream.write(line_of(fact))
    return path


def sign_up_run(
    *, shard: str = "", passes: bool = True, wall: float = 0.0
) -> RunRecord:
    """Make a run of one feature with a rule."""
    run = SampleRun(workers=1, shard=shard)
    feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
    run.scenario(
        feature,
        2,
        3,
        "A name that is taken",
        [step("When", "I sign up as Ada", 4), step("Then", "the answer is 409", 5)],
        rule="Names are unique",
        **({} if passes else {"status": "error", "error": "ValueError: no"}),
    )
    run.unit(feature, failed=not passes)
    return run.end(0 if passes else 1, wall=wall)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
