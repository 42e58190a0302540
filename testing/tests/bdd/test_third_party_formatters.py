"""Formatters of other packages, unmodified, for one worker and for two."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.test import SimpleTestCase

FEATURE = """\
Feature: {name}
  Scenario: passes
    Given it is well
  Scenario Outline: rows
    Given it is <how>
    Examples:
      | how  |
      | well |
      | bad  |
"""
STEPS = """\
from behave import given

@given("it is well")
def well(context):
    pass

@given("it is bad")
def bad(context):
    assert False, "it is bad"
"""


class ThirdPartyFormatterTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.folder = Path(folder)
        (cls.folder / "steps").mkdir()
        (cls.folder / "steps" / "state.py").write_text(STEPS)
        for name in "ab":
            path = cls.folder / f"{name}.feature"
            path.write_text(FEATURE.format(name=name))
        for workers in (1, 2):
            cls.run_behave(workers)

    @classmethod
    def run_behave(cls, workers):
        """Run the features with both formatters; one scenario in three fails."""
        result = subprocess.run(
            [
                *(sys.executable, "manage.py", "behave", str(cls.folder)),
                *("-j", str(workers), "--no-summary", "-v", "0"),
                *("-f", "allure_behave.formatter:AllureFormatter"),
                *("-o", str(cls.folder / f"allure{workers}")),
                *("-f", "behave_html_pretty_formatter:PrettyHTMLFormatter"),
                *("-o", str(cls.folder / f"pretty{workers}.html")),
            ],
            cwd=settings.BASE_DIR,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
        )
        if result.returncode != 1:
            raise AssertionError(result.stdout + result.stderr)

    def outcomes(self, workers):
        files = (self.folder / f"allure{workers}").glob("*-result.json")
        results = [json.loads(path.read_text()) for path in files]
        return sorted(
            (one["fullName"], one["status"], [s["status"] for s in one["steps"]])
            for one in results
        )

    def test_allure(self):
        """allure-behave, which wraps each scenario's run, writes every result."""
        one, two = self.outcomes(1), self.outcomes(2)
        self.assertEqual(one, two)
        self.assertEqual(len(one), 6)
        self.assertEqual([status for _, status, _ in one].count("failed"), 2)

    def test_pretty_page(self):
        """The page of behave-html-pretty-formatter is the same but for times."""
        one, two = (
            # Identifiers are made up anew for each page.
            re.sub(
                r"_[0-9a-f-]{8,}|'[0-9a-f-]{8,}'|[\d.:]+",
                "",
                (self.folder / f"pretty{n}.html").read_text(),
            )
            for n in (1, 2)
        )
        self.assertEqual(one, two)
        self.assertIn("it is bad", one)
