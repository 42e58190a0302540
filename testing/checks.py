"""System checks: what would keep tests from running as they should, told early.

Errors
    testing.E001  ``public`` is in a search_path of DATABASES OPTIONS.
    testing.E002  ``behave_django`` stands before ``testing`` in INSTALLED_APPS.
    testing.E003  the setting TESTING has an unknown key or an unfit value.

Warnings
    testing.W004  TEST_RUNNER is another runner, so unit tests run without schemas.
    testing.W006  the role may not make schemas in the test database, or that one.
    testing.W007  the server has too few connections for as many workers as processors.
    testing.W008  the server's lock table is too small for them.
Information
    testing.I005  a database is not PostgreSQL and goes Django's own way.

W006 to W008 ask a server: they run with ``check --database ALIAS`` and before
``migrate``. They are warnings, since they are about tests alone: an error would
stop ``migrate`` on a database that has nothing wrong.
"""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.db import DatabaseError, connections
from django.utils.module_loading import import_string

from testing.capacity import Limits, need_of
from testing.conf import EngineSettings
from testing.database import connect, test_database_name
from testing.errors import SetupFailure, UsageError
from testing.preflight import is_under_way

__all__ = ["check_databases", "check_settings", "register_checks"]

SEARCH_PATH = re.compile(r"search_path\s*=\s*((?:\\ |\S)+)")


def register_checks() -> None:
    """Register all checks; done once, when the app is ready."""
    register(check_settings, "testing")
    register(check_databases, Tags.database, "testing")


def check_settings(**_: Any) -> list[CheckMessage]:
    """Look at the settings alone."""
    return [
        *_paths_with_public(),
        *_order_of_apps(),
        *_engine_settings(),
        *_runner(),
        *_other_engines(),
    ]


def check_databases(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Ask the servers of the databases that are checked.

    A run has looked itself, with its own number of workers.
    """
    found: list[CheckMessage] = []
    if is_under_way():
        return found
    for alias in databases or ():
        if connections[alias].vendor == "postgresql":
            # A server that does not answer is told by Django.
            try:
                found += _rights(alias) + _room(alias)
            except (DatabaseError, psycopg.Error, SetupFailure):
                continue
    return found


def _paths_with_public() -> list[CheckMessage]:
    return [
        Error(
            f"The search_path in DATABASES[{alias!r}]['OPTIONS'] names public, so "
            "migrate would find the tables there and tests would change them.",
            hint="Take search_path out of OPTIONS: each worker gets one of its own.",
            obj=f"DATABASES[{alias!r}]",
            id="testing.E001",
        )
        for alias, database in settings.DATABASES.items()
        for path in SEARCH_PATH.findall(
            str(database.get("OPTIONS", {}).get("options", ""))
        )
        if "public" in {part.strip("\\\"' ") for part in path.split(",")}
    ]


def _order_of_apps() -> list[CheckMessage]:
    names = [app.split(".")[0] for app in settings.INSTALLED_APPS]
    if "behave_django" not in names or names.index("testing") < names.index(
        "behave_django"
    ):
        return []
    return [
        Error(
            "behave_django stands before testing in INSTALLED_APPS, so `behave` is "
            "its command and runs in one process.",
            hint="Put 'testing' before 'behave_django'.",
            obj="INSTALLED_APPS",
            id="testing.E002",
        )
    ]


def _engine_settings() -> list[CheckMessage]:
    try:
        engine = EngineSettings.load()
        engine.reset_functions()
        engine.worker_setup_functions()
        engine.setting_tags_function()
    except UsageError as error:
        what, _, hint = str(error).partition(" Next: ")
        return [Error(what, hint=hint, obj="TESTING", id="testing.E003")]
    return []


def _runner() -> list[CheckMessage]:
    from testing.runner import SchemaRunnerMixin

    if any(word.startswith("--testrunner") for word in sys.argv):
        return []
    try:
        runner = import_string(settings.TEST_RUNNER)
    except ImportError:
        # Told by Django as soon as it is used.
        return []
    if isinstance(runner, type) and issubclass(runner, SchemaRunnerMixin):
        return []
    return [
        Warning(
            f"TEST_RUNNER is {settings.TEST_RUNNER!r}, so `manage.py test` runs "
            "without schemas.",
            hint="Set TEST_RUNNER = 'testing.runner.SchemaRunner', or derive the "
            "project's runner from testing.runner.SchemaRunnerMixin first.",
            obj="TEST_RUNNER",
            id="testing.W004",
        )
    ]


def _other_engines() -> list[CheckMessage]:
    return [
        Info(
            f"The database {alias!r} is not PostgreSQL, so it goes Django's own way.",
            hint="Nothing needs to be done; its tests are as fast as they were.",
            obj=f"DATABASES[{alias!r}]",
            id="testing.I005",
        )
        for alias in settings.DATABASES
        if connections[alias].vendor not in ("postgresql", "unknown")
    ]


def _rights(alias: str) -> list[CheckMessage]:
    """Look whether the role may make schemas where tests run, or that database."""
    connection = connections[alias]
    name = test_database_name(connection)
    with connect(connection) as session:
        row = session.execute(
            "SELECT (SELECT has_database_privilege(oid, 'CREATE')"
            " FROM pg_database WHERE datname = %s), rolcreatedb OR rolsuper"
            " FROM pg_roles WHERE rolname = current_user",
            [name],
        ).fetchone()
        user = session.info.user
    assert row is not None  # noqa: S101 - the present role is one
    may_use, may_create = row
    if may_use or (may_use is None and may_create):
        return []
    if may_use is None:
        what = f"does not exist, and the role {user!r} may not create databases"
        hint = (
            f'Let an administrator run `CREATE DATABASE "{name}" OWNER "{user}"`, or '
            f"name an existing database in DATABASES[{alias!r}]['TEST']['NAME']."
        )
    else:
        what = f"lets the role {user!r} make no schema"
        hint = (
            f'Let an administrator run `GRANT CREATE ON DATABASE "{name}" TO "{user}"`.'
        )
    return [_about(alias, f"The test database {name!r} {what}.", hint, "testing.W006")]


def _room(alias: str) -> list[CheckMessage]:
    """Look whether as many workers as there are processors would fit."""
    workers = multiprocessing.cpu_count()
    need = need_of(alias, databases=[[alias]], workers=workers, serves=True)
    with connect(connections[alias]) as session:
        limits = Limits.read(session)
    found = []
    for kind, identifier in (
        ("connections", "testing.W007"),
        ("locks", "testing.W008"),
    ):
        if fault := need.fault(limits, of=kind):
            what, _, hint = fault.partition(" Next: ")
            found.append(_about(alias, f"The server {what}", hint, identifier))
    return found


def _about(alias: str, what: str, hint: str, identifier: str) -> CheckMessage:
    return Warning(what, hint=hint, obj=f"DATABASES[{alias!r}]", id=identifier)
