"""Keepsakes: copies of a schema or database as a failing scenario left it.

The worker goes on in its own place; the copy is built from the journal or the
template and given the rows of the moment.
"""

from __future__ import annotations

from contextlib import closing

from django.db.backends.base.base import BaseDatabaseWrapper

from testing.clones import CloneLease
from testing.extensions import create_extensions
from testing.journal import Journal
from testing.own_databases import own_database_name
from testing.places import Place
from testing.preparation import Plan
from testing.schemas import Lease
from testing.templates import Template
from testing.transfer import transfer_rows

__all__ = ["drop_keepsakes", "keep", "psql_line"]

KEPT = "kept"
MOST_KEPT = 3


def keep(lease: Place, *, plan: Plan) -> str | None:
    """Copy a leased place; returns the psql line for it, None when enough are kept.

    At most three are kept of a test database, whoever kept them.
    """
    if isinstance(lease, CloneLease):
        return _keep_clone(lease, plan=plan)
    journal = plan.journals[lease.connection.alias]
    for number in range(1, MOST_KEPT + 1):
        copy = Lease(
            lease.connection,
            schema=f"{plan.slot_prefix}_failed_{number}",
            extensions_schema=plan.engine.extensions_schema,
        )
        with copy.session:
            if copy.try_lock() and not copy.exists():
                _fill(copy, lease, journal=journal, plan=plan)
                return psql_line(lease.connection, schema=copy.schema)
    return None


def psql_line(
    connection: BaseDatabaseWrapper, *, schema: str = "", database: str = ""
) -> str:
    """Return the command that opens a schema, or another database, in psql.

    An embedded server ends with the run; the line for it starts it again.
    """
    place = connection.settings_dict
    path = [f'PGOPTIONS="-c search_path={schema}"'] if schema else []
    name = database or place["NAME"]
    if "EMBEDDED" in place:
        return " ".join([*path, f"manage.py dbshell -- --dbname={name}"])
    options = [
        f"--{option}={place[key]}"
        for option, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER"))
        if place[key]
    ]
    return " ".join([*path, "psql", *options, name])


def drop_keepsakes(plan: Plan) -> None:
    """Drop what earlier runs kept."""
    for database in plan.databases:
        for number in range(1, MOST_KEPT + 1):
            old = Lease(
                database.connection,
                schema=f"{plan.slot_prefix}_failed_{number}",
                extensions_schema=plan.engine.extensions_schema,
            )
            with old.session:
                if old.try_lock():
                    old.drop()
        clones = CloneLease(database.connection)
        with closing(clones.lock):
            for number in range(1, MOST_KEPT + 1):
                if clones.take(_kept_name(clones, plan, number)):
                    clones.drop()


def _kept_name(clone: CloneLease, plan: Plan, number: int) -> str:
    return own_database_name(
        home=clone.home, prefix=plan.slot_prefix, last=f"failed_{number}"
    )


def _keep_clone(lease: CloneLease, *, plan: Plan) -> str | None:
    """Copy a clone: sessions in it would stand in the way of copying it whole."""
    fingerprint = plan.journals[lease.connection.alias].fingerprint
    copy = CloneLease(lease.connection, home=lease.home)
    with closing(copy.lock):
        for number in range(1, MOST_KEPT + 1):
            if not copy.take(_kept_name(lease, plan, number)) or copy.exists():
                continue
            template = Template(
                lease.connection,
                copy.lock,
                prefix=plan.slot_prefix,
                fingerprint=fingerprint,
            )
            copy.create(template=template.hold(verbosity=0), fingerprint=fingerprint)
            copy.open()
            with closing(copy.session):
                transfer_rows(
                    lease.session,
                    copy.session,
                    source_schema=lease.schema,
                    target_schema=copy.schema,
                )
            copy.set_mark(fingerprint=fingerprint, state=KEPT)
            return psql_line(lease.connection, database=copy.name)
    return None


def _fill(copy: Lease, lease: Place, *, journal: Journal, plan: Plan) -> None:
    copy.create(fingerprint=journal.fingerprint)
    create_extensions(
        copy.session,
        journal.extensions,
        extensions_schema=plan.engine.extensions_schema,
    )
    journal.replay(copy.session)
    transfer_rows(
        lease.session,
        copy.session,
        source_schema=lease.schema,
        target_schema=copy.schema,
    )
    copy.set_mark(fingerprint=journal.fingerprint, state=KEPT)
