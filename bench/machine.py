"""The machine that a benchmark runs on, and the server that it runs against."""

from __future__ import annotations

import os
import platform


def machine() -> str:
    """Return what to know about the machine, and how busy it is with other things."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} processors, Python {platform.python_version()}{load}"


def hold_server() -> str:
    """Keep the embedded server, if it is used, running; returns its version.

    Otherwise every run of a benchmark would start and stop it.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dancecoach.settings")
    import django
    from django.db import connection

    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        answer = cursor.fetchone()[0].split(",")[0]
    connection.close()
    return answer
