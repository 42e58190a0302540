"""What is done to accounts, by the API and by the admin panel."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from users.errors import InvalidCredentials, UserExists
from users.lockout import password_guarded
from users.models import User
from users.tokens import IssuedToken, token_issue

__all__ = [
    "user_login",
    "user_register",
    "user_signed_in",
    "user_soft_delete",
    "user_update_profile",
    "users_deactivate",
    "users_restore",
]


@sensitive_variables("password")
def user_register(
    *, username: str, password: str, description: str = "", current_goal: str = ""
) -> User:
    """Create an account that may sign in.

    Raises:
        ValidationError: a field breaks its rules; the message is by field.
        UserExists: the name is taken, in whatever case.

    """
    user = User(username=username, description=description, current_goal=current_goal)
    user.clean_fields(exclude={"password"})
    # Before the password is looked at, which takes a while.
    if User.objects.named(username).exists():
        raise UserExists
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        # Somebody was faster. Every other rule is checked by now.
        raise UserExists from error
    return user


@sensitive_variables("password")
def user_login(
    *, username: str, password: str, address: str
) -> tuple[User, IssuedToken]:
    """Check name and password; return the user and a new token.

    Every failure takes the same time, see `users.backends.AccountBackend`.

    Raises:
        InvalidCredentials: they let nobody in.
        RateLimited: they did not, too often, for this name from this address.

    """
    with password_guarded(username=username, address=address):
        user = authenticate(username=username, password=password)
        if not isinstance(user, User):
            raise InvalidCredentials
    user_signed_in(user=user)
    return user, token_issue(user=user)


def user_signed_in(*, user: User) -> None:
    """Remember when a user signed in, which is no change of the profile."""
    user.last_login = timezone.now()
    User.objects.filter(pk=user.pk).update(last_login=user.last_login)


def user_update_profile(
    *, user: User, description: str | None = None, current_goal: str | None = None
) -> User:
    """Change what a user says about themselves; None leaves a field as it is."""
    given = {"description": description, "current_goal": current_goal}
    changed = {name: text for name, text in given.items() if text is not None}
    if changed:
        for name, text in changed.items():
            setattr(user, name, text)
        user.save(update_fields=[*changed, "updated_at"])
    return user


def user_soft_delete(*, user: User) -> None:
    """Close an account for good: no sign-in, no valid token, the name stays taken.

    Done twice, the first time stands.
    """
    now = timezone.now()
    User.objects.filter(pk=user.pk, deleted_at=None).update(
        deleted_at=now,
        updated_at=now,
        allow_password_reset=False,
        password_reset_until=None,
    )
    user.refresh_from_db()


def users_deactivate(*, users: QuerySet[User]) -> int:
    """Switch accounts off until they are restored; return how many changed."""
    return users.filter(is_active=True).update(
        is_active=False, updated_at=timezone.now()
    )


def users_restore(*, users: QuerySet[User]) -> int:
    """Let deleted and deactivated users sign in again; return how many changed."""
    closed = users.filter(is_active=False) | users.exclude(deleted_at=None)
    return closed.update(is_active=True, deleted_at=None, updated_at=timezone.now())
