"""What a run of a suite says of each of its tests, written down as JSON.

Works inside of a suite's own environment, for both sides alike, and needs
nothing but Django. The file is named by the variable SUITE_RECORD.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from unittest import TextTestResult

from django.test.runner import ParallelTestSuite


class RecordingResult:
    """A result class that also keeps each test's outcome under its id."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.outcomes = defaultdict(list)
        self.reasons = {}

    def note(self, test, outcome, reason=""):
        self.outcomes[test.id()].append(outcome)
        if reason:
            self.reasons[test.id()] = str(reason)[-2000:]

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test, "passed")

    def addError(self, test, error):
        super().addError(test, error)
        self.note(test, "error", self.errors[-1][1])

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(test, "failed", self.failures[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "skipped", reason)

    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error)
        self.note(test, "expected failure")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "unexpected success")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            is_failure = issubclass(error[0], test.failureException)
            text = (self.failures if is_failure else self.errors)[-1][1]
            self.note(test, "failed" if is_failure else "error", text)


class Recording:
    """Puts the recording under whatever result class a runner has."""

    def get_resultclass(self):
        base = super().get_resultclass() or TextTestResult
        return type("SuiteResult", (RecordingResult, base), {})

    def run_suite(self, suite, **kwargs):
        result = super().run_suite(suite, **kwargs)
        record = {
            "workers": suite.processes if isinstance(suite, ParallelTestSuite) else 1,
            "ran": result.testsRun,
            "outcomes": {name: sorted(all_) for name, all_ in result.outcomes.items()},
            "reasons": result.reasons,
        }
        Path(os.environ["SUITE_RECORD"]).write_text(json.dumps(record))
        return result
