"""The documents say what the code does: settings, options, environment."""

import re
from dataclasses import fields

from django.conf import settings
from django.core.management.base import CommandParser
from django.test import SimpleTestCase

from testing.bdd.options import add_run_options
from testing.conf import EngineSettings
from testing.management.commands.behave import Command
from testing.tests.documents import ADOPTING, PARTS, settings_table, with_parts

README = settings.BASE_DIR / "README.md"


class SettingsTableTests(SimpleTestCase):
    def test_current(self):
        """The table is as the settings are described; `make docs` writes it."""
        text = ADOPTING.read_text()
        self.assertEqual(with_parts(text), text, "Next: make docs")

    def test_complete(self):
        """Each key has a row with its default and a sentence."""
        rows = settings_table().splitlines()[2:]
        self.assertEqual(len(rows), len(fields(EngineSettings)))
        for row, option in zip(rows, fields(EngineSettings), strict=True):
            key, default, text = row.strip("| ").split(" | ", 2)
            self.assertEqual(key, f"`{option.name.upper()}`")
            self.assertRegex(default, r"^`.+`$")
            self.assertGreater(len(text), 20)
        self.assertIn("| `SLOT_PREFIX` | `'test'` | ", settings_table())
        self.assertIn("| `RESET` | `[]` | ", settings_table())

    def test_markers(self):
        """A document without the place for a part is refused by name."""
        for name in PARTS:
            with self.assertRaisesMessage(ValueError, f"<!-- {name} end -->"):
                with_parts("# Nothing\n")


class OptionsTests(SimpleTestCase):
    """The tables of options in the README are written by hand, and complete."""

    def setUp(self):
        super().setUp()
        rows = [
            line.split(" | ")[0]
            for line in README.read_text().splitlines()
            if line.startswith("| `-")
        ]
        self.named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(rows)))

    def options(self, add):
        parser = CommandParser(prog="manage.py", called_from_command_line=False)
        before = set(parser._option_string_actions)
        add(parser)
        return set(parser._option_string_actions) - before

    def test_all_are_there(self):
        """Each option of a parallel run is in a table."""
        own = {name for name in self.options(add_run_options) if name.startswith("--")}
        self.assertGreater(len(own), 15)
        self.assertEqual(own - self.named, set())

    def test_no_others_are_there(self):
        """Each option in a table is one of the command's."""
        parser = Command().create_parser("manage.py", "behave")
        self.assertEqual(self.named - set(parser._option_string_actions), set())
