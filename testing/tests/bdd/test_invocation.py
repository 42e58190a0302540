"""The command that people paste names the interpreter and script they called."""

import tempfile
from contextlib import chdir
from pathlib import Path
from unittest import TestCase, mock

from testing.bdd.invocation import manage_command


class ManageCommandTests(TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = Path(place.name).resolve()
        self.enterContext(chdir(self.root))

    def call(self, executable, *arguments, script="manage.py", python=None):
        with (
            mock.patch("sys.executable", str(executable)),
            mock.patch("sys.argv", [script, "behave"]),
            mock.patch("shutil.which", return_value=python and str(python)),
        ):
            return manage_command(*arguments)

    def test_environment_that_is_not_active(self):
        """An interpreter below the current folder is written as it is found there."""
        self.assertEqual(
            self.call(self.root / ".venv/bin/python", "features/a.feature:3"),
            ".venv/bin/python manage.py behave features/a.feature:3",
        )

    def test_active_environment(self):
        """What `python` means is called so."""
        python = self.root / ".venv/bin/python"
        self.assertEqual(self.call(python, python=python), "python manage.py behave")

    def test_elsewhere(self):
        """Another interpreter, and a script in another folder, are named in full."""
        self.assertEqual(
            self.call("/opt/py/python3", script="../manage.py", python="/usr/python"),
            "/opt/py/python3 ../manage.py behave",
        )

    def test_link(self):
        """A link stays: what it points to lacks the environment's packages."""
        link = self.root / "python"
        link.symlink_to("/usr/bin/env")
        self.assertEqual(self.call(link), "python manage.py behave")

    def test_other_script(self):
        """Started in another way, manage.py is what there is to call."""
        self.assertEqual(
            self.call("/opt/python", script="-c"), "/opt/python manage.py behave"
        )

    def test_quotes(self):
        """What a shell would split is quoted."""
        self.assertEqual(
            self.call("/opt/python", "features/my shop.feature:1"),
            "/opt/python manage.py behave 'features/my shop.feature:1'",
        )
