"""The last lines of a run: verdict, what failed, what was slow, the bill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from testing.bdd.bill import Bill
from testing.bdd.console_text import Ink, clean, counted, one_line, word_of
from testing.bdd.failure_text import first_error_line
from testing.bdd.record import Lost, RunRecord
from testing.bdd.scenario_fact import ScenarioFact
from testing.errors import EXIT_INTERRUPTED, EXIT_PASSED
from testing.hazard_report import HazardReport

__all__ = ["repeat_lines", "summary_lines", "tally"]

SLOWEST = 5
# Entries of each kind that are named, unless everything is asked for.
NAMED = 50
# Spaces under the word at the beginning of a line.
DEPTH = 14
WORDS = {
    "PASS": "passed",
    "FLAKY": "flaky",
    "SLOW": "slow",
    "FAIL": "failed",
    "TIMEOUT": "timed out",
    "LOST": "lost",
    "SKIP": "skipped",
}
BAD_WORDS = ("FAIL", "TIMEOUT", "LOST")


def summary_lines(
    record: RunRecord,
    *,
    exit_code: int,
    rerun: str,
    wall: float,
    verbosity: int,
    ink: Ink,
    width: int | None = None,
) -> list[str]:
    """Return what is said when all is done.

    ``wall`` counts where the record has no end yet. On a terminal of ``width``
    columns names give way, so that lines do not wrap; where to find them stays.
    """
    final = record.final_scenarios()
    bill = Bill.of(record, wall=wall)
    verdict = {EXIT_PASSED: "PASSED", EXIT_INTERRUPTED: "INTERRUPTED"}.get(
        exit_code, "FAILED"
    )
    words = Counter(word_of(one) for one in final)
    named = None if verbosity >= 3 else NAMED
    is_short = exit_code == EXIT_PASSED and verbosity < 2
    lines = [
        *([] if is_short else [ink("─" * 12, "faint")]),
        f"{ink.word(verdict)} [{bill.wall:7.3f}s] {_verdict_text(record, words)}",
        *_cut(_failures(final, ink, width), named),
        *_cut(_losses(record, final, ink), named),
        *_cut(_flaky(record, ink, width), named),
        *_cut(_problems(record, ink), named),
        *_hazards(record, ink, is_detailed=verbosity >= 3),
        *_slowest(final, ink, width),
        *bill.lines(is_detailed=verbosity >= 2, ink=ink),
    ]
    if rerun and exit_code != EXIT_PASSED:
        lines.append(f"{ink.word('Rerun')}  {rerun}")
    return lines


def repeat_lines(
    codes: Sequence[int], *, wanted: int, leaks: Sequence[str] | None
) -> list[str]:
    """Return what is said after several runs: how many passed, and what leaked.

    Of the runs that were ``wanted`` some may not have begun. ``leaks`` are the lines
    of all runs, None where nobody looked for any.
    """
    missing = f"; {wanted - len(codes)} did not run" if len(codes) < wanted else ""
    lines = [f"{codes.count(EXIT_PASSED)}/{wanted} runs passed{missing}."]
    if leaks is None:
        return lines
    if not leaks:
        return [*lines, "No leaks."]
    times = Counter(leaks)
    told = [f"  {line} ({times[line]} of {len(codes)} runs)" for line in sorted(times)]
    return [*lines, "Leaks:", *told]


def tally(words: Counter[str]) -> str:
    """Return counts in words: ``5 passed (1 flaky, 1 slow), 1 failed``."""
    passed = words["PASS"] + words["FLAKY"] + words["SLOW"]
    among = [f"{words[w]:,} {WORDS[w]}" for w in ("FLAKY", "SLOW") if words[w]]
    parts = [f"{passed:,} passed" + (f" ({', '.join(among)})" if among else "")]
    parts += [f"{words[w]:,} {WORDS[w]}" for w in (*BAD_WORDS, "SKIP") if words[w]]
    return ", ".join(parts)


def _verdict_text(record: RunRecord, words: Counter[str]) -> str:
    ran = sum(words.values())
    parts = [f"{counted(ran, 'scenario')}: {tally(words)}"]
    missing = sum(run.selected for run in record.runs) - ran
    if missing > 0:
        parts.append(f"{missing:,} did not run")
    if hooks := sum(end.hook_failures for end in record.ends):
        parts.append(f"{counted(hooks, 'hook')} failed")
    return "; ".join(parts)


def _failures(
    final: list[ScenarioFact], ink: Ink, width: int | None
) -> list[list[str]]:
    entries = []
    for one in final:
        if one.has_failed:
            told = _fitted(f"{one.location}  ", one.name, width)
            entry = [f"{ink.word(word_of(one))}  {told}"]
            if error := first_error_line(one):
                entry.append(" " * DEPTH + _fitted("", error, width))
            entries.append(entry)
    return entries


def _losses(record: RunRecord, final: list[ScenarioFact], ink: Ink) -> list[list[str]]:
    """Return the dead workers that no lost scenario above tells of."""
    told = {(one.feature, one.place) for one in final if one.status == "lost"}
    return [
        [
            f"{ink.word('LOST')}  worker {loss.worker} {_whereabouts(record, loss)}: "
            f"{one_line(loss.reason)}"
        ]
        for loss in record.losses
        if (loss.feature, loss.place) not in told
    ]


def _whereabouts(record: RunRecord, loss: Lost) -> str:
    for one in record.scenarios:
        if (one.feature, one.place) == (loss.feature, loss.place):
            return f"in {one.location}"
    for feature in record.features:
        if feature.feature == loss.feature:
            return f"in {feature.path}"
    return "between two features"


def _flaky(record: RunRecord, ink: Ink, width: int | None) -> list[list[str]]:
    entries = []
    for one in record.flaky_scenarios():
        tail = f" (passed at attempt {one.attempt})"
        told = _fitted(f"{one.location}  ", one.name, width, tail)
        entries.append([f"{ink.word('FLAKY')}  {told}"])
    return entries


def _problems(record: RunRecord, ink: Ink) -> list[list[str]]:
    """Return the first line of each; it was told in full when it came up."""
    texts = [clean(text).strip() for end in record.ends for text in end.problems]
    return [
        [f"{ink.word('Problem')}  {one_line(text.partition(chr(10))[0])}"]
        for text in texts
        if text
    ]


def _hazards(record: RunRecord, ink: Ink, *, is_detailed: bool) -> list[str]:
    lines = HazardReport.of(record.hazards).lines(is_detailed=is_detailed)
    return [
        f"{ink.word('' if number else 'Hazards')}  {clean(line)}".rstrip()
        for number, line in enumerate(lines)
    ]


def _slowest(final: list[ScenarioFact], ink: Ink, width: int | None) -> list[str]:
    if len(final) < 2:
        return []
    slowest = sorted(final, key=lambda one: -one.seconds)[:SLOWEST]
    return [
        f"{ink.word('' if number else 'Slowest')}  "
        + _fitted(f"{one.seconds:.3f}s  {one.location}  ", one.name, width)
        for number, one in enumerate(slowest)
    ]


def _fitted(head: str, name: str, width: int | None, tail: str = "") -> str:
    """Return what stands behind a word, its name cut to what the width leaves."""
    name = one_line(name)
    if width is not None:
        room = max(1, width - DEPTH - len(head) - len(tail))
        name = name if len(name) <= room else f"{name[: room - 1]}…"
    return f"{head}{name}{tail}"


def _cut(entries: list[list[str]], limit: int | None) -> list[str]:
    """Return the lines of the first entries and a note how many more there are."""
    shown = entries[:limit]
    lines = [line for entry in shown for line in entry]
    if left_out := len(entries) - len(shown):
        lines.append(f"{' ' * DEPTH}… and {left_out:,} more, shown with -v 3")
    return lines
