"""JSON Web Tokens: issued at sign-in, decoded at each request.

PyJWT is imported where it is used: it takes longer to load than the rest of
this app, and most commands never see a token.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.crypto import constant_time_compare

from dancecoach.live_settings import live
from users.errors import InvalidToken
from users.models import User
from users.signing import primary_secret, secret_of_kid

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["Claims", "IssuedToken", "token_decode", "token_issue", "token_user"]

ALGORITHM = "HS256"
# Ours are a third of it; a longer one is not worth decoding.
LONGEST_TOKEN = 1024
# What a user's password was when the token was issued, as a keyed hash of its
# hash: any change of it, made wherever, ends the tokens that came before.
CREDENTIAL = "cred"
CREDENTIAL_LENGTH = 22
REQUIRED_CLAIMS = ["sub", "iat", "exp", "jti", CREDENTIAL]


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """A new token and for how long it is valid, in seconds."""

    text: str
    expires_in: int


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a valid token says."""

    user_id: int
    token_id: str
    credential: str
    issued_at: datetime
    expires_at: datetime


def token_issue(*, user: User) -> IssuedToken:
    """Sign a token for a user, valid for JWT_TTL as it is now."""
    import jwt

    lifetime: timedelta = live().jwt_ttl
    now = timezone.now().replace(microsecond=0)
    secret = primary_secret()
    claims = {
        "sub": str(user.pk),
        "iat": now,
        "exp": now + lifetime,
        "jti": secrets.token_urlsafe(12),
        CREDENTIAL: _credential(user.get_session_auth_hash()),
    }
    text = jwt.encode(
        claims, secret.value, algorithm=ALGORITHM, headers={"kid": secret.kid}
    )
    return IssuedToken(text=text, expires_in=int(lifetime.total_seconds()))


def token_decode(*, text: str) -> Claims:
    """Return the claims of a token that a known secret signed and that is in time.

    Raises:
        InvalidToken: it is anything else.

    """
    if len(text) > LONGEST_TOKEN:
        raise InvalidToken
    claims = _verified(text)
    try:
        return Claims(
            user_id=int(claims["sub"]),
            token_id=claims["jti"],
            credential=str(claims[CREDENTIAL]),
            issued_at=datetime.fromtimestamp(claims["iat"], UTC),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise InvalidToken from error


def token_user(*, claims: Claims) -> User:
    """Return the user that a token was issued to.

    Raises:
        InvalidToken: the user is gone, deleted or switched off, or has another
            password since.

    """
    user = User.objects.filter(pk=claims.user_id).first()
    if user is None or not user.can_sign_in or not _has_credential(user, claims):
        raise InvalidToken
    return user


def _has_credential(user: User, claims: Claims) -> bool:
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(
        constant_time_compare(_credential(known), claims.credential) for known in hashes
    )


def _credential(session_auth_hash: str) -> str:
    return session_auth_hash[:CREDENTIAL_LENGTH]


def _verified(text: str) -> dict[str, Any]:
    """Return the claims as they are written, once the signature is checked.

    The header chooses among our secrets by ``kid`` and nothing else: whatever
    algorithm it names, only HS256 is accepted.
    """
    import jwt

    try:
        secret = secret_of_kid(jwt.get_unverified_header(text).get("kid", ""))
        if secret is None:
            raise InvalidToken
        return jwt.decode(
            text,
            secret.value,
            algorithms=[ALGORITHM],
            options={"require": REQUIRED_CLAIMS},
        )
    # Beside PyJWT's own errors: text that is no UTF-8, JSON nested too deep.
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise InvalidToken from error
