"""Migrating for real: what Django runs to make a test database, once, recorded."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import override_settings

from testing.catalog import digest_of
from testing.conf import EngineSettings
from testing.journal import Journal
from testing.recorder import Recorder
from testing.schemas import Lease, PathNotKept, use_schema

__all__ = ["migrate", "record"]


def migrate(connection: BaseDatabaseWrapper, *, verbosity: int) -> None:
    """Run what Django runs to make a test database, where ``connection`` works."""
    without = connection.settings_dict["TEST"].get("MIGRATE") is False
    modules = {app.label: None for app in apps.get_app_configs()}
    with (
        override_settings(MIGRATION_MODULES=modules)
        if without
        else contextlib.nullcontext()
    ):
        call_command(
            "migrate",
            verbosity=max(verbosity - 1, 0),
            interactive=False,
            database=connection.alias,
            run_syncdb=True,
            # Standard output belongs to test results and formatters.
            stdout=sys.stderr,
        )
    call_command("createcachetable", verbosity=0, database=connection.alias)


def record(
    connection: BaseDatabaseWrapper,
    *,
    fingerprint: str,
    engine: EngineSettings,
    slot_prefix: str,
    package: str,
    verbosity: int,
) -> Journal:
    """Migrate for real in the first free slot, recording.

    The schema stays, marked as recorded: the worker that leases this slot takes
    it over, if it still is what the journal's digest says. A statement for which
    a schema does not suffice (it names ``public``, or changes what schemas share)
    is not executed: the recording ends there, and the journal says which one it is.
    Nothing is executed where the project sets the path of its sessions itself, or
    a model's table is named with the schema ``public``.
    """
    lease = Lease.acquire(
        connection,
        prefix=slot_prefix,
        extensions_schema=engine.extensions_schema,
        number=1,
        package=package,
    )
    before = connection.settings_dict["OPTIONS"].get("options")
    recorder = Recorder(
        connection,
        fingerprint=fingerprint,
        extensions_schema=engine.extensions_schema,
    )
    try:
        lease.drop()
        lease.create(fingerprint=fingerprint)
        use_schema(connection, options=lease.options)
        journal = _recorded(recorder, lease=lease, verbosity=verbosity)
        if journal.needs_database:
            connection.close()
            lease.drop()
        else:
            journal.check_names(schema=lease.schema)
            connection.close()
            journal.digest = digest_of(lease.session, schema=lease.schema)
            lease.set_mark(fingerprint=fingerprint, state="recorded")
    except BaseException:
        connection.close()
        lease.drop()
        raise
    finally:
        connection.close()
        lease.release()
        _restore_options(connection, before)
    return journal


class _NeedsDatabaseError(Exception):
    """Ends a migration before a statement for which a schema does not suffice."""


def _recorded(recorder: Recorder, *, lease: Lease, verbosity: int) -> Journal:
    """Migrate under the recorder, as far as a schema suffices."""
    journal = recorder.journal
    try:
        lease.verify(recorder.connection)
        reason = _model_in_public(recorder.connection.alias)
    except PathNotKept as error:
        reason = error.reason
    if reason:
        return Journal(journal.fingerprint, refusal=reason, no_schema=reason)

    def stop(execute: Callable[..., Any], *call: Any) -> Any:
        if journal.needs_database:
            raise _NeedsDatabaseError
        return execute(*call)

    connection = recorder.connection
    # The recorder comes first, so it has looked at a statement before `stop` is asked.
    with (
        connection.execute_wrapper(recorder),
        connection.execute_wrapper(stop),
        contextlib.suppress(_NeedsDatabaseError),
    ):
        migrate(connection, verbosity=verbosity)
    if journal.needs_database:
        return Journal(
            journal.fingerprint,
            refusal=journal.needs_database,
            names_public=journal.names_public,
            reaches_beyond=journal.reaches_beyond,
        )
    return recorder.finish()


def _model_in_public(alias: str) -> str:
    """Name a model whose table is looked for in ``public``; empty where none is.

    Django leaves quotes in ``db_table`` as they are, which people use to name a
    schema there.
    """
    for model in apps.get_models():
        meta = model._meta  # noqa: SLF001 - documented by Django
        is_here = meta.managed and router.allow_migrate_model(alias, model)
        if is_here and meta.db_table.lstrip('"').startswith('public"."'):
            return f"the table of {meta.label} names the schema public: {meta.db_table}"
    return ""


def _restore_options(connection: BaseDatabaseWrapper, before: Any) -> None:
    parameters = connection.settings_dict["OPTIONS"]
    if before is None:
        parameters.pop("options", None)
    else:
        parameters["options"] = before
