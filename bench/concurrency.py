"""Ask whether two gunicorn services, of two processes each, agree on one database.

`python bench/concurrency.py`
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.service import PASSWORD, drop, prepare, running

AT_ONCE = 200


def at_once(function):
    """Call ``function`` with 0 to 199, all at once; return results and seconds."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        began = time.monotonic()
        results = list(threads.map(function, range(AT_ONCE)))
    return results, time.monotonic() - began


def magic_links(first, second):
    """Consume one link 200 times at once."""
    import secrets
    from datetime import timedelta

    from django.utils import timezone

    from users.magic_links import token_hash
    from users.models import MagicLink, User

    token, now = secrets.token_urlsafe(32), timezone.now()
    MagicLink.objects.create(
        token_hash=token_hash(token),
        email="bench@example.org",
        created_at=now,
        expires_at=now + timedelta(minutes=15),
    )
    path = f"/api/v1/auth/magic-link/consume?token={token}"
    statuses, seconds = at_once(
        lambda number: (first, second)[number % 2].ask("GET", path).status
    )
    count = User.objects.filter(email="bench@example.org").count()
    print(
        f"magic links  {AT_ONCE} at once in {seconds:.2f} s: "
        f"{statuses.count(200)} signed in, {statuses.count(401)} refused, "
        f"{count} account"
    )
    return statuses.count(200) == 1 and statuses.count(401) == 199 and count == 1


def greetings(first, second):
    """Ask for 200 greetings at once, against 60 a minute with a burst of 10."""
    statuses, seconds = at_once(
        lambda number: (first, second)[number % 2].ask("GET", "/api/v1/greet").status
    )
    given = statuses.count(200)
    # One more for each second that passed between the first and the last.
    most = 10 + math.ceil(seconds)
    print(
        f"greetings    {AT_ONCE} at once in {seconds:.2f} s, 60 a minute, burst 10: "
        f"{given} given (10 and one a second), {statuses.count(429)} refused"
    )
    is_right = 10 <= given <= most and given + statuses.count(429) == AT_ONCE
    return is_right and _frozen()


def _frozen():
    """Ask again where no time passes: the burst, and not one more."""
    from django.db import connection
    from django.utils import timezone

    from dancecoach import rate_limit
    from dancecoach.errors import RateLimited

    noon = timezone.now()

    class Frozen:
        @staticmethod
        def now():
            return noon

    rate_limit.timezone = Frozen

    def take(_number):
        try:
            rate_limit.bucket_take(address="203.0.113.1", per_minute=60, burst=10)
        except RateLimited:
            return 429
        finally:
            connection.close()
        return 200

    with ThreadPoolExecutor(40) as threads:
        statuses = list(threads.map(take, range(AT_ONCE)))
    print(f"             the same with the clock stopped: {statuses.count(200)} given")
    return statuses.count(200) == 10


def sign_in(service, name, password=PASSWORD):
    return service.ask(
        "POST", "/api/v1/auth/login", json={"username": name, "password": password}
    )


def agreement(first, second, rounds):
    """Change through one, look through the other at the next request."""
    from users.models import User

    User.objects.create_user("Boss", PASSWORD, is_staff=True)
    token = sign_in(first, "Boss").json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    good = 0
    for number in range(rounds):
        there, here = (first, second) if number % 2 else (second, first)
        rotated = here.ask(
            "POST", "/api/v1/admin/jwt/secrets/rotate", json={}, headers=headers
        )
        signed = sign_in(there, "Boss").json()["token"]
        import jwt

        kid = jwt.get_unverified_header(signed)["kid"]
        good += kid == rotated.json()["kid"]
    print(f"rotations    {good} of {rounds} signed with by the other at once")
    return good == rounds


def settings_change(first, second, rounds):
    """Switch a live setting, and look through both services at once."""
    from constance import config

    good = 0
    for number in range(rounds):
        config.API_V2_ENABLED = number % 2 == 0
        expected = 200 if config.API_V2_ENABLED else 404
        # Of each service, both processes are asked.
        answers = [
            service.ask("POST", "/api/v2/greet", json={}).status
            for service in (first, second) * 4
        ]
        good += set(answers) == {expected}
    print(f"settings     {good} of {rounds} changes in force in all processes at once")
    return good == rounds


def lock_out(first, second):
    """Fail ten times through one; the other refuses the right password."""
    from users.models import User

    User.objects.create_user("Dancer", PASSWORD)
    failures = [sign_in(first, "Dancer", "wrong").status for _ in range(10)]
    answers = [sign_in(s, "Dancer").status for s in (second, first) * 4]
    print(f"lock-out     {failures.count(401)} failures through one, then {answers}")
    return failures == [401] * 10 and answers == [429] * 8


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    database = prepare()
    try:
        with (
            running(database, workers=2) as first,
            running(database, workers=2) as second,
        ):
            verdicts = [
                magic_links(first, second),
                greetings(first, second),
                agreement(first, second, rounds),
                settings_change(first, second, rounds),
                lock_out(first, second),
            ]
    finally:
        drop(database)
    sys.exit(0 if all(verdicts) else 1)


if __name__ == "__main__":
    main()
