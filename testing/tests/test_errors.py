"""The engine's errors and exit codes."""

from django.core.management.base import CommandError
from django.test import SimpleTestCase

from testing import errors


class ExitCodeTests(SimpleTestCase):
    def test_codes(self):
        """Exit codes are part of the interface and do not change."""
        codes = {
            name: value for name, value in vars(errors).items() if name[:5] == "EXIT_"
        }
        self.assertEqual(
            codes,
            {
                "EXIT_PASSED": 0,
                "EXIT_FAILED": 1,
                "EXIT_SETUP": 2,
                "EXIT_NOTHING_SELECTED": 4,
                "EXIT_INTERRUPTED": 130,
            },
        )

    def test_failures_end_commands_with_status_2(self):
        """A run that cannot be set up is a command error of status 2."""
        for kind in (errors.SetupFailure, errors.UsageError):
            with self.subTest(kind=kind.__name__):
                failure = kind("message")
                self.assertIsInstance(failure, CommandError)
                self.assertEqual(failure.returncode, errors.EXIT_SETUP)
                self.assertEqual(str(failure), "message")
