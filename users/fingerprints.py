"""The fingerprint of a secret: its name to the outside, in tokens and lists."""

from __future__ import annotations

import hashlib

__all__ = ["fingerprint"]

FINGERPRINT_BYTES = 8


def fingerprint(value: bytes) -> str:
    """Return the first 8 bytes of the SHA-256, in hex."""
    return hashlib.sha256(value).digest()[:FINGERPRINT_BYTES].hex()
