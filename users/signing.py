"""The secrets that sign tokens.

One is derived from each secret key of the settings: the first signs, all of
them validate, so that SECRET_KEY_FALLBACKS lets tokens outlive a change.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.encoding import force_bytes

__all__ = ["SigningSecret", "primary_secret", "secret_of_kid"]

SALT = b"dancecoach"
PURPOSE = b"users.tokens.HS256"
FINGERPRINT_BYTES = 8


@dataclass(frozen=True)
class SigningSecret:
    """32 bytes or more, known to the outside by their fingerprint."""

    value: bytes = field(repr=False)

    @property
    def kid(self) -> str:
        """The fingerprint: the first 8 bytes of the SHA-256, in hex."""
        return hashlib.sha256(self.value).digest()[:FINGERPRINT_BYTES].hex()


def primary_secret() -> SigningSecret:
    """Return the secret that signs new tokens."""
    return _derived(settings.SECRET_KEY)


def secret_of_kid(kid: str) -> SigningSecret | None:
    """Return the secret that may have signed a token, or None for an unknown one."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = _derived(key)
        if secret.kid == kid:
            return secret
    return None


def _derived(key: str | bytes) -> SigningSecret:
    """Derive by HKDF-SHA256 (RFC 5869), of which one block is enough.

    A token's signature can be attacked offline; what is found must not open
    sessions and everything else that SECRET_KEY signs.
    """
    pseudorandom = hmac.digest(SALT, force_bytes(key), "sha256")
    return SigningSecret(hmac.digest(pseudorandom, PURPOSE + b"\x01", "sha256"))
