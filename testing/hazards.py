"""SQL whose effect a schema does not keep to itself, known by its text.

:func:`find_hazards` answers which kinds of such effects a statement has. It
works on text alone: what a function or trigger of the database does when it is
called is known only where its body is in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from testing.bare_sql import BareSql, bare_sql
from testing.catalog_queries import (
    CATALOG,
    asks_for_all_schemas,
    asks_for_all_sessions,
)
from testing.sql_tokens import names_schema

__all__ = [
    "KINDS",
    "Kind",
    "depends_on_values",
    "find_hazards",
    "may_be_hazard",
    "shortened",
]

LONGEST_SHOWN = 120


@dataclass(frozen=True)
class Kind:
    """One kind of hazard.

    Attributes:
        reach: what is shared, to be read after the kind's name.
        is_per_database: a worker with a database of its own is safe.
        remedy: another way out than to run alone, empty without one.
        is_safe_alone: a test that runs alone does what it would do without schemas.

    """

    reach: str
    is_per_database: bool = True
    remedy: str = ""
    is_safe_alone: bool = True


KINDS = {
    "advisory lock": Kind("locks are shared by all sessions of the database"),
    "notification": Kind("channels are shared by all sessions of the database"),
    "public": Kind(
        "the schema public is nobody's own, and no worker's tables are in it",
        remedy="name the table without a schema",
        is_safe_alone=False,
    ),
    "role": Kind("roles are shared by the whole server", is_per_database=False),
    "server": Kind("the whole server changes", is_per_database=False),
    "database": Kind(
        "databases and tablespaces are shared by the whole server",
        is_per_database=False,
    ),
    "large object": Kind("large objects are in no schema, so no reset removes them"),
    "extension": Kind(
        "all workers of the database share one",
        remedy="create it in a migration, where the engine shares it",
    ),
    "event trigger": Kind("it fires for all sessions of the database"),
    "global object": Kind(
        "it is in no worker's schema, so others meet it and no reset removes it"
    ),
    "search path": Kind(
        "the session leaves its worker's schema",
        remedy="leave the search path as it is",
    ),
    "session": Kind(
        "sessions of other workers may be ended too",
        is_per_database=False,
        remedy="choose sessions by application_name, which differs by worker",
    ),
    "catalog": Kind(
        "it finds what is in the schemas of all workers",
        remedy="filter by current_schema() or pg_table_is_visible(oid)",
    ),
    "activity": Kind(
        "it finds the sessions and locks of all workers",
        is_per_database=False,
        remedy="filter by pid or by application_name, which differs by worker",
    ),
    "prepared transaction": Kind(
        "its name and its locks outlive session and reset", is_per_database=False
    ),
}

# Statements that begin otherwise are looked at closely.
USUAL_BEGINNINGS = (
    "select",
    "insert",
    "update",
    "delete",
    "with",
    "(",
    "savepoint",
    "release",
    "rollback to",
)

# Where a statement begins, also in a program.
BEGIN = r"(?:\A|;|\b(?:BEGIN|THEN|ELSE|LOOP)\b|\bDO\s+(?:ALSO|INSTEAD)\b)\s*"
CALL = r"(?<![\w$.\"])(?:\"?pg_catalog\"?\s*\.\s*)?\"?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "advisory lock",
        _pattern(CALL + r"pg_(?:try_)?advisory_(?:xact_)?(?:un)?lock\w*\"?\s*\("),
    ),
    ("notification", _pattern(CALL + r"pg_notify\"?\s*\(")),
    (
        "notification",
        _pattern(BEGIN + r"(?:NOTIFY\s+[\w\"%]|(?:UN)?LISTEN\s+[\w\"*])"),
    ),
    (
        "role",
        _pattern(
            BEGIN + r"(?:(?:CREATE|ALTER|DROP)\s+(?:ROLE|GROUP|USER(?!\s+MAPPING))\b"
            r"|(?:REASSIGN|DROP)\s+OWNED\b"
            r"|ALTER\s+DEFAULT\s+PRIVILEGES\b(?![^;]*\bIN\s+SCHEMA\b)"
            r"|(?:GRANT|REVOKE)\b(?![^;]*\sON\s))"
        ),
    ),
    ("server", _pattern(BEGIN + r"ALTER\s+SYSTEM\b")),
    ("server", _pattern(CALL + r"pg_(?:reload_conf|rotate_logfile)\"?\s*\(")),
    (
        "database",
        _pattern(
            BEGIN + r"(?:(?:CREATE|ALTER|DROP|COMMENT\s+ON)\s+(?:DATABASE|TABLESPACE)\b"
            r"|(?:GRANT|REVOKE)\b[^;]*\sON\s+(?:DATABASE|TABLESPACE|PARAMETER)\b)"
        ),
    ),
    (
        "large object",
        _pattern(
            CALL + r"(?:lo_(?:creat|create|export|from_bytea|get|import|lseek(?:64)?"
            r"|manage|open|put|tell(?:64)?|truncate(?:64)?|unlink)|loread|lowrite)"
            r"\"?\s*\("
        ),
    ),
    (
        "large object",
        _pattern(
            r"\bpg_largeobject(?:_metadata)?\b|" + BEGIN + r"[^;]*?\bLARGE\s+OBJECT\b"
        ),
    ),
    ("extension", _pattern(BEGIN + r"(?:CREATE|ALTER|DROP)\s+EXTENSION\b")),
    ("event trigger", _pattern(BEGIN + r"(?:CREATE|ALTER|DROP)\s+EVENT\s+TRIGGER\b")),
    (
        "global object",
        _pattern(
            BEGIN + r"(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:TRUSTED\s+)?"
            r"(?:PROCEDURAL\s+)?(?:SCHEMA|PUBLICATION|SUBSCRIPTION|SERVER|CAST|LANGUAGE"
            r"|TRANSFORM|FOREIGN\s+DATA\s+WRAPPER|ACCESS\s+METHOD)\b"
        ),
    ),
    (
        "search path",
        _pattern(
            BEGIN + r"(?:SET\s+(?:SESSION\s+|LOCAL\s+)?(?:\"?search_path\"?|SCHEMA)\b"
            r"|RESET\s+\"?search_path\b)"
        ),
    ),
    ("session", _pattern(CALL + r"pg_(?:terminate|cancel)_backend\"?\s*\(")),
    (
        "prepared transaction",
        _pattern(BEGIN + r"(?:PREPARE\s+TRANSACTION\b|(?:COMMIT|ROLLBACK)\s+PREPARED)"),
    ),
)
# ``public`` may be a table or another name for one.
TABLE_PUBLIC = _pattern(
    r"\b(?:AS|FROM|JOIN|INTO|UPDATE|TABLE|ONLY)\s+"
    r"(?:\"public\"|public\b(?!\"))(?!\s*\.)"
)
SET_CONFIG = _pattern(CALL + r"set_config\"?\s*\(\s*(?:''|%|\$)")
# What takes the name of a relation as text.
BY_NAME = _pattern(
    r"::\s*\"?(?:pg_catalog\"?\.)?\"?reg|\bAS\s+reg|\bto_reg\w+\s*\("
    r"|\b(?:nextval|setval|currval|pg_\w*(?:size|sequence|filepath)\w*)\s*\("
    r"|search_path"
)
NAME_IN_PUBLIC = re.compile(r"\s*\"?public\"?\s*\.\s*[\w\"]+")


def may_be_hazard(sql: str) -> bool:
    """Tell quickly whether a statement has to be looked at closely.

    Plain searches for a few words take 1.5 µs for a usual query; one regular
    expression with the same words takes thirty times as long.
    """
    text = sql.lower()
    return (
        "pg_" in text
        or "public" in text
        or "lo_" in text
        or "information_schema" in text
        or "set_config" in text
        or "to_reg" in text
        or "::reg" in text
        or ";" in text
        or not text.startswith(USUAL_BEGINNINGS)
    )


def find_hazards(sql: str, params: Any = None) -> list[str]:
    """Return the kinds of what a statement does that a schema does not isolate.

    ``params`` are the values that go with it, which may name ``public``.
    """
    if not may_be_hazard(sql):
        return []
    given = [value for value in _values(params) if isinstance(value, str)]
    kinds: dict[str, None] = {}
    bare = bare_sql(sql)
    for part in bare.parts():
        kinds |= dict.fromkeys(_kinds_of(part, given))
    if _names_public(sql, bare.text, given):
        kinds["public"] = None
    return list(kinds)


def depends_on_values(sql: str) -> bool:
    """Tell whether the values that go with a statement may make it a hazard."""
    return any(
        pattern.search(sql) is not None for pattern in (CATALOG, BY_NAME, SET_CONFIG)
    )


def shortened(sql: str) -> str:
    """Return a statement as one short line, without passwords."""
    line = re.sub(r"(?i)(\bPASSWORD\s+)'[^']*'", r"\1'***'", " ".join(sql.split()))
    if len(line) <= LONGEST_SHOWN:
        return line
    return line[: LONGEST_SHOWN - 1].rstrip() + "…"


def _kinds_of(part: BareSql, given: Sequence[str]) -> Iterable[str]:
    bare = part.text
    for kind, pattern in PATTERNS:
        if pattern.search(bare):
            yield kind
    for statement in bare.split(";"):
        if asks_for_all_schemas(statement):
            yield "catalog"
        if asks_for_all_sessions(statement):
            yield "activity"
    if SET_CONFIG.search(bare) and "search_path" in [*part.literals, *given]:
        yield "search path"


def _names_public(sql: str, bare: str, given: Sequence[str]) -> bool:
    if names_schema(sql, "public") and not TABLE_PUBLIC.search(bare):
        return True
    if "public" in given and CATALOG.search(bare):
        return True
    return BY_NAME.search(bare) is not None and any(
        NAME_IN_PUBLIC.fullmatch(value) for value in given
    )


def _values(params: Any) -> list[Any]:
    if isinstance(params, dict):
        return list(params.values())
    if not isinstance(params, list | tuple):
        return []
    # Lists for ANY(%s) and the rows of executemany.
    flat: list[Any] = []
    for value in params:
        flat += _values(value) if isinstance(value, list | tuple | dict) else [value]
    return flat
