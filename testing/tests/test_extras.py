"""What is refused where an extra is not installed, and what is not."""

import subprocess
import sys
import tempfile
import tomllib
from contextlib import redirect_stderr
from importlib.metadata import packages_distributions
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.test import SimpleTestCase

from testing.bdd.options import RunOptions
from testing.errors import UsageError
from testing.extras import EXTRAS, CommandWithExtra, needed
from testing.management.commands.behave import Command
from testing.tests.absent import without

# Imports one module where nothing but Django and psycopg can be found.
IMPORT_ALONE = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Nothing())
from django.conf import settings
settings.configure(INSTALLED_APPS=["testing"])
import django, importlib
django.setup()
for module in {modules!r}:
    importlib.import_module(module)
"""
ABSENT = [name for names in EXTRAS.values() for name in names]


class NeededTests(SimpleTestCase):
    def test_installed(self):
        """Where all is there, nothing is refused."""
        for extra in EXTRAS:
            self.assertIsNone(needed(extra, feature="This"))

    def test_each_package(self):
        """Each package of an extra is missed, by name, with what to install."""
        for extra, names in EXTRAS.items():
            for name in names:
                with self.subTest(name=name), without(name):
                    words = f"This cannot go on: it needs the package {name}, which"
                    with self.assertRaisesMessage(UsageError, words) as caught:
                        needed(extra, feature="This")
                    self.assertEqual(
                        str(caught.exception).partition("Next: ")[2],
                        f"pip install 'django-schema-testing[{extra}]'",
                    )

    def test_same_as_published(self):
        """The extras bring the packages that are looked for here."""
        project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
        published = project["project"]["optional-dependencies"]
        self.assertEqual(set(published), set(EXTRAS))
        distributions = packages_distributions()
        for extra, names in EXTRAS.items():
            for name in names:
                with self.subTest(name=name):
                    (distribution,) = set(distributions[name])
                    self.assertIn(
                        distribution.lower(),
                        [text.partition(">")[0] for text in published[extra]],
                    )


class CommandTests(SimpleTestCase):
    def test_class(self):
        """Canary: Django makes the parser through the method that refuses."""
        self.assertTrue(issubclass(Command, CommandWithExtra))
        for name in ("run_from_argv", "create_parser"):
            self.assertIs(hasattr(BaseCommand, name), True)

    def test_command_line(self):
        """On the command line it is one line and status 2."""
        error = StringIO()
        with without("behave_django"), self.assertRaises(SystemExit) as caught:
            Command(stderr=error).run_from_argv(["manage.py", "behave", "-j", "2"])
        self.assertEqual(caught.exception.code, 2)
        self.assertEqual(error.getvalue().count("\n"), 1)
        self.assertIn("UsageError: manage.py behave cannot go on", error.getvalue())

    def test_misspelt_option(self):
        """An option that there is not is told with the one that is nearest."""
        for written, words in (
            ("--paralel", "Next: write --parallel in place of --paralel, or look at"),
            ("--rerunfailed=x", "Next: write --rerun-failed in place of --rerunfailed"),
            ("--zzzzzz", "Next: look at the options that there are with `manage.py he"),
        ):
            hint, usage = StringIO(), StringIO()
            with (
                self.subTest(written=written),
                redirect_stderr(usage),
                self.assertRaises(SystemExit) as caught,
            ):
                Command(stderr=hint).run_from_argv(["manage.py", "behave", written])
            self.assertEqual(caught.exception.code, 2)
            self.assertEqual(usage.getvalue().count("error: "), 1)
            self.assertIn(words, hint.getvalue())

    def test_no_hint(self):
        """A wrong value of a right option is told by argparse alone."""
        hint = StringIO()
        with redirect_stderr(StringIO()), self.assertRaises(SystemExit):
            Command(stderr=hint).run_from_argv(["manage.py", "behave", "--repeat=x"])
        self.assertEqual(hint.getvalue(), "")

    def test_call_command(self):
        """Called from code it raises."""
        with without("behave"), self.assertRaisesMessage(UsageError, "[bdd]'"):
            call_command("behave", "features")

    def test_messages(self):
        """Cucumber messages are refused before the run; other reports are not."""
        with without("gherkin"):
            RunOptions.read({"report_html": "x.html", "report_junit": "x.xml"})
            with self.assertRaisesMessage(UsageError, "--report-messages cannot go on"):
                RunOptions.read({"report_messages": "x.ndjson"})

    def test_merge(self):
        """A merge needs an extra only for what goes through its packages."""
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder) / "record.jsonl"
            for name, options, words in (
                ("gherkin", {"report_messages": "x"}, "--report-messages cannot go on"),
                ("behave", {"format": ["progress"]}, "Replaying into --format"),
                ("behave", {"junit": True}, "Replaying into --format"),
            ):
                with (
                    self.subTest(options=options),
                    without(name),
                    self.assertRaisesMessage(UsageError, words),
                ):
                    call_command("behave_merge", str(record), **options)


class ImportTests(SimpleTestCase):
    def test_without_extras(self):
        """Unit tests, settings, merges and commands load without any extra."""
        modules = [
            "testing.runner",
            "testing.embedded",
            "testing.backends.embedded.base",
            *(
                f"testing.management.commands.{path.stem}"
                for path in (settings.BASE_DIR / "testing/management/commands").glob(
                    "[a-z]*.py"
                )
            ),
        ]
        self.assertGreater(len(modules), 5)
        result = subprocess.run(
            [
                sys.executable,
                "-W",
                "error",
                "-c",
                IMPORT_ALONE.format(absent=ABSENT, modules=modules),
            ],
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((result.returncode, result.stderr), (0, ""))
