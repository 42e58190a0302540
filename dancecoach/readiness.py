"""Whether the service can do its work now: database, cache, migrations."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.cache import cache as default_cache
from django.db import connection

__all__ = ["Check", "NotReady", "migrations_on_disk", "readiness"]

logger = logging.getLogger(__name__)

# What a check adds to its answer.
Check = Callable[[], dict[str, Any]]
# (app, name) of a migration.
Key = tuple[str, str]


class NotReady(Exception):
    """A check failed; the message is shown to clients and holds no secret."""


def readiness() -> tuple[bool, dict[str, dict[str, Any]]]:
    """Run every check; return whether all passed, and what each one says.

    A failed check says ``{"ok": False, "error": text}``. Its cause, which may
    name hosts and users, goes to the log alone.
    """
    answers = {"database": _run("database", _check_database)}
    within: dict[str, Check] = {
        "cache": _check_cache,
        "migrations": _check_migrations,
    }
    # Both are in the database. Where that is away each would wait as long again
    # to find it out, and the answer would come too late for whoever asks.
    is_there = answers["database"]["ok"]
    answers |= {
        name: _run(name, check if is_there else _check_nothing)
        for name, check in within.items()
    }
    return all(answer["ok"] for answer in answers.values()), answers


def _run(name: str, check: Check) -> dict[str, Any]:
    try:
        return {"ok": True, **check()}
    except NotReady as error:
        return {"ok": False, "error": str(error)}
    except Exception:
        # In whatever way a check breaks, it has failed.
        logger.warning("The readiness check %s failed.", name, exc_info=True)
        return {"ok": False, "error": f"The {name} check failed. See the log."}


def _check_database() -> dict[str, Any]:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
    return {"latency_ms": _milliseconds_since(started), "schema": schema}


def _check_nothing() -> dict[str, Any]:
    raise NotReady("Not checked, since it is in the database.")


def _check_cache() -> dict[str, Any]:
    started = time.perf_counter()
    key, value = f"readiness-{secrets.token_hex(8)}", secrets.token_hex(8)
    default_cache.set(key, value, timeout=10)
    found = default_cache.get(key)
    default_cache.delete(key)
    if found != value:
        raise NotReady("The cache does not keep what is put into it.")
    return {"latency_ms": _milliseconds_since(started)}


def _check_migrations() -> dict[str, Any]:
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations().keys()
    unapplied = [
        key
        for key, replaced in migrations_on_disk().items()
        if key not in applied and not (replaced and applied >= replaced)
    ]
    if unapplied:
        raise NotReady(f"Migrations not applied: {len(unapplied)}. Run migrate.")
    return {"unapplied": 0}


@cache
def migrations_on_disk() -> dict[Key, frozenset[Key]]:
    """Return each migration with those that it replaces.

    Read once, since the files do not change under a running process.
    """
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    replaces = {
        key: frozenset(migration.replaces)
        for key, migration in loader.disk_migrations.items()
    }
    replaced = frozenset[Key]().union(*replaces.values())
    return {key: those for key, those in replaces.items() if key not in replaced}


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
