"""What a scenario did, as plain data: states of behave's model, sent and put back.

Worker and parent parse the same feature file, so a statement (feature, rule,
outline, scenario or step) is known on both sides by its place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from behave.capture import Captured
from behave.model import Feature, Rule, ScenarioOutline, Step, Tag
from behave.model_type import Status
from tblib import Traceback

__all__ = ["apply_state", "renew", "state_of", "statements_of"]

# Attributes that are plain data on every statement that has them.
PLAIN = (
    "name",
    "error_message",
    "hook_failed",
    "should_skip",
    "skip_reason",
    "was_dry_run",
    "run_starttime",
    "run_endtime",
)

# The engine's own frame around each step, in tracebacks and in their text.
GUARD = "guarded_steps.py"
GUARD_LINES = re.compile(
    r'^  File "[^"]*guarded_steps\.py", line \d+, in step\n(?:    .*\n)*', re.MULTILINE
)


def statements_of(feature: Feature) -> list[Any]:
    """Return a feature's statements in an order that depends on its file alone."""
    return list(_walk(feature))


def _walk(container: Any) -> Iterator[Any]:
    yield container
    for item in container.run_items:
        if isinstance(item, Rule):
            yield from _walk(item)
            continue
        yield item
        scenarios = item.scenarios if isinstance(item, ScenarioOutline) else [item]
        for scenario in scenarios:
            if scenario is not item:
                yield scenario
            yield from scenario.all_steps


def renew(statement: Any) -> None:
    """Make a statement as new, so that it can run once more."""
    statement.exception = None
    statement.exc_traceback = None
    statement.error_message = None
    statement.captured.reset()
    statement.hook_failed = False
    if isinstance(statement, Step):
        statement.reset()
        return
    # Not by reset(), which makes an example row forget its values.
    statement.clear_status()
    statement.should_skip = False
    statement.skip_reason = None


def state_of(statement: Any, *, is_finished: bool) -> dict[str, Any]:
    """Describe a statement's present state in plain data.

    ``is_finished`` says that its status will not change any more; before that
    the other side works it out from the steps, as behave does.
    """
    state = {key: getattr(statement, key) for key in PLAIN if hasattr(statement, key)}
    if GUARD in (state.get("error_message") or ""):
        state["error_message"] = GUARD_LINES.sub("", state["error_message"])
    if tags := getattr(statement, "tags", None):
        state["tags"] = [str(tag) for tag in tags]
    if isinstance(statement, Step):
        state["duration"] = statement.duration
    if is_finished or isinstance(statement, Step):
        state["status"] = statement.status.name
    if statement.exception is not None:
        state["exception"] = _describe_exception(statement)
    if statement.captured.has_output():
        state["captured"] = [
            [part.name, part.failed, part.stdout, part.stderr, part.log]
            for part in statement.captured.captures
        ]
    return state


def apply_state(statement: Any, state: dict[str, Any]) -> None:
    """Give a statement of the parent the state that a worker's twin had."""
    for key in PLAIN:
        if key in state:
            setattr(statement, key, state[key])
    if "tags" in state and [str(tag) for tag in statement.tags] != state["tags"]:
        statement.tags = [Tag(tag, statement.line) for tag in state["tags"]]
    if "duration" in state:
        statement.duration = state["duration"]
    if "status" in state:
        statement.set_status(Status.from_name(state["status"]))
    if "exception" in state:
        statement.exception = _rebuild_exception(state["exception"])
        statement.exc_traceback = statement.exception.__traceback__
    statement.captured.reset()
    for name, failed, stdout, stderr, log in state.get("captured", ()):
        part = Captured(stdout, stderr, log, name=name, failed=failed)
        statement.captured.add_captured(part, use_merge=False)


def _describe_exception(statement: Any) -> dict[str, Any]:
    error = statement.exception
    trace = statement.exc_traceback or error.__traceback__
    return {
        "module": type(error).__module__,
        "name": type(error).__name__,
        "text": str(error),
        "is_assertion": isinstance(error, AssertionError),
        "traceback": _without_guard(Traceback(trace).as_dict()) if trace else None,
    }


def _without_guard(trace: dict[str, Any] | None) -> dict[str, Any] | None:
    """Take the engine's own frames out of a traceback: behave would have none."""
    if trace is None:
        return None
    rest = _without_guard(trace["tb_next"])
    name = trace["tb_frame"]["f_code"]["co_filename"]
    return rest if name.endswith(GUARD) else {**trace, "tb_next": rest}


def _rebuild_exception(content: dict[str, Any]) -> BaseException:
    """Make an exception that reads like the worker's.

    Its class is a stand-in of the same name: the real one may live in modules
    that the parent never imports, and need not be picklable.
    """
    base = AssertionError if content["is_assertion"] else Exception
    kind = type(content["name"], (base,), {"__module__": content["module"]})
    error: BaseException = kind(content["text"])
    if content["traceback"]:
        trace = Traceback.from_dict(content["traceback"]).as_traceback()
        error = error.with_traceback(trace)
    return error
