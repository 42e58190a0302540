"""The command `behave`: what it understands, refuses and answers."""

import io
import tempfile
from pathlib import Path

from behave.configuration import OPTIONS
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.test import SimpleTestCase

from testing.errors import SetupFailure
from testing.management.commands.behave import Command
from testing.tests.project import run, write_tree

WELL = "Feature: Well\n  @wip\n  Scenario: Well\n    Given all is well\n"
STEPS = "from behave import given\n@given('all is well')\ndef well(context): pass\n"


class ParallelTests(SimpleTestCase):
    def parse(self, *arguments):
        parser = CommandParser(called_from_command_line=False)
        Command().add_arguments(parser)
        return parser.parse_args(arguments).parallel

    def test_values(self):
        """A number from 1, or `auto`, by each of the option's names."""
        self.assertEqual(self.parse(), "auto")
        self.assertEqual(self.parse("--parallel"), "auto")
        self.assertEqual(self.parse("--parallel", "auto"), "auto")
        for option in ("--parallel", "--jobs", "-j"):
            self.assertEqual(self.parse(option, "16"), 16)

    def test_no_numbers(self):
        """Anything else is refused, with a word about paths."""
        for text in ("0", "-1", "x", "1.5", "features/auth", "²"):
            with (
                self.subTest(text=text),
                self.assertRaisesMessage(CommandError, "a path goes"),
            ):
                self.parse(f"--parallel={text}")


class CommandTests(SimpleTestCase):
    databases = {"default"}

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)
        files = {"steps/s.py": STEPS, "environment.py": "", "a.feature": WELL}
        write_tree(self.place, files)

    def refused(self, *arguments, status=2, **variables):
        code, out, error = run("behave", *arguments, **variables)
        self.assertEqual(code, status, error)
        self.assertNotIn("Traceback", error)
        return out + error

    def test_command_is_ours(self):
        """The engine's command takes the place of behave-django's."""
        self.assertEqual(get_commands()["behave"], "testing")

    def test_options_of_a_run_where_nothing_runs(self):
        """What only informs takes no options that are about a run."""
        error = self.refused("--lang-list", "--retries", "1")
        self.assertIn("--retries is about a run, and what was asked for", error)
        self.assertIn("Next: leave it out.", error)

    def test_values_of_parallel(self):
        """A wrong number of workers is a mistake on the command line."""
        for value in ("0", "features/auth"):
            with self.subTest(value=value):
                error = self.refused("--parallel", value)
                self.assertIn("is no number of workers", error)

    def test_unknown_path(self):
        """A path that does not exist is refused before anything is set up."""
        error = self.refused(self.place / "missing.feature")
        self.assertIn("There is no feature at", error)
        self.assertIn(" Next: ", error)

    def test_options_that_behave_cannot_read(self):
        """A wrong expression, pattern or language is a mistake on the command line."""
        for option, words in (
            ("--tags=(a", "(TagExpressionError: Unclosed '('"),
            ("--name=[", "unterminated character set"),
            ("--lang=xx", "--lang is 'xx', and features cannot be written in that."),
        ):
            with self.subTest(option=option):
                error = self.refused(option, self.place)
                self.assertIn(words, error)
                self.assertIn(" Next: c", error)
                self.assertNotIn("Traceback", error)

    def test_feature_variable(self):
        """FEATURE names a package that exists, and excludes paths."""
        for name in ("no_such", "../etc", "", "steps", "a b; rm"):
            if name:
                with self.subTest(name=name):
                    error = self.refused(FEATURE=name)
                    self.assertIn(f"FEATURE is {name!r}", error)
        error = self.refused(self.place, FEATURE="auth")
        self.assertIn("unset FEATURE", error)

    def test_isolation_word(self):
        """A word that means nothing is refused, not taken for one of the two."""
        error = self.refused(self.place, BDD_SCHEMA_ISOLATION="no")
        self.assertIn("BDD_SCHEMA_ISOLATION is 'no'", error)

    def test_nothing_selected(self):
        """A run without a scenario is no success: status 4."""
        error = self.refused("--tags", "no_such_tag", self.place, status=4)
        self.assertIn("No scenario is selected", error)

    def test_feature_that_cannot_be_read(self):
        """A syntax error in a feature ends the run with its place."""
        broken = "Feature: X\n  Scenario: Y\n    And z\n"
        write_tree(self.place, {"b.feature": broken})
        error = self.refused(self.place)
        self.assertIn("b.feature", error)
        self.assertIn(" Next: ", error)

    def test_dry_run_and_information(self):
        """Options that only inform are left to behave, and need no database."""
        for options, words in (
            (["--dry-run", "--no-color", self.place], "0 steps passed"),
            (["--format", "help"], "progress3"),
            (["--behave-version"], "behave 1."),
            (["--tags-help"], "tag"),
            (["--lang-list"], "Deutsch"),
        ):
            with self.subTest(options=options):
                url = "postgres://nobody@127.0.0.1:1/x"
                status, out, error = run("behave", *options, DATABASE_URL=url)
                self.assertEqual(status, 0, error)
                self.assertIn(words, out)

    def test_runner_of_behave(self):
        """A runner of behave's own would run no scenario of ours: it is refused."""
        message = "--behave-runner names a runner"
        with self.assertRaisesMessage(SetupFailure, message):
            call_command("behave", behave_runner="x:Y")

    def test_reverse(self):
        """--reverse turns the order of features round."""
        write_tree(self.place, {"b.feature": WELL.replace("Well", "Best")})
        options = ("-f", "plain", "--no-color", self.place)
        for reverse, order in (((), "Well Best"), (("--reverse",), "Best Well")):
            status, out, error = run("behave", *reverse, *options)
            self.assertEqual(status, 0, error)
            names = [line[9:] for line in out.splitlines() if line[:8] == "Feature:"]
            self.assertEqual(" ".join(names), order)

    def test_stop(self):
        """--stop and --failfast hand out no feature after a failure."""
        broken = WELL.replace("all is well", "all is lost")
        names = [f"{letter}.feature" for letter in "abcdefgh"]
        write_tree(self.place, dict.fromkeys(names, broken))
        for option in ("--stop", "--failfast"):
            with self.subTest(option=option):
                status, out, _ = run(
                    "behave", option, "-f", "plain", "--parallel", "1", self.place
                )
                self.assertEqual(status, 1)
                self.assertEqual(out.count("all is lost ... undefined"), 1, out)


class CallCommandTests(SimpleTestCase):
    def test_arguments_are_honoured(self):
        """call_command is given options and a stream, and both count."""
        with tempfile.TemporaryDirectory() as folder:
            files = {"steps/s.py": STEPS, "environment.py": "", "a.feature": WELL}
            write_tree(folder, files)
            out = io.StringIO()
            call_command("behave", folder, dry_run=True, format=["tags"], stdout=out)
        self.assertIn("@wip", out.getvalue())

    def test_wrong_option(self):
        """An option that does not exist is refused by call_command, too."""
        with self.assertRaises((TypeError, CommandError)):
            call_command("behave", no_such_option=1)


class CanaryTests(SimpleTestCase):
    def test_stream_behind_a_wrapper(self):
        """Canary: Django keeps the stream itself in the attribute `_out`."""
        stream = io.StringIO()
        self.assertIs(OutputWrapper(stream)._out, stream)

    def test_every_option_is_offered(self):
        """All of behave's options are there, by their name or with a prefix."""
        parser = CommandParser()
        Command().add_arguments(parser)
        offered = parser._option_string_actions
        for strings, _ in OPTIONS:
            for string in strings:
                with self.subTest(string=string):
                    renamed = f"--behave-{string.lstrip('-')}"
                    self.assertTrue({string, renamed} & set(offered))
