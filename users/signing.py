"""The secrets that sign tokens and validate them, read at each request.

No process keeps them, so that a rotation is in force everywhere at once.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field

from django.utils import timezone

from users.ciphers import Unreadable, decrypt
from users.fingerprints import fingerprint
from users.models import JwtSecret
from users.retention import is_expired
from users.rotation import secret_renew

__all__ = ["SigningSecret", "primary_secret", "secret_of_kid"]

logger = logging.getLogger(__name__)

# What a stranger writes into a token's header may be no text for a database.
KID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class SigningSecret:
    """32 bytes or more, known to the outside by their fingerprint."""

    value: bytes = field(repr=False)

    @property
    def kid(self) -> str:
        """The fingerprint, by which a token's header names the secret."""
        return fingerprint(self.value)


def primary_secret() -> SigningSecret:
    """Return the secret that signs new tokens; the first one is made when needed."""
    row = JwtSecret.objects.filter(is_primary=True).first()
    if row is not None:
        try:
            return SigningSecret(decrypt(row.encrypted))
        except Unreadable:
            logger.exception("The primary JWT secret %s is replaced.", row.kid)
    return SigningSecret(secret_renew(unfit=row))


def secret_of_kid(kid: str) -> SigningSecret | None:
    """Return the secret that may have signed a token, or None if none validates."""
    if not KID.fullmatch(kid):
        return None
    row = JwtSecret.objects.filter(kid=kid).first()
    if row is None or is_expired(row, now=timezone.now()):
        return None
    try:
        return SigningSecret(decrypt(row.encrypted))
    except Unreadable:
        logger.exception("The JWT secret %s cannot validate tokens.", kid)
        return None
