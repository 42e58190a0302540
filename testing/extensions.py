"""Extensions: one of each for a whole database, in the schema that workers share.

A migration's own statements about extensions are read here and answered by the
recorder: an extension that is made for one worker serves all of them, so it is
neither dropped nor moved when a migration says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import psycopg
from django.apps import apps
from psycopg import sql

from testing.errors import SetupFailure
from testing.sql_tokens import Token, tokens_of

__all__ = [
    "ExtensionSql",
    "asked_for",
    "check_extension",
    "create_extensions",
    "extension_statements",
    "forget_types",
    "read_extension",
]

# Django's CreateExtension asks first and creates nothing where there is one.
# Its text is pinned by test_extensions.py.
QUESTION = re.compile(r"FROM pg_extension WHERE extname = '((?:[^']|'')+)'")
# Words between the verb and the extension's name.
BETWEEN = ("extension", "on", "if", "not", "exists")


@dataclass(frozen=True)
class ExtensionSql:
    """What a statement wants of an extension.

    Attributes:
        verb: ``create``, ``drop``, ``alter`` or ``comment``.
        name: the extension's.
        version: the one asked for, empty without.
        is_for_all: whether all who use the database would feel it: dropping
            what depends on it, another version, other members.

    """

    verb: str
    name: str
    version: str = ""
    is_for_all: bool = False


def read_extension(statement: str) -> ExtensionSql | None:
    """Read one statement; None where it is not about an extension."""
    tokens = tokens_of(statement)
    words = [token.value for token in tokens[:3]]
    if "extension" not in words[1:2] and words != ["comment", "on", "extension"]:
        return None
    verb = words[0]
    if verb not in ("create", "drop", "alter", "comment"):
        return None
    rest = [token for token in tokens[1:] if token.kind in ("name", "word", "string")]
    while rest and rest[0].kind == "word" and rest[0].value in BETWEEN:
        rest.pop(0)
    if not rest:
        return None
    name, options = rest[0].value, rest[1:]
    changes = [option.value for option in options]
    return ExtensionSql(
        verb,
        name,
        version=_version(options) if verb == "create" else "",
        is_for_all=(verb == "drop" and "cascade" in changes)
        or (
            verb == "alter" and changes not in (["update"],) and "schema" not in changes
        ),
    )


def asked_for(text: str) -> str:
    """Return the extension that a query looks for, empty where it is another query."""
    found = QUESTION.search(text)
    return found[1].replace("''", "'") if found else ""


def extension_statements(
    names: Iterable[str], *, extensions_schema: str, version: str = ""
) -> list[sql.Composed]:
    """Return the SQL that makes sure of extensions in the shared schema.

    Creating one in two sessions at once fails, hence the lock, which lasts
    until the transaction ends. Who waited for it may still believe that there is
    no such schema, because a session hears of others' changes when it locks a
    table and not before; so that it is there already is no error.
    """
    schema = sql.Identifier(extensions_schema)
    lock = "SELECT pg_advisory_xact_lock(hashtext('django-schema-testing/extensions'))"
    statements = [
        sql.Composed([sql.SQL(lock)]),
        sql.SQL(
            "DO $create$ BEGIN CREATE SCHEMA IF NOT EXISTS {}; "
            "EXCEPTION WHEN unique_violation OR duplicate_schema THEN NULL; "
            "END $create$"
        ).format(schema),
    ]
    which = sql.SQL(" VERSION {}").format(version) if version else sql.SQL("")
    for name in names:
        statements.append(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}{} CASCADE").format(
                sql.Identifier(name), schema, which
            )
        )
    return statements


def create_extensions(
    session: psycopg.Connection[Any], names: Iterable[str], *, extensions_schema: str
) -> None:
    """Make sure of extensions in the shared schema, where there are ``names``."""
    if wanted := tuple(names):
        statements = extension_statements(wanted, extensions_schema=extensions_schema)
        with session.transaction():
            for statement in statements:
                session.execute(statement)


def forget_types() -> None:
    """Let Django ask anew for the numbers of the types that extensions bring.

    It asks once for each alias, when that is first connected: in a database that
    was new then, before the extension was there.
    """
    if apps.is_installed("django.contrib.postgres"):
        from django.contrib.postgres import signals

        oids: tuple[Any, ...] = (signals.get_hstore_oids, signals.get_citext_oids)
        for cached in oids:
            cached.cache_clear()


def check_extension(
    session: psycopg.Connection[Any], name: str, *, extensions_schema: str
) -> None:
    """Make sure that workers see an extension.

    Raises:
        SetupFailure: it is in a schema that is in no worker's path.

    """
    row = session.execute(
        "SELECT nspname, extrelocatable FROM pg_extension JOIN pg_namespace"
        " ON pg_namespace.oid = extnamespace WHERE extname = %s",
        [name],
    ).fetchone()
    if row is None or row[0] in (extensions_schema, "pg_catalog"):
        return
    # The shared schema comes with the first extension in it.
    mend = (
        f"-c 'CREATE SCHEMA IF NOT EXISTS \"{extensions_schema}\"' "
        f'-c \'ALTER EXTENSION "{name}" SET SCHEMA "{extensions_schema}"\''
        if row[1]
        else f"-c 'DROP EXTENSION \"{name}\" CASCADE'"
    )
    raise SetupFailure(
        f"The extension {name!r} of database {session.info.dbname!r} is in schema "
        f"{row[0]!r}, which no worker has in its path, and a database has one of "
        f"each, so no migration could use it. Next: `psql {session.info.dbname} "
        f"{mend}`."
    )


def _version(options: list[Token]) -> str:
    for option, value in pairwise(options):
        if option.kind == "word" and option.value == "version":
            return value.value
    return ""
