"""Queries of the catalog that also see what belongs to other workers.

All workers' schemas are in one database, so a query of ``pg_class`` by name
alone finds as many tables as there are workers. One that filters by schema, by
visibility on the search path or by an object's own number finds one.
"""

from __future__ import annotations

import re

__all__ = ["CATALOG", "asks_for_all_schemas", "asks_for_all_sessions"]

RELATIONS = (
    "attribute|class|constraint|depend|description|enum|index|indexes|inherits|matviews"
    "|namespace|policies|policy|proc|rules|sequence|sequences|statio_all_tables"
    "|statio_user_tables|stat_all_indexes|stat_all_tables|stat_user_functions"
    "|stat_user_indexes|stat_user_tables|stats|tables|trigger|type|views"
)
SESSIONS = "locks|stat_activity|stat_progress_\\w+|stat_replication"
# A view of the information schema, or a table of the catalog that is read.
SOURCE = r"(?:\b(?:FROM|JOIN|ONLY)|,)\s*(?:\(\s*)*"
CATALOG = re.compile(
    SOURCE + r"(?:\"?information_schema\"?\s*\.\s*\"?(?!sql_)\w+"
    rf"|(?:\"?pg_catalog\"?\s*\.\s*)?\"?pg_(?:{RELATIONS})\b(?!\"?\s*[.(]))",
    re.IGNORECASE,
)
SESSION_LIST = re.compile(
    SOURCE + rf"(?:\"?pg_catalog\"?\s*\.\s*)?\"?pg_(?:{SESSIONS})\b(?!\"?\s*[.(])",
    re.IGNORECASE,
)

NAME = r"(?:[\w$\"]+\s*\.\s*)*"
CONDITIONS = re.compile(r"\b(?:WHERE|ON|HAVING)\b", re.IGNORECASE)
# "Everything but" still means other workers' schemas and sessions.
EXCLUSION = re.compile(
    rf"""{NAME}[\w"]+ (?:\s*\(\s*\))? \s*
    (?: <> | != | !~~?\*?
      | \bNOT\s+(?:IN|I?LIKE|SIMILAR\s+TO)\b | \bIS\s+DISTINCT\s+FROM\b ) \s*
    (?: (?:ALL\s*)? \([^()]*\) | [\w"%.']+ (?:\(\s*\))? )""",
    re.VERBOSE | re.IGNORECASE,
)
SCHEMA = r"(?:\w*_schema|schema_?name|nspname|\w+namespace)"
# Two columns that are compared join tables; that filters nothing.
JOINED = re.compile(
    rf"{NAME}\"?(?:{SCHEMA}|oid)\"?\s*=\s*"
    rf"{NAME}\"?(?:{SCHEMA}|oid)\"?(?![\w(])"
    rf"|{NAME}\"?pid\"?\s*=\s*(?:[\w$\"]+\s*\.\s*)+\"?pid\b\"?",
    re.IGNORECASE,
)
SCHEMA_FILTER = re.compile(
    rf"""
      \bcurrent_schemas?\b
    | _is_visible\s*\(
    | ::\s*"?(?:pg_catalog"?\.)?"?reg\w+ | \bAS\s+reg\w+ | \bto_reg\w+\s*\(
    | \b{SCHEMA}"? \s* (?:=|~|\bIN\b|\bI?LIKE\b|\bSIMILAR\b)
    | (?:=|''|%s|%\(\w+\)s) \s*=\s* {NAME}"?{SCHEMA}\b
    | \b(?:oid|\w*relid|typid|\w+typid|classoid|objid|objoid)"?
      \s* (?:=|\bIN\b) \s* (?:ANY|%|\(|\d|'')
    """,
    re.VERBOSE | re.IGNORECASE,
)
SESSION_FILTER = re.compile(
    r"\bapplication_name\b|\bpid\b|\bpg_backend_pid\b|\bcurrent_schema\b"
    r"|::\s*\"?reg\w+|\b(?:objid|classid)\b",
    re.IGNORECASE,
)


def asks_for_all_schemas(bare: str) -> bool:
    """Tell whether a statement reads the catalog of other workers' schemas too.

    ``bare`` is one statement without comments and texts.
    """
    return CATALOG.search(bare) is not None and not SCHEMA_FILTER.search(
        _conditions(bare)
    )


def asks_for_all_sessions(bare: str) -> bool:
    """Tell whether a statement reads sessions or locks of other workers too.

    A filter by database is none: all workers are on one.
    """
    return SESSION_LIST.search(bare) is not None and not SESSION_FILTER.search(
        _conditions(bare)
    )


def _conditions(bare: str) -> str:
    """Return what a statement chooses by, without joins and exclusions."""
    start = CONDITIONS.search(bare)
    if start is None:
        return ""
    return EXCLUSION.sub(" ", JOINED.sub(" ", bare[start.start() :]))
