#!/usr/bin/env python
"""Run Django's administrative commands."""

import os
import sys


def main() -> None:
    """Hand the command line to Django, and say clearly when there is no database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dancecoach.settings")
    try:
        from django.core.management import execute_from_command_line
        from django.db import OperationalError
    except ImportError as error:
        sys.exit(
            f"Django cannot be imported ({error}), so no command can run. "
            "Next: run `make setup`, then use .venv/bin/python manage.py …"
        )
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        # An error from a statement has a state; one from connecting has none.
        if getattr(error.__cause__, "sqlstate", None) is not None:
            raise
        reason = str(error).strip().splitlines()[0]
        print(  # noqa: T201 - Django is not there to say it
            f"The database cannot be reached ({reason}), so the command cannot go "
            "on. Next: start that server or correct DATABASE_URL; "
            "`unset DATABASE_URL` uses the embedded PostgreSQL.",
            file=sys.stderr,
        )
        sys.exit(2)


if __name__ == "__main__":
    main()
