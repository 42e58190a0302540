"""Tables that a test class makes in its set-up: there for all of its tests.

A reset drops what a test has made. What ``setUpClass`` or ``setUpModule`` has made
is there before the first test of a class begins, and is adopted then.
"""

from __future__ import annotations

from typing import Any
from unittest import TestResult

from django.test import TestCase, TransactionTestCase

from testing.occupancy import present_workplace

__all__ = ["AdoptingResult", "adopting"]


class AdoptingResult:
    """Part of a result: as each class begins, has baselines adopt what it made."""

    last_class: type | None = None

    def startTest(self, test: Any) -> None:
        """Look at what is there before a class's first test."""
        super().startTest(test)  # type: ignore[misc]
        if type(test) is not self.last_class:
            self.last_class = type(test)
            _adopt(type(test))


def adopting(result_class: type[TestResult]) -> type[TestResult]:
    """Return a class of results like ``result_class`` that adopts as well."""
    return type(result_class.__name__, (AdoptingResult, result_class), {})


def _adopt(test_class: type) -> None:
    """Adopt what is there, if tests of the class commit and are reset after it."""
    workplace = present_workplace()
    commits = issubclass(test_class, TransactionTestCase)
    if workplace is None or not commits or issubclass(test_class, TestCase):
        return
    for database in workplace.plan.databases:
        connection = database.connection
        baseline = workplace.baseline_of(connection.alias)
        if baseline is not None:
            # After a test that commits Django truncates these and no others.
            models = connection.introspection.django_table_names()
            baseline.adopt(emptied=frozenset(models))
