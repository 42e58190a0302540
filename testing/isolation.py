"""What a test class can ask for that its worker's schema does not give.

A schema isolates neither advisory locks nor notifications, roles, large objects
or SQL that names ``public``. A class that depends on one of them says so:

    @needs_database
    class Notifications(TransactionTestCase): ...

With ``TESTING["FALLBACK"] = "database"`` it runs on a clone of the template
database, which its worker leases for the time of the class; by default it runs
alone, with no other class at the same time. Scenarios say it by the tag
``@database``. What only has to be alone says ``@tag("serial")`` or ``@serial``.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, TypeVar
from unittest import TestCase

from testing.conf import EngineSettings
from testing.occupancy import on_clones, present_workplace

__all__ = ["NEEDS_DATABASE", "needs_database", "runs_alone"]

NEEDS_DATABASE = "testing_needs_database"

Case = TypeVar("Case", bound=type[TestCase])


def needs_database(case: Case) -> Case:
    """Let a test class run on a database of its own, or alone (``FALLBACK``)."""
    original: Any = vars(case).get("setUpClass")
    owner: Any = case

    def set_up_class(cls: Any) -> None:
        _move_in(cls)
        if original is not None:
            original.__get__(None, cls)()
        else:
            super(owner, cls).setUpClass()

    set_up_class.__name__ = "setUpClass"
    set_up_class.__qualname__ = f"{case.__qualname__}.setUpClass"
    setattr(case, NEEDS_DATABASE, True)
    case.setUpClass = classmethod(set_up_class)  # type: ignore[method-assign, assignment]
    return case


def runs_alone(case: type, *, engine: EngineSettings) -> bool:
    """Tell whether a class needs a database and can have none, so runs alone."""
    needs = getattr(case, NEEDS_DATABASE, False)
    has_own = "database" in (engine.isolation, engine.fallback)
    return needs and not has_own


def _move_in(case: type[TestCase]) -> None:
    """Put the worker on clones until the class's last cleanup.

    A subclass of a class that has moved in already stays where it is, and so
    does a process without a workplace, under another runner.
    """
    workplace = present_workplace()
    if workplace is None or workplace.plan.engine.fallback != "database":
        return
    stack = ExitStack()
    stack.enter_context(on_clones(workplace))
    case.addClassCleanup(stack.close)
