"""Who guesses passwords is locked out for a while, in the API and the panel alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.exceptions import ValidationError

from dancecoach.attempts import AttemptLimit
from users.errors import InvalidCredentials

__all__ = ["FAILED_SIGN_INS", "password_guarded"]

FAILED_SIGN_INS = AttemptLimit(purpose="sign-in", most=10, window=timedelta(minutes=15))


@contextmanager
def password_guarded(*, username: str, address: str) -> Iterator[None]:
    """Check a password within the block, unless there were too many wrong ones.

    Failures count by account, which need not exist, and client address. The
    block fails by raising InvalidCredentials or Django's ValidationError; when
    it passes, earlier failures are forgotten.

    Raises:
        RateLimited: there were too many.

    """
    caller = (username.lower(), address)
    FAILED_SIGN_INS.check(*caller)
    try:
        yield
    except (InvalidCredentials, ValidationError):
        FAILED_SIGN_INS.note(*caller)
        raise
    # Those that were under way when the last allowed guess failed come too late.
    if FAILED_SIGN_INS.check(*caller):
        FAILED_SIGN_INS.forget(*caller)
