"""Hazards in unit tests: each is named once, with code and test, in any process."""

import re
import tempfile

from django.test import SimpleTestCase

from testing.tests.hazard_suite import PLANTED, line_of, tests, word
from testing.tests.probe import drop_probes, prefix
from testing.tests.project import run, write_tree

SETTINGS = """
import os

globals().update(
    {{
        name: value
        for name, value in vars(__import__("dancecoach.settings").settings).items()
        if name.isupper()
    }}
)
TESTING = {{
    "SLOT_PREFIX": "{prefix}",
    "EXTENSIONS_SCHEMA": "{prefix}_extensions",
    "START_METHOD": os.environ.get("START", "auto"),
    "HAZARDS": os.environ.get("HAZARDS", "report"),
}}
"""

# A serial test looks whether any other runs; the others run long enough.
COMPANY = """
import time
from pathlib import Path

from django.test import SimpleTestCase, tag

HERE = Path(__file__).parent


class Marked(SimpleTestCase):
    def setUp(self):
        self.company = list(HERE.glob("*.runs"))
        mark = HERE / f"{self.id()}.runs"
        mark.touch()
        self.addCleanup(mark.unlink)


class A(Marked):
    def test_one(self):
        time.sleep(0.3)

    @tag("serial")
    def test_alone(self):
        self.assertEqual(self.company, [])
        time.sleep(0.1)

    def test_two(self):
        time.sleep(0.3)


@tag("serial")
class B(Marked):
    def test_alone(self):
        self.assertEqual(self.company, [])
        time.sleep(0.1)


class C(Marked):
    def test_one(self):
        time.sleep(0.3)
"""


class RunnerHazardsTests(SimpleTestCase):
    databases = {"default"}

    def setUp(self):
        super().setUp()
        self.addCleanup(drop_probes)

    def run_tests(self, *arguments, **environment):
        with tempfile.TemporaryDirectory() as folder:
            write_tree(
                folder,
                {
                    "hazard_settings.py": SETTINGS.format(prefix=prefix()),
                    "planted/__init__.py": "",
                    "planted/test_planted.py": tests(),
                    "company/__init__.py": "",
                    "company/test_company.py": COMPANY,
                },
            )
            return run(
                "test",
                *arguments,
                PYTHONPATH=folder,
                DJANGO_SETTINGS_MODULE="hazard_settings",
                **environment,
            )

    def check_block(self, error):
        """Check that each kind is told once, with its line and first test."""
        _, found, block = error.partition("statements reach beyond")
        self.assertTrue(found, error)
        text = re.sub(r"\s+", " ", block)
        for kind, statement in PLANTED.items():
            with self.subTest(kind=kind):
                line = line_of(tests(), statement)
                self.assertEqual(block.count(f"  {kind}: "), 1)
                self.assertEqual(block.count(f"planted.py:{line}  {statement}\n"), 1)
                self.assertIn(
                    f"{statement} in planted.test_planted.Again.test_{word(kind)},"
                    " and in 1 more",
                    text,
                )
        self.assertIn("in planted.test_planted.InData.setUpTestData", text)
        self.assertEqual(block.count("test_planted.py:"), len(PLANTED) + 1)
        self.assertNotIn("Alone", block)
        self.assertNotIn("Clean", block)

    def test_one_process(self):
        """The block comes after the results; the run stays green."""
        status, _, error = self.run_tests("planted")
        self.assertEqual(status, 0, error)
        self.assertLess(error.index("\nOK"), error.index("statements reach beyond"))
        self.check_block(error)

    def test_workers(self):
        """What several workers find is told once, by all start methods."""
        for method in ("fork", "spawn"):
            with self.subTest(method=method):
                status, _, error = self.run_tests(
                    "planted", "--parallel", "2", START=method
                )
                self.assertEqual(status, 0, error)
                self.assertEqual(error.count("statements reach beyond"), 1)
                self.check_block(error)

    def test_error(self):
        """Where hazards are forbidden tests that send them fail, and only those."""
        for arguments in ((), ("--parallel", "2")):
            with self.subTest(arguments=arguments):
                status, _, error = self.run_tests(
                    *("planted.test_planted.Planted", "planted.test_planted.Clean"),
                    *("planted.test_planted.Alone", *arguments),
                    HAZARDS="error",
                )
                self.assertEqual(status, 1, error)
                self.assertIn(f"FAILED (failures={len(PLANTED)})", error)
                self.assertIn("sends 'DROP ROLE IF EXISTS planted' at ", error)
                self.assertIn("TESTING['HAZARDS'] is 'error', so the run fails", error)

    def test_nothing(self):
        """A clean suite, silence, or the watch turned off: no word of hazards."""
        clean = ("planted.test_planted.Clean", "planted.test_planted.Alone")
        for arguments, environment in (
            (clean, {}),
            (("planted.test_planted.Planted", "-v", "0"), {}),
            (("planted.test_planted.Planted",), {"HAZARDS": "off"}),
        ):
            with self.subTest(arguments=arguments):
                status, _, error = self.run_tests(*arguments, **environment)
                self.assertEqual(status, 0, error)
                self.assertNotIn("beyond", error)

    def test_serial(self):
        """Tests tagged ``serial`` run alone, whether by class or by method."""
        status, _, error = self.run_tests("company", "--parallel", "3")
        self.assertEqual(status, 0, error)
        self.assertIn("Ran 5 tests", error)
