"""Ctrl-C while schemas are prepared: the run ends at once, and leaves nothing."""

import contextlib
import io
import signal
import tempfile
import time
from pathlib import Path
from unittest import mock

from django.db import connection

from testing.database import connect
from testing.runner import SchemaRunner
from testing.tests.probe import ProbeCase, extensions, prefix
from testing.tests.project import press_ctrl_c, start_interruptible, write_tree
from testing.tests.tiny_suite import SETTINGS as TINY

SETTINGS = """
from tiny_settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "slow"]
TESTING = {{
    **TESTING,
    "SLOT_PREFIX": "{prefix}",
    "EXTENSIONS_SCHEMA": "{extensions}",
    "CACHE_DIR": "{place}/cache",
}}
"""

# Waits in a migration, for as long as nobody ends it.
MIGRATION = """
import pathlib
import time

from django.db import migrations


def wait(apps, schema_editor):
    begun = pathlib.Path(__file__).with_name("begun")
    deadline = time.monotonic() + 180
    begun.touch()
    while begun.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


class Migration(migrations.Migration):
    operations = [migrations.RunPython(wait)]
"""

TESTS = """
from django.test import TestCase


class A(TestCase):
    def test_a(self):
        self.assertTrue(True)


class B(A):
    pass
"""


class PreparationTests(ProbeCase):
    def setUp(self):
        super().setUp()
        self.place = Path(self.enterContext(tempfile.TemporaryDirectory()))
        given = {"prefix": prefix(), "extensions": extensions(), "place": self.place}
        write_tree(
            self.place,
            {
                "tiny_settings.py": TINY,
                "slow_settings.py": SETTINGS.format(**given),
                "slow/__init__.py": "",
                "slow/tests.py": TESTS,
                "slow/migrations/__init__.py": "",
                "slow/migrations/0001_wait.py": MIGRATION,
            },
        )

    def schemas(self):
        with connect(connection) as session:
            rows = session.execute(
                "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)",
                [f"{prefix()}_w"],
            )
            return [row[0] for row in rows]

    def interrupt(self, *arguments):
        """Interrupt a run in its first migration; returns it and its last words."""
        begun = self.place / "slow" / "migrations" / "begun"
        process = start_interruptible(
            *("test", "slow.tests", *arguments),
            PYTHONPATH=str(self.place),
            DJANGO_SETTINGS_MODULE="slow_settings",
        )
        # Patience with a busy machine, not a promise.
        deadline = time.monotonic() + 120
        while not begun.exists():
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(process.poll())
            time.sleep(0.02)
        self.assertEqual(self.schemas(), [f"{prefix()}_w1"])
        press_ctrl_c(process)
        _, error = process.communicate(timeout=180)
        self.assertIs(begun.exists(), True)
        begun.unlink()
        return process, error

    def test_first(self):
        """The first Ctrl-C ends it, as a shell expects; the schema is dropped."""
        for arguments in ([], ["--parallel", "2"]):
            with self.subTest(arguments=arguments):
                process, error = self.interrupt(*arguments)
                self.assertEqual(process.returncode, -signal.SIGINT, error)
                self.assertIn("while schemas were prepared: no test ran.", error)
                self.assertNotIn("Ran ", error)
                self.assertEqual(self.schemas(), [])

    def test_while_building(self):
        """What the preparation had left for the first worker is swept, too."""
        runner = SchemaRunner(verbosity=0)
        told = self.enterContext(contextlib.redirect_stderr(io.StringIO()))
        with (
            mock.patch("testing.runner.prepare") as prepare,
            mock.patch("testing.runner.enter", side_effect=KeyboardInterrupt),
            mock.patch("testing.runner.sweep") as sweep,
            self.assertRaises(KeyboardInterrupt),
        ):
            runner.setup_databases(aliases={"default"})
        sweep.assert_called_once_with(prepare.return_value)
        self.assertIn("no test ran", told.getvalue())
