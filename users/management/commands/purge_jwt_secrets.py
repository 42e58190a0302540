"""`manage.py purge_jwt_secrets`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from users.rotation import secrets_purge

__all__ = ["Command"]


class Command(BaseCommand):
    """Removes what validates no more; the primary stays, however old."""

    help = "Remove the JWT secrets whose retention has ended. Can be run at any time."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Remove them and say how many there were."""
        count = secrets_purge()
        if options["verbosity"]:
            self.stdout.write(f"JWT secrets removed: {count}.")
