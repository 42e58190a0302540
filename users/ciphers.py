"""How secrets are kept in the database: encrypted, with a key from SECRET_KEY.

`cryptography` is imported where it is used, since most commands need none of it.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.encoding import force_bytes

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

__all__ = ["Unreadable", "decrypt", "encrypt"]

SALT = b"dancecoach"
PURPOSE = b"users.ciphers.Fernet"


class Unreadable(Exception):
    """No key of the settings opens a secret: SECRET_KEY was changed or lost."""


def encrypt(value: bytes) -> str:
    """Return ``value`` encrypted, as text; never twice the same."""
    return _fernet().encrypt(value).decode("ascii")


def decrypt(text: str) -> bytes:
    """Return what SECRET_KEY or one of SECRET_KEY_FALLBACKS has encrypted.

    Raises:
        Unreadable: it was another key.

    """
    from cryptography.fernet import InvalidToken

    try:
        return _fernet().decrypt(text)
    except InvalidToken as error:
        raise Unreadable(
            "A JWT secret was encrypted with a SECRET_KEY that is not known any "
            "more. Next: add the former key to DJANGO_SECRET_KEY_FALLBACKS."
        ) from error


def _fernet() -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet

    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str | bytes) -> bytes:
    """Derive by HKDF-SHA256 (RFC 5869), of which one block is enough.

    What opens the database's secrets must open nothing else that SECRET_KEY signs.
    """
    pseudorandom = hmac.digest(SALT, force_bytes(key), "sha256")
    block = hmac.digest(pseudorandom, PURPOSE + b"\x01", "sha256")
    return base64.urlsafe_b64encode(block)
