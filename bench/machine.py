"""The machine that a benchmark runs on, and the server that it runs against."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path


def machine() -> str:
    """Return what to know about the machine, and how busy it is with other things."""
    return f"{os.cpu_count()} processors, Python {platform.python_version()}, {load()}"


def load() -> str:
    """Return how many processes were waiting for a processor in the last minute."""
    return f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def hold_server() -> str:
    """Keep the embedded server, if it is used, running; returns its version.

    Otherwise every run of a benchmark would start and stop it.
    """
    return server_settings("server_version")["server_version"]


def server_settings(*names: str) -> dict[str, str]:
    """Return settings of the server, which stays up until this process ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dancecoach.settings")
    import django
    from django.db import connection

    django.setup()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [list(names)]
        )
        found = dict(cursor.fetchall())
    connection.close()
    return {name: found[name] for name in names}


def facts() -> dict[str, str]:
    """Return the facts that stand beside each table: machine, versions, server."""
    from importlib.metadata import version

    server = server_settings(
        "server_version", "fsync", "shared_buffers", "max_connections"
    )
    return {
        "processors": str(os.cpu_count()),
        "memory": memory(),
        # Below 0, this benchmark goes before what else runs on the machine.
        "nice": str(os.nice(0)) if hasattr(os, "nice") else "unknown",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "Django": version("django"),
        "behave": version("behave"),
        "PostgreSQL": server["server_version"].split()[0],
        "fsync": server["fsync"],
        "shared_buffers": f"{int(server['shared_buffers']) * 8 // 1024} MB",
        "max_connections": server["max_connections"],
    }


def memory() -> str:
    """Return how much memory the machine has."""
    found = re.search(r"MemTotal:\s+(\d+) kB", read("/proc/meminfo"))
    return f"{int(found[1]) / 1024 / 1024:.0f} GB" if found else "unknown"


def read(path: str | Path) -> str:
    """Return the text of a file, nothing where it is gone or never was."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""
