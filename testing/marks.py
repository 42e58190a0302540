"""The mark: how the engine knows that a schema or a database is its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields

__all__ = ["LASTING", "MARKED_BY", "Mark", "birth_number", "lock_key"]

MARKED_BY = "django-schema-testing"
# States in which something is meant to outlive its lease.
LASTING = ("ready", "kept")


@dataclass(frozen=True)
class Mark:
    """The comment on a schema or database that says it is the engine's.

    ``state`` is ``building``, ``recorded``, ``in use``, ``ready`` or ``kept``;
    only what is ready or recorded is known to be as its fingerprint says.
    """

    fingerprint: str
    state: str

    def dump(self) -> str:
        """Return the comment's text."""
        return json.dumps({"by": MARKED_BY, **vars(self)})

    @classmethod
    def parse(cls, comment: str | None) -> Mark | None:
        """Return the mark in a comment, None where there is none."""
        try:
            content = json.loads(comment or "")
        except ValueError:
            return None
        if not isinstance(content, dict) or content.pop("by", None) != MARKED_BY:
            return None
        # Of another version with other words: nothing of ours to touch.
        return cls(**content) if content.keys() == KNOWN else None


KNOWN = {one.name for one in fields(Mark)}


def lock_key(name: str) -> int:
    """Return an advisory lock's key: eight bytes that depend on the name alone."""
    digest = hashlib.sha256(f"{MARKED_BY}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def birth_number(home: str) -> int:
    """Return the connection limit with which databases of ``home`` are created.

    A database gets its comment only after it was made, and its maker may die in
    between. The limit is there from the first moment, is past any server's
    reach, and tells the test database in which the locks are.
    """
    digest = hashlib.sha256(f"{MARKED_BY}/{home}".encode()).digest()
    return 2**30 + int.from_bytes(digest[:4], "big") % 2**30
