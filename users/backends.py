"""Who may sign in, for the API and the admin panel alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.backends import ModelBackend

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from users.models import User

__all__ = ["AccountBackend"]


class AccountBackend(ModelBackend):
    """Django's own backend, closed to deleted users too.

    It hashes a password for an unknown name and checks the password of an
    inactive or deleted user before it refuses them, so that the time an answer
    takes tells nothing about the account.
    """

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Tell whether the account is neither switched off nor deleted."""
        return bool(getattr(user, "can_sign_in", False))
