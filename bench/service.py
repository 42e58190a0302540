"""Services under gunicorn, each with a database of its own that is dropped again."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import urllib3

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse 9"


@dataclass(frozen=True)
class Service:
    """Where one gunicorn answers."""

    url: str

    def ask(self, method, path, **kwargs):
        return POOL.request(method, f"{self.url}{path}", **kwargs)


POOL = urllib3.PoolManager(retries=False, timeout=60, maxsize=256)


def prepare():
    """Set Django up on a new database; return the environment of its services."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "dancecoach.settings"
    os.environ["DJANGO_LOG_LEVEL"] = "ERROR"
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    name = f"bench_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0)
    return name


def drop(name):
    """Drop the database that `prepare` made."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = "postgres"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


@contextlib.contextmanager
def running(database, *, workers=1, **environment) -> Iterator[Service]:
    """Serve ``database`` by gunicorn on a free port of the loopback."""
    from django.conf import settings

    entry = settings.DATABASES["default"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = (
        f"postgres://{entry['USER']}:{entry['PASSWORD']}@/{database}"
        f"?host={entry['HOST']}&port={entry['PORT']}"
    )
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--log-level=warning",
            f"--bind=127.0.0.1:{port}",
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": url,
            "WEB_CONCURRENCY": str(workers),
            "DJANGO_EMAIL_URL": "dummymail://",
            **environment,
        },
    )
    service = Service(f"http://127.0.0.1:{port}")
    try:
        _wait(service, process)
        yield service
    finally:
        process.terminate()
        process.wait(30)


def _wait(service, process):
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            if service.ask("GET", "/api/ready").status == 200:
                return
        time.sleep(0.1)
    sys.exit("The service did not get ready; its last words are above.")
