"""Names for callers under which limits are kept, from which no caller is told."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

__all__ = ["pseudonym"]


def pseudonym(*parts: str, purpose: str) -> str:
    """Return 64 hexadecimal digits for ``parts``, the same in every process.

    Without SECRET_KEY nobody can tell whose they are; another purpose gives
    others.
    """
    # Lengths keep ("a", "bc") and ("ab", "c") apart.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    salt = f"dancecoach.{purpose}"
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()
