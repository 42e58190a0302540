"""``flush``, which on a leased schema is a reset to its baseline.

Django's own truncates every table, loses the rows of data migrations and makes
content types anew; tests that commit call it after each test.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from testing.workplace import baseline_of

__all__ = ["Command"]


class Command(flush.Command):
    """Django's command, except on a schema that this process leases."""

    def handle(self, **options: Any) -> None:
        """Reset the leased schema of the database, or flush as Django does."""
        baseline = baseline_of(options["database"])
        in_transaction = connections[options["database"]].in_atomic_block
        if baseline is None or in_transaction:
            # Within a transaction only its own session may change the rows.
            super().handle(**options)
        else:
            baseline.reset()
