"""Keepsakes: copies of a schema as a failing scenario left it, to look at.

The worker goes on in its own schema; the copy is built from the journal and
given the rows of the moment.
"""

from __future__ import annotations

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from testing.inventory import take_inventory
from testing.journal import Journal, extension_statements
from testing.preparation import Plan
from testing.schemas import Lease

__all__ = ["drop_keepsakes", "keep", "psql_line"]

KEPT = "kept"
MOST_KEPT = 3


def keep(lease: Lease, *, journal: Journal, plan: Plan) -> str | None:
    """Copy a leased schema and return the copy's name, None when enough are kept.

    At most three are kept in a database, whoever kept them.
    """
    for number in range(1, MOST_KEPT + 1):
        copy = Lease(
            lease.connection,
            schema=f"{plan.slot_prefix}_failed_{number}",
            extensions_schema=plan.engine.extensions_schema,
        )
        with copy.session:
            if copy.try_lock() and not copy.exists():
                _fill(copy, lease, journal=journal, plan=plan)
                return copy.schema
    return None


def psql_line(connection: BaseDatabaseWrapper, *, schema: str) -> str:
    """Return the command that opens a schema in psql."""
    place = connection.settings_dict
    options = [
        f"--{option}={place[key]}"
        for option, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER"))
        if place[key]
    ]
    words = [f'PGOPTIONS="-c search_path={schema}"', "psql", *options, place["NAME"]]
    return " ".join(words)


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


def _fill(copy: Lease, lease: Lease, *, journal: Journal, plan: Plan) -> None:
    copy.create(fingerprint=journal.fingerprint)
    session = copy.session
    if journal.extensions:
        with session.transaction():
            for statement in extension_statements(
                journal.extensions, extensions_schema=plan.engine.extensions_schema
            ):
                session.execute(statement)
    journal.replay(session)
    with session.transaction():
        _copy_rows(session, source=lease.schema, target=copy.schema)
    copy.set_mark(fingerprint=journal.fingerprint, state=KEPT)


def _copy_rows(session: psycopg.Connection, *, source: str, target: str) -> None:
    """Replace the rows of ``target`` by those of ``source``, sequences too."""
    inventory = take_inventory(session, schema=target)
    session.execute("SET CONSTRAINTS ALL DEFERRED")
    tables = [table.name for table in inventory.everything]
    for table in inventory.everything:
        if table.triggers:
            session.execute(
                sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table.identifier)
            )
    for name in tables:
        session.execute(
            sql.SQL("DELETE FROM ONLY {}").format(sql.Identifier(target, name))
        )
    columns = {t.name: t.columns for t in inventory.everything}
    for name in reversed(tables):
        if columns[name]:
            names = sql.SQL(", ").join(map(sql.Identifier, columns[name]))
            session.execute(
                sql.SQL(
                    "INSERT INTO {target} ({names}) OVERRIDING SYSTEM VALUE"
                    " SELECT {names} FROM ONLY {source}"
                ).format(
                    target=sql.Identifier(target, name),
                    source=sql.Identifier(source, name),
                    names=names,
                )
            )
    for sequence in inventory.sequences:
        session.execute(
            sql.SQL("SELECT setval({}, last_value, is_called) FROM {}").format(
                sql.Identifier(target, sequence.name).as_string(session),
                sql.Identifier(source, sequence.name),
            )
        )
