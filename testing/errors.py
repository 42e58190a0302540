"""What the engine raises when it cannot go on, and the exit codes of its commands."""

from django.core.management.base import CommandError

__all__ = [
    "EXIT_FAILED",
    "EXIT_INTERRUPTED",
    "EXIT_NOTHING_SELECTED",
    "EXIT_PASSED",
    "EXIT_SETUP",
    "SetupFailure",
    "UsageError",
]

EXIT_PASSED = 0
EXIT_FAILED = 1
EXIT_SETUP = 2
EXIT_NOTHING_SELECTED = 4
EXIT_INTERRUPTED = 130


class SetupFailure(CommandError):
    """The run cannot be set up.

    The message says what happened, why the run cannot go on, and the exact
    next command. A command that raises it ends with status 2.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=EXIT_SETUP)


class UsageError(SetupFailure):
    """The run was asked for something that does not exist or does not fit."""
