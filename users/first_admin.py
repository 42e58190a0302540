"""The administrator who is there from the start, where the environment names one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction

__all__ = ["FIRST_ADMIN", "first_admin_ensure"]

FIRST_ADMIN = "admin"


def first_admin_ensure(*, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Make the superuser "admin" where a password is set and there is no superuser.

    Called after each migrating; done twice, it changes nothing.

    Raises:
        CommandError: the password is too weak, or the name is somebody's.

    """
    from users.models import User

    password = settings.ADMIN_PASSWORD
    superusers = User.objects.using(using).filter(is_superuser=True)
    if not password or superusers.exists():
        return
    try:
        validate_password(password, user=User(username=FIRST_ADMIN))
        with transaction.atomic(using=using):
            User.objects.db_manager(using).create_superuser(FIRST_ADMIN, password)
    except ValidationError as error:
        raise CommandError(
            f"DANCECOACH_ADMIN_PASSWORD is too weak: {' '.join(error.messages)} "
            "Next: set a better one and run `python manage.py migrate` again."
        ) from error
    except IntegrityError as error:
        raise CommandError(
            f"The user {FIRST_ADMIN} exists and is no superuser, so no administrator "
            "was made. Next: run `python manage.py createsuperuser`, with another name."
        ) from error
