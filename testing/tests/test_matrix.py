"""The matrix of versions: its cells, what it leaves out, what it installs."""

import importlib
import subprocess
import sys
from argparse import Namespace
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.test import SimpleTestCase

SCRIPT = settings.BASE_DIR / ".ci" / "matrix"


def load():
    """Import the script, which has no suffix."""
    loader = SourceFileLoader("matrix_of_versions", str(SCRIPT))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    with (
        mock.patch.object(sys, "dont_write_bytecode", True),
        mock.patch.dict(sys.modules, {loader.name: module}),
    ):
        loader.exec_module(module)
    return module


class MatrixTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matrix = load()

    def chosen(self, *versions, quick=False):
        options = Namespace(versions=versions, quick=quick)
        return [
            (cell.python, cell.django, cell.postgresql)
            for cell in self.matrix.chosen_cells(options)
        ]

    def test_all_cells(self):
        """Each Python meets each Django on each server."""
        self.assertEqual(len(set(self.chosen())), 12)

    def test_some_cells(self):
        """Versions that are named narrow the axis that they are of."""
        self.assertEqual(self.chosen("3.13", "6", "15"), [("3.13", "6", "15")])
        self.assertEqual(len(self.chosen("3.13")), 4)
        self.assertEqual(len(self.chosen("15", "18")), 12)

    def test_quick(self):
        """Any two versions that go together meet in few cells, or in `make test`."""
        cells = [*self.chosen(quick=True), ("3.11", "5.2", "18")]
        self.assertEqual(len(set(cells)), 6)
        every = [cell for cell in self.chosen() if cell[:2] != ("3.11", "6")]

        def pairs(cells):
            return {
                (one, cell[one], other, cell[other])
                for cell in cells
                for one, other in ((0, 1), (0, 2), (1, 2))
            }

        self.assertEqual(pairs(cells), pairs(every))

    def test_left_out(self):
        """What cannot run says why."""
        reason = self.matrix.reason_to_leave_out
        cell = self.matrix.Cell
        self.assertEqual(
            reason(cell("3.11", "6", "18"), "python3.11"), "Django 6 needs Python 3.12"
        )
        self.assertIn("there is no python3.12", reason(cell("3.12", "6", "18"), ""))
        with mock.patch.object(self.matrix, "DEBIAN", Path("/nonexistent")):
            self.assertEqual(
                reason(cell("3.12", "6", "15"), "python3.12"),
                "next: apt-get install postgresql-15",
            )
            self.assertEqual(reason(cell("3.12", "6", "18"), "python3.12"), "")

    def test_interpreters(self):
        """The interpreter that runs is found; one that nobody has is not."""
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        self.assertEqual(self.matrix.find_python(version), sys.executable)
        self.assertEqual(self.matrix.find_python("2.99"), "")

    def test_requirements(self):
        """The long-term Django is the locked set; another one goes without hashes."""
        locked = (settings.BASE_DIR / "requirements" / "dev.txt").read_text()
        self.assertEqual(self.matrix.requirements_of("5.2"), locked)
        lines = self.matrix.requirements_of("6").splitlines()
        self.assertEqual(lines[0], "django>=6,<7")
        pinned = [text for text in locked.splitlines() if text[:1].isalnum()]
        self.assertEqual(len(lines), len(pinned))
        self.assertNotIn("--hash", "".join(lines))
        self.assertEqual([text for text in lines if text.startswith("django==")], [])

    def test_quick_tests(self):
        """The tests of the quick matrix exist."""
        for label in self.matrix.QUICK_UNIT_TESTS:
            with self.subTest(label=label):
                self.assertIsNotNone(importlib.import_module(label))

    def test_unknown_version(self):
        """A version that is none of the matrix's is refused."""
        result = subprocess.run(
            [sys.executable, str(SCRIPT), "3.9"],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(result.returncode, 2)
        self.assertIn("3.9 is no version of the matrix", result.stderr)
        self.assertIn("Next: name some of 3.11, ", result.stderr)
