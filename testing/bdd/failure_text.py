"""A failing attempt told in full: steps, error, output, HTTP, what to run next."""

from __future__ import annotations

from collections.abc import Sequence

from testing.bdd.console_text import Ink, clean, counted, cut_lines, indented, one_line
from testing.bdd.invocation import manage_command
from testing.bdd.scenario_fact import Exchange, ScenarioFact, StepFact

__all__ = ["failing_step", "failure_lines", "first_error_line", "rerun_command"]

# Lines kept of each part, unless everything is asked for.
ERROR_LINES = 40
OUTPUT_LINES = 24
BODY_LINES = 12
EXCHANGES = 12
# Exchanges whose bodies are shown.
BODIES = 3

MARGIN = 4
TRACEBACK = "Traceback (most recent call last)"
GOOD_STATUSES = ("passed", "skipped", "pending_warn")
# A step of a scenario that was cut off in the middle of it.
UNFINISHED = ("untested", "executing", "unknown")


def failure_lines(fact: ScenarioFact, *, verbosity: int, ink: Ink) -> list[str]:
    """Return what stands below the first line of a failure."""
    whole = verbosity >= 3
    lines = _step_lines(fact, ink=ink)
    failing = failing_step(fact)
    error = fact.error or (fact.steps[failing].error if failing is not None else "")
    lines += _part("Error", error, None if whole else ERROR_LINES, ink)
    lines += _part("Output", fact.output, None if whole else OUTPUT_LINES, ink)
    if fact.exchanges:
        lines += [ink("HTTP:", "strong")]
        lines += indented(_exchange_lines(fact, failing, whole=whole, ink=ink), 2)
    lines += [f"{ink('Rerun:', 'strong')} {rerun_command(fact)}"]
    return [*indented(lines, MARGIN), ""]


def rerun_command(fact: ScenarioFact) -> str:
    """Return the command that runs just this scenario."""
    return manage_command(fact.location)


def first_error_line(fact: ScenarioFact) -> str:
    """Return the line of an error that says most.

    It is the first one, and of a traceback the one with the last exception.
    """
    lines = [line for line in clean(fact.error).split("\n") if line.strip()]
    if not lines:
        return ""
    heads = [number for number, line in enumerate(lines) if TRACEBACK in line]
    if heads[:1] != [0]:
        return one_line(lines[0])
    margin = _margin(lines[heads[-1]])
    below = lines[heads[-1] + 1 :]
    return one_line(next((x for x in below if _margin(x) <= margin), lines[0]))


def failing_step(fact: ScenarioFact) -> int | None:
    """Return the index of the step that failed, or in which all ended."""
    for index, step in enumerate(fact.steps):
        if step.status not in (*GOOD_STATUSES, *UNFINISHED):
            return index
    if fact.status == "lost":
        for index, step in enumerate(fact.steps):
            if step.status in UNFINISHED:
                return index
    return None


def _step_lines(fact: ScenarioFact, *, ink: Ink) -> list[str]:
    """Return the steps up to the one that failed; all that ran if none did."""
    failing = failing_step(fact)
    if failing is None:
        shown = [step for step in fact.steps if step.status not in UNFINISHED]
    else:
        shown = fact.steps[: failing + 1]
    width = max((len(_step_word(fact, step)) for step in shown), default=0)
    lines = [_step_line(fact, step, width=width, ink=ink) for step in shown]
    if failing is not None:
        lines += indented(_argument_lines(fact.steps[failing]), width + 13)
    if left := len(fact.steps) - len(shown):
        where = "" if failing is None else " after it"
        lines.append(ink(f"({counted(left, 'step')}{where} did not run)", "faint"))
    return lines


def _step_line(fact: ScenarioFact, step: StepFact, *, width: int, ink: Ink) -> str:
    word = _step_word(fact, step)
    look = "good" if word == "passed" else "bad"
    if word in ("skipped", "pending_warn"):
        look = "faint"
    padded = ink(word, look) + " " * (width - len(word))
    line = f"{padded} [{step.seconds:7.3f}s] {step.keyword} {one_line(step.name)}"
    return line if look == "good" else f"{line}  {ink(step.location, 'faint')}".rstrip()


def _step_word(fact: ScenarioFact, step: StepFact) -> str:
    """Return a step's status; a step that ran when all ended has the reason."""
    return fact.status if step.status in UNFINISHED else step.status


def _argument_lines(step: StepFact) -> list[str]:
    """Return the table and the text of a step."""
    lines = cut_lines(step.text, BODY_LINES) if step.text else []
    rows = [[one_line(cell) for cell in row] for row in step.table]
    widths = [max(map(len, column)) for column in zip(*rows, strict=False)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _part(title: str, text: str, limit: int | None, ink: Ink) -> list[str]:
    if not text.strip():
        return []
    return [ink(f"{title}:", "strong"), *indented(cut_lines(text, limit), 2)]


def _exchange_lines(
    fact: ScenarioFact, failing: int | None, *, whole: bool, ink: Ink
) -> list[str]:
    """Return a line for each request, with bodies under the last ones."""
    exchanges: Sequence[Exchange] = fact.exchanges
    lines = []
    left_out = 0 if whole else len(exchanges) - EXCHANGES
    if left_out > 1:
        exchanges = exchanges[left_out:]
        lines = [f"… {counted(left_out, 'earlier request')} left out …"]
    told = [one for one in exchanges if one.step == failing] or exchanges
    with_bodies = {id(one) for one in told[-BODIES:]}
    widths = (
        max(len(one.method) for one in exchanges),
        max(len(one_line(one.path)) for one in exchanges),
    )
    for one in exchanges:
        lines.append(_exchange_line(one, widths=widths, ink=ink))
        if id(one) in with_bodies:
            lines += _body_lines(">", one.request_body, whole=whole)
            lines += _body_lines("<", one.response_body, whole=whole)
    return lines


def _exchange_line(one: Exchange, *, widths: tuple[int, int], ink: Ink) -> str:
    status = f"{one.status:3}" if one.status else "---"
    look = "bad" if one.status >= 500 or not one.status else "strong"
    method, path = widths
    return (
        f"{one.method:<{method}}  {one_line(one.path):<{path}}  {ink(status, look)}"
        f"  {one.seconds:.3f}s  {one.statements:>3} SQL"
    )


def _body_lines(sign: str, body: str, *, whole: bool) -> list[str]:
    if not body.strip():
        return []
    lines = cut_lines(body, None if whole else BODY_LINES)
    return [f"  {sign} {line}".rstrip() for line in lines]


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
