"""`python -m dancecoach.probe /api/ready`: a health check where there is no curl."""

from __future__ import annotations

import http.client
import os
import sys

__all__ = ["probe"]

TIMEOUT = 4  # seconds
PORT = 8000
OK = 200


def probe(path: str, *, port: int = PORT) -> int:
    """Ask this machine's service; return 0 if it answers 200, else 1."""
    # The first host it answers to: another one would be refused.
    host = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",")[0].lstrip(".*")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", path, headers={"Host": host or "localhost"})
        return 0 if connection.getresponse().status == OK else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(probe(*sys.argv[1:2]))
