"""How secrets come and go: made, added, rotated, expired, removed.

Whatever changes which secret is the primary holds the table's lock, so that
rotations at once follow each other. Readers are not held up.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from users.ciphers import decrypt, encrypt
from users.errors import SecretExists
from users.fingerprints import fingerprint
from users.models import JwtSecret
from users.retention import is_expired

__all__ = [
    "SECRET_MIN_BYTES",
    "secret_add",
    "secret_renew",
    "secret_rotate",
    "secrets_expire",
    "secrets_purge",
]

# As long as the hash that HS256 makes (RFC 7518, 3.2).
SECRET_MIN_BYTES = 32
GENERATED_BYTES = 48


@sensitive_variables("secret", "value")
def secret_add(
    *,
    secret: str | None = None,
    is_primary: bool = False,
    expires_in: timedelta | None = None,
) -> JwtSecret:
    """Add a secret, which is made here if none is given.

    A primary takes the place of the present one and does not expire while it
    is the primary; another one validates until its retention ends, or until
    ``expires_in`` is over.

    Raises:
        SecretExists: it is there already.

    """
    value = secret.encode() if secret else _generated()
    with _changing():
        secrets_purge()
        if not is_primary and not JwtSecret.objects.filter(is_primary=True).exists():
            _insert(_generated(), is_primary=True)
        return _insert(value, is_primary=is_primary, expires_in=expires_in)


def secret_rotate(*, secret: str | None = None) -> JwtSecret:
    """Let a new secret sign, made here if none is given; the others still validate.

    Raises:
        SecretExists: it is there already.

    """
    return secret_add(secret=secret, is_primary=True)


def secret_renew(*, unfit: JwtSecret | None) -> bytes:
    """Make a primary where there is none, or none but ``unfit``; return its value.

    Where somebody else was faster, that primary's value.
    """
    with _changing():
        present = JwtSecret.objects.filter(is_primary=True).first()
        if present is not None and present != unfit:
            return decrypt(present.encrypted)
        value = _generated()
        _insert(value, is_primary=True)
        return value


def secrets_expire(*, chosen: QuerySet[JwtSecret]) -> int:
    """Let secrets validate no more, but for the primary; return how many changed."""
    now = timezone.now()
    retired = chosen.filter(is_primary=False)
    return retired.exclude(expires_at__lte=now).update(expires_at=now)


def secrets_purge() -> int:
    """Remove secrets that validate no more, never the primary; return how many."""
    now = timezone.now()
    retired = JwtSecret.objects.filter(is_primary=False)
    gone = [secret.pk for secret in retired if is_expired(secret, now=now)]
    # Asked again, since one of them may have become the primary.
    return JwtSecret.objects.filter(pk__in=gone, is_primary=False).delete()[0]


@contextmanager
def _changing() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE users_jwtsecret IN SHARE ROW EXCLUSIVE MODE")
        yield


def _insert(
    value: bytes, *, is_primary: bool, expires_in: timedelta | None = None
) -> JwtSecret:
    now = timezone.now()
    kid = fingerprint(value)
    if JwtSecret.objects.filter(kid=kid).exists():
        raise SecretExists
    if is_primary:
        JwtSecret.objects.filter(is_primary=True).update(
            is_primary=False, retired_at=now
        )
    return JwtSecret.objects.create(
        kid=kid,
        encrypted=encrypt(value),
        is_primary=is_primary,
        created_at=now,
        retired_at=None if is_primary else now,
        expires_at=None if expires_in is None else now + expires_in,
    )


def _generated() -> bytes:
    return secrets.token_bytes(GENERATED_BYTES)
