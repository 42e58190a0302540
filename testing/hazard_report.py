"""Hazards that were found, put together from all workers and told in one block."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from testing.hazards import KINDS

__all__ = ["Finding", "HazardReport", "advice_of", "is_accepted"]

# How to do what is advised.
WAYS = (
    '  To run alone: @serial on a scenario, @tag("serial") on a test or its class.',
    "  To have an own database: @database on a scenario, @needs_database on a test",
    '  class (testing.isolation), and TESTING["FALLBACK"] = "database".',
    '  To have one for each worker, in all tests: TESTING["ISOLATION"] = "database".',
    '  To accept what is known: TESTING["HAZARDS_ACCEPTED"] = ["KIND: PATH", …].',
)
# So many are told of in full; who asks for everything gets everything.
NAMED = 50


@dataclass(frozen=True)
class Finding:
    """A statement that a schema does not isolate, sent in one test.

    Attributes:
        hazard: its kind, one of ``testing.hazards.KINDS``.
        statement: shortened to one line.
        path, line: the project's code that sent it.
        package: ``path:line`` of a package that was in between, or empty.
        test: the test or scenario.

    """

    hazard: str
    statement: str
    path: str
    line: int
    test: str
    package: str = ""

    @property
    def place(self) -> str:
        """``path:line`` of who sent it, with the package that was in between."""
        through = f" through {self.package}" if self.package else ""
        return f"{self.path}:{self.line}{through}"

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells it from others; the same line may send it many times."""
        return (self.hazard, self.path, str(self.line), self.test)


@dataclass
class HazardReport:
    """Findings of a whole run, each line of code once with the tests that ran it."""

    places: dict[tuple[str, str, int], list[Finding]] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> HazardReport:
        """Put findings together."""
        report = cls()
        report.add(findings)
        return report

    def add(self, findings: Iterable[Finding]) -> None:
        """Add findings of a worker."""
        for one in findings:
            tests = self.places.setdefault((one.hazard, one.path, one.line), [])
            if all(one.test != other.test for other in tests):
                tests.append(one)

    @property
    def headline(self) -> str:
        """How many there are, as a sentence."""
        count = len(self.places)
        words = "statement reaches" if count == 1 else "statements reach"
        return f"{count:,} {words} beyond a worker's schema."

    def lines(self, *, is_detailed: bool = False) -> list[str]:
        """Return the block that is told at the end, empty when nothing was found.

        Each kind with what to do about it, each line of code below it with its
        statement and its tests; ``is_detailed`` leaves nothing out.
        """
        if not self.places:
            return []
        lines = [
            f"{self.headline} Tests that send such may disturb each other when they "
            "run at the same time."
        ]
        shown = sorted(self.places.values(), key=_order)
        shown = shown if is_detailed else shown[:NAMED]
        kind = ""
        for findings in shown:
            if findings[0].hazard != kind:
                kind = findings[0].hazard
                lines += ["", f"  {kind}: {KINDS[kind].reach}."]
                lines.append(f"  Next: {advice_of(kind)}.")
            lines += _entry(findings, is_detailed=is_detailed)
        if left_out := len(self.places) - len(shown):
            lines += ["", f"  … and {left_out:,} more, shown with -v 3"]
        return [*lines, "", *WAYS]

    @property
    def verdict(self) -> str:
        """What is said where hazards are forbidden and some were found."""
        return f"{self.headline} TESTING['HAZARDS'] is 'error', so the run fails."


def advice_of(kind: str) -> str:
    """Return what to do about a hazard, as the rest of a sentence."""
    known = KINDS[kind]
    own = "give the test a database of its own" if known.is_per_database else ""
    alone = "run the test alone" if known.is_safe_alone else ""
    return ", or ".join(filter(None, (known.remedy, own, alone)))


def is_accepted(finding: Finding, accepted: Sequence[str]) -> bool:
    """Tell whether the project knows of a hazard: ``kind`` or ``kind: path glob``."""
    for entry in accepted:
        kind, _, pattern = (part.strip() for part in entry.partition(":"))
        if kind == finding.hazard and fnmatchcase(finding.path, pattern or "*"):
            return True
    return False


def _order(findings: Sequence[Finding]) -> tuple[int, str, int]:
    first = findings[0]
    return list(KINDS).index(first.hazard), first.path, first.line


def _entry(findings: Sequence[Finding], *, is_detailed: bool) -> list[str]:
    first = findings[0]
    names = sorted(one.test for one in findings)
    named = names if is_detailed else names[:1]
    lines = [f"    {first.place}  {first.statement}"]
    lines += [f"      in {name}" for name in named]
    if more := len(names) - len(named):
        lines[-1] += f", and in {more:,} more"
    return lines
