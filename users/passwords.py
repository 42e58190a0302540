"""How passwords change: by their owner, or with an administrator's leave.

Every change ends the tokens that were issued before, see `users.tokens`.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from dancecoach.attempts import AttemptLimit
from users.errors import ResetNotAllowed, UserNotFound
from users.lockout import password_guarded
from users.models import User

__all__ = [
    "RESET_ALLOWED_FOR",
    "password_change",
    "password_reset_allow",
    "password_reset_complete",
    "resets_purge",
    "users_allow_password_reset",
]

RESET_ALLOWED_FOR = timedelta(hours=1)
# Of one account and client address: nobody can watch an account for its flag,
# and nobody can use up the tries of its owner.
RESETS = AttemptLimit(purpose="password-reset", most=3, window=timedelta(hours=1))


@sensitive_variables("old_password", "new_password")
def password_change(
    *, user: User, old_password: str, new_password: str, address: str
) -> None:
    """Give a user a new password.

    Raises:
        ValidationError: the old one is wrong or the new one too weak, by field.
        RateLimited: there were too many wrong ones.

    """
    with password_guarded(username=user.username, address=address):
        if not user.check_password(old_password):
            raise ValidationError(
                {"old_password": ["This is not your password. Check it."]}
            )
    _validate(new_password, user=user)
    _set_password(user, new_password)


def password_reset_allow(*, username: str, by: User) -> User:
    """Flag a user, who may then set a password without the old one for an hour.

    Raises:
        UserNotFound: there is no such user, or the user left.
        PermissionDenied: the user may do more than who allows it, who could
            take the account over.

    """
    user = User.objects.named(username).filter(deleted_at=None).first()
    if user is None:
        raise UserNotFound
    if user.is_superuser and not by.is_superuser:
        raise PermissionDenied
    users_allow_password_reset(users=User.objects.filter(pk=user.pk))
    user.refresh_from_db()
    return user


def users_allow_password_reset(*, users: QuerySet[User]) -> int:
    """Flag users for an hour, all but deleted ones; return how many."""
    now = timezone.now()
    return users.filter(deleted_at=None).update(
        allow_password_reset=True,
        password_reset_until=now + RESET_ALLOWED_FOR,
        updated_at=now,
    )


@sensitive_variables("new_password")
def password_reset_complete(*, username: str, new_password: str, address: str) -> None:
    """Set the password of a user who is flagged; the flag is then gone.

    Raises:
        ResetNotAllowed: there is no such user, or no flag, or not any more.
        RateLimited: three tries were made within the hour.
        ValidationError: the password is too weak.

    """
    # What is wrong with any user's password tells nothing about this one, and
    # takes no try away.
    _validate(new_password, user=None)
    RESETS.note(username.lower(), address)
    with transaction.atomic():
        user = User.objects.named(username).select_for_update().first()
        if user is None or not user.may_reset_password(now=timezone.now()):
            raise ResetNotAllowed
        _validate(new_password, user=user)
        _set_password(user, new_password)


def resets_purge() -> int:
    """Take flags away whose hour is over; return how many."""
    over = User.objects.filter(password_reset_until__lte=timezone.now())
    return over.update(allow_password_reset=False, password_reset_until=None)


def _validate(password: str, *, user: User | None) -> None:
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise ValidationError({"new_password": error.messages}) from error


def _set_password(user: User, password: str) -> None:
    user.set_password(password)
    user.allow_password_reset = False
    user.password_reset_until = None
    user.save(
        update_fields=[
            "password",
            "allow_password_reset",
            "password_reset_until",
            "updated_at",
        ]
    )
