"""The command line with which `dbshell` opens the embedded server."""

import tempfile
from pathlib import Path
from unittest import TestCase, mock

from testing.backends.embedded.client import DatabaseClient

PLACE = {"NAME": "shop", "USER": "postgres", "HOST": "/x", "PORT": "", "OPTIONS": {}}


class CommandLineTests(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(
            mock.patch(
                "testing.backends.embedded.client.programs", return_value=self.folder
            )
        )

    def line(self, *parameters):
        arguments, _ = DatabaseClient.settings_to_cmd_args_env(PLACE, parameters)
        return arguments

    def test_own_database(self):
        """Without a word about it the project's database is opened."""
        self.assertEqual(self.line("-c", "x")[-3:], ["-c", "x", "shop"])

    def test_another_database(self):
        """The database that is named takes its place, and the last one named wins."""
        line = self.line("--dbname=one", "-A", "--dbname=kept")
        self.assertEqual(line[-2:], ["-A", "kept"])
        self.assertNotIn("shop", line)
        self.assertEqual(PLACE["NAME"], "shop")

    def test_program(self):
        """The psql of the server's package is used where it is there."""
        self.assertEqual(self.line()[0], "psql")
        (self.folder / "psql").touch()
        self.assertEqual(self.line()[0], str(self.folder / "psql"))
