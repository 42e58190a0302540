"""Send schemathesis's examples to every operation of a running service.

`python bench/api_fuzz.py --examples 150`: good and bad ones, made from the
OpenAPI schema, against gunicorn on the loopback. schemathesis is in a group of
its own: `pip install --group fuzz`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.service import drop, prepare, running

# What the schema cannot say.
CONFIG = Path(__file__).with_name("schemathesis.toml")
# Open to examples: no limit stands in the way, and no flag.
OPEN = {"DJANGO_RATE_LIMIT_ENABLED": "false", "DJANGO_API_V2_ENABLED": "true"}
# Not that of the examples, which would change it.
PASSWORD = "sesame oil 5"
# Whoever makes the examples would close the own account with the first of them.
SUICIDE = "me_delete"


def token_of(service, name):
    answer = service.ask(
        "POST", "/api/v1/auth/login", json={"username": name, "password": PASSWORD}
    )
    return answer.json()["token"]


def fuzz(service, token, *, examples, selection):
    """Run schemathesis; return its exit code."""
    command = [
        str(Path(sys.executable).with_name("st")),
        f"--config-file={CONFIG}",
        "run",
        f"{service.url}/api/schema/",
        f"--header=Authorization: Bearer {token}",
        f"--max-examples={examples}",
        "--phases=examples,coverage,fuzzing",
        "--mode=all",
        "--generation-allow-x00=false",
        "--seed=7",
        "--no-color",
        *selection,
    ]
    return subprocess.run(command, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="of each operation")
    examples = parser.parse_args().examples
    database = prepare()
    try:
        from users.models import User

        User.objects.create_superuser("Boss", PASSWORD)
        User.objects.create_user("Leaver", PASSWORD)
        with running(database, workers=2, **OPEN) as service:
            codes = [
                fuzz(
                    service,
                    token_of(service, name),
                    examples=examples,
                    selection=selection,
                )
                for name, selection in (
                    ("Boss", [f"--exclude-operation-id={SUICIDE}"]),
                    ("Leaver", [f"--include-operation-id={SUICIDE}"]),
                )
            ]
    finally:
        drop(database)
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
