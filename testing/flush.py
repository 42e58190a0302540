"""``flush`` as test cases call it after a test that commits: here, a reset.

Django's own truncates every table, loses the rows of data migrations and makes
content types anew. Receivers of ``post_migrate`` that are not Django's are called
as it would call them. A test that calls the command itself gets Django's.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from testing.migrate_receivers import call_receivers
from testing.occupancy import aliases_beside, baseline_of
from testing.remembered_rows import forget_rows

__all__ = ["Command"]


class Command(flush.Command):
    """Django's command, except after a test on a schema that this process leases."""

    def handle(self, **options: Any) -> None:
        """Reset the leased schema of the database, or flush as Django does."""
        alias = options["database"]
        baseline = baseline_of(alias)
        # The one option that test cases give and nobody can give by hand;
        # test_flush.py pins that they do.
        is_teardown = options.get("reset_sequences") is False
        if baseline is None or not is_teardown:
            super().handle(**options)
            return
        for name in aliases_beside(alias):
            _end_transaction(name)
        baseline.reset()
        forget_rows()
        # A test case inhibits this with `available_apps` or serialized contents.
        if not options.get("inhibit_post_migrate", False):
            call_receivers(
                alias,
                verbosity=options["verbosity"],
                interactive=options["interactive"],
            )


def _end_transaction(alias: str) -> None:
    """Roll back what a test left open: its rows would keep the reset waiting."""
    connection = connections[alias]
    if connection.connection is not None and (
        connection.in_atomic_block or not connection.get_autocommit()
    ):
        # On the driver's side alone: Django's view of it ends with the test.
        connection.connection.rollback()
