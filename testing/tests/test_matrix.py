"""The matrix of versions: its cells, what it leaves out, what it installs."""

import importlib
import re
import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.test import SimpleTestCase

SCRIPT = settings.BASE_DIR / ".ci" / "matrix"
INSTALLER = settings.BASE_DIR / ".ci" / "install-postgresql"


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
                "there is no /nonexistent/15. Next: .ci/install-postgresql 15",
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

    def test_counts_of_unit_tests(self):
        """What did not pass is counted by its kind; no summary is no result."""
        ran = self.matrix.unit_tests_ran
        text = "Ran 3 tests in 0.1s\n\nOK\n\n...\nRan 12 tests in 4.5s\n\n"
        self.assertEqual(ran(text + "OK\n"), "12 ran")
        self.assertEqual(
            ran(text + "FAILED (failures=2, unexpected successes=1)\n"),
            "12 ran, 2 failures, 1 unexpected successes",
        )
        self.assertEqual(ran("Ran 0 tests in 0.0s\n\nNO TESTS RAN\n"), "")

    def test_counts_of_scenarios(self):
        """Ways to end are counted where there were any."""
        ran = self.matrix.scenarios_ran
        text = "2 features passed, 0 failed, 0 skipped\n"
        summary = "9 scenarios passed, 0 failed, 2 hook_error, 1 skipped\n"
        self.assertEqual(ran(text + summary), "9 passed, 2 hook_error, 1 skipped")
        self.assertEqual(ran("1 scenario passed, 0 failed, 0 skipped\n"), "1 passed")
        self.assertEqual(ran(text), "")

    def ended(self, *arguments, behaviour):
        """Return the exit code of a run whose cells do what is told, and its words."""
        said = []
        with (
            tempfile.TemporaryDirectory() as root,
            mock.patch.object(self.matrix, "ROOT", Path(root)),
            mock.patch.object(self.matrix, "KEPT", Path(root) / ".matrix"),
            mock.patch.object(self.matrix, "say", said.append),
            mock.patch.object(self.matrix, "find_python", lambda version: version),
            mock.patch.object(self.matrix, "run_cell", behaviour),
            mock.patch.object(self.matrix.signal, "signal"),
            mock.patch.object(sys, "argv", ["matrix", *arguments]),
        ):
            return self.matrix.main(), "\n".join(said)

    def test_exit_code(self):
        """It is 0 when no cell failed, and 1 when one did, whose log is named."""

        def passing(cell, *_, **__):
            cell.seconds = 1
            cell.results = {"unit tests": "3 ran", "scenarios": "4 passed"}

        def failing(cell, *_, **__):
            passing(cell)
            cell.failures = ["unit tests: .matrix/logs/some.log"]

        code, said = self.ended("3.11", "18", behaviour=passing)
        self.assertEqual(code, 0)
        self.assertIn("| 3.11 | 5.2 | 18 | 3 ran | 4 passed | 1 | passed |", said)
        self.assertIn("left out: Django 6 needs Python 3.12 |", said)
        code, said = self.ended("3.12", "18", behaviour=failing)
        self.assertEqual(code, 1)
        self.assertIn("FAILED: unit tests: .matrix/logs/some.log |", said)

    def test_nothing_ran(self):
        """Cells that are all left out, and a choice without a cell, are no success."""
        code, said = self.ended("3.11", "6", "18", behaviour=self.fail)
        self.assertEqual(code, 1)
        self.assertIn("Nothing ran: every cell was left out.", said)
        code, said = self.ended("--quick", "3.11", "6", behaviour=self.fail)
        self.assertEqual(code, 2)
        self.assertIn("no quick cell has 3.11, 6, so nothing ran", said)
        self.assertIn("Next: .ci/matrix 3.11 6", said)

    def test_interrupted(self):
        """What ended before an interrupt is still told, and what did not."""

        def interrupted(cell, *_, **__):
            if cell.django == "6":
                raise KeyboardInterrupt
            cell.seconds = 1

        code, said = self.ended("3.12", "18", behaviour=interrupted)
        self.assertEqual(code, 130)
        self.assertIn("| 3.12 | 5.2 | 18 |  |  | 1 | passed |", said)
        self.assertIn("| 3.12 | 6 | 18 |  |  | 0 | not run to its end |", said)

    def test_no_server(self):
        """A server that does not start is a failure of the cells that need it."""
        message = "initdb ended with 1: there is no space"
        server = mock.Mock(side_effect=self.matrix.NoServerError(message))
        with mock.patch.object(self.matrix, "server", server):
            code, said = self.ended("3.12", "6", "18", behaviour=self.fail)
        self.assertEqual(code, 1)
        self.assertIn(f"FAILED: {message} |", said)

    def test_one_at_a_time(self):
        """Two would write the same files: the second one is refused."""
        codes = []

        def start_another(cell, *_, **__):
            with mock.patch.object(self.matrix, "run_cells", self.fail):
                codes.append(self.matrix.main())
            cell.seconds = 1

        code, said = self.ended("3.12", "6", "18", behaviour=start_another)
        self.assertEqual((code, codes), (0, [1]))
        self.assertIn("another one is running here", said)

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


class InstallerTests(SimpleTestCase):
    """The script that installs the server of the cells that want another one."""

    # So far from any release that it is installed nowhere.
    VERSION = "999"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.programs = Path(folder.name)
        self.calls = self.programs / "calls"
        self.calls.touch()
        bash = shutil.which("bash")
        (self.programs / "bash").symlink_to(bash)
        self.bash = bash

    def stand_in(self, name, text):
        """Put a program in the way that alone is found under its name."""
        program = self.programs / name
        program.write_text(f"#!{self.bash}\n{text}\n")
        program.chmod(0o755)

    def install(self, *arguments):
        """Run the script where nothing but the stand-ins can be called."""
        return subprocess.run(
            [self.bash, str(INSTALLER), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": str(self.programs)},
        )

    def apt(self, *, offers):
        """Stand in for apt and sudo, which note what they are called with."""
        self.stand_in("id", "echo 1000")
        self.stand_in("sudo", f'echo "$@" >> {self.calls}')
        self.stand_in("apt-get", "exit 1")
        self.stand_in("apt-cache", f'echo "{offers}"')

    def called(self):
        """Return what was done as root, a line for each call, without its options."""
        said = self.calls.read_text()
        return re.sub(r" *(--[\w-]+|-y|-qq|DEBIAN_FRONTEND=\w+|\benv\b)", "", said)

    def test_own_package(self):
        """A version that the release has comes from its own packages."""
        self.apt(offers=f"Package: postgresql-{self.VERSION}")
        result = self.install(self.VERSION)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(
            self.called().splitlines(),
            [" apt-get update", f" apt-get install postgresql-{self.VERSION}"],
        )

    def test_package_of_postgresql(self):
        """A version that it has not comes from PostgreSQL's, whose address is added."""
        self.apt(offers="")
        result = self.install(self.VERSION)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(
            self.called().splitlines(),
            [
                " apt-get update",
                " apt-get install postgresql-common ca-certificates",
                " /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh",
                f" apt-get install postgresql-{self.VERSION}",
            ],
        )

    def test_failure(self):
        """It ends as what it called has ended, and goes no further."""
        self.apt(offers="")
        self.stand_in("sudo", f'echo "$@" >> {self.calls}; exit 100')
        self.assertEqual(self.install(self.VERSION).returncode, 100)
        self.assertEqual(self.called(), " apt-get update\n")

    def test_no_apt(self):
        """A machine without apt is told that it can do without."""
        result = self.install(self.VERSION)
        self.assertEqual(result.returncode, 2)
        self.assertIn("there is no apt-get", result.stderr)
        self.assertIn("Next: leave it out by make matrix ARGS=18", result.stderr)

    def test_no_version(self):
        """What is no version is refused before anything is called."""
        for arguments in ([], ["15; id"]):
            with self.subTest(arguments=arguments):
                result = self.install(*arguments)
                self.assertEqual(result.returncode, 2)
                self.assertIn("Next: .ci/install-postgresql 15", result.stderr)

    def test_versions(self):
        """The recipe installs what the matrix wants and the embedded server is not."""
        matrix = load()
        recipes = (settings.BASE_DIR / "Makefile").read_text()
        self.assertEqual(
            re.findall(r"install-postgresql (\d+)", recipes),
            [each for each in matrix.POSTGRESQLS if each != matrix.EMBEDDED],
        )
