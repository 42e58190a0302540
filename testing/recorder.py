"""Recording what migrating executes, through Django's own seams.

An execute wrapper sees each statement; ``on_commit`` tells where transactions
ended, and its absence where they were rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from testing.journal import Journal, extension_statements
from testing.sql_tokens import names_schema

__all__ = ["Recorder"]

# Words before a parenthesis that change nothing when they are left out of a
# replay. A function that is not here may write, so its SELECT is kept.
PURE = re.compile(
    r"""(
    all|and|any|array|array_agg|array_length|array_position|array_remove|as|avg|by
    |case|cast|coalesce|col_description|count|current_database|current_schema
    |current_setting|distinct|else|exists|filter|format_type|from|generate_series
    |generate_subscripts|group|having|in|join|jsonb_agg|left|lower|max|min|not|now
    |obj_description|on|or|order|over|pg_get_constraintdef|pg_get_expr
    |pg_get_indexdef|pg_get_serial_sequence|pg_get_viewdef|pg_table_is_visible
    |pg_type_is_visible|quote_ident|regexp_replace|right|row_number|select|string_agg
    |substring|sum|then|to_regclass|union|unnest|upper|using|values|version|when
    |where|with
    )""",
    re.VERBOSE,
)
TEXT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
CALL = re.compile(r"([a-z_][a-z0-9_.]*)\s*\(", re.IGNORECASE)
CREATE_EXTENSION = re.compile(
    r"^\s*CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:\"([^\"]+)\"|([\w-]+))",
    re.IGNORECASE,
)


class Recorder:
    """Records what a connection executes, and redirects extensions.

    Use it as an execute wrapper of the connection, then call :meth:`finish`.
    """

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        *,
        fingerprint: str,
        extensions_schema: str,
    ) -> None:
        self.connection = connection
        self.extensions_schema = extensions_schema
        self.journal = Journal(fingerprint)
        self._open: list[str] | None = None
        self._token: Callable[[], None] | None = None

    def __call__(
        self,
        execute: Callable[..., Any],
        statement: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        """Execute one statement and record it; called by Django for each one."""
        if isinstance(statement, str) and (found := CREATE_EXTENSION.match(statement)):
            return self._create_extension(execute, found[1] or found[2], context)
        if many:
            # It may be an iterator, and is read twice.
            params = list(params)
        texts = self._texts(statement, params, many=many)
        for text in texts:
            self._look_for_public(text)
        self._look_for_rollback()
        self._look_for_begin()
        result = execute(statement, params, many, context)
        # Only what succeeded: a failed statement left nothing behind.
        for text in texts:
            if _may_write(text):
                self._record(text)
        return result

    def finish(self) -> Journal:
        """Return the journal."""
        self._look_for_rollback()
        return self.journal

    def _record(self, text: str) -> None:
        if self._open is not None:
            self._open.append(text)
        else:
            self.journal.transactions.append((True, [text]))

    def _look_for_begin(self) -> None:
        if self._open is not None:
            return
        if not self.connection.in_atomic_block:
            if not self.connection.get_autocommit():
                self.journal.refusal = "a migration ran its transactions by hand"
            return
        self._open = []

        def committed() -> None:
            if self._open:
                self.journal.transactions.append((False, self._open))
            self._open = self._token = None

        self._token = committed
        transaction.on_commit(committed, using=self.connection.alias)

    def _look_for_rollback(self) -> None:
        """Forget an open transaction whose commit will never be announced."""
        if self._open is not None and not any(
            entry[1] is self._token for entry in self.connection.run_on_commit
        ):
            self._open = self._token = None

    def _look_for_public(self, text: str) -> None:
        """Note the first statement that names public, also one that fails."""
        if not self.journal.names_public and names_schema(text, "public"):
            self.journal.names_public = text

    def _texts(self, statement: Any, params: Any, *, many: bool) -> list[str]:
        """Return the statements as texts; none where executing will fail anyway."""
        try:
            return [
                self._compose(statement, one) for one in (params if many else [params])
            ]
        except (psycopg.Error, TypeError, ValueError):
            return []

    def _compose(self, statement: Any, params: Any) -> str:
        cursor = psycopg.ClientCursor(self.connection.connection)
        if params is None:
            if isinstance(statement, sql.Composable):
                return statement.as_string(self.connection.connection)
            return str(statement)
        return cursor.mogrify(statement, params)

    def _create_extension(
        self, execute: Callable[..., Any], name: str, context: dict[str, Any]
    ) -> Any:
        """Create an extension in the schema that all workers share."""
        if name not in self.journal.extensions:
            self.journal.extensions.append(name)
        for statement in extension_statements(
            [name], extensions_schema=self.extensions_schema
        ):
            result = execute(statement, None, False, context)
        return result


def _may_write(text: str) -> bool:
    """Tell whether leaving a statement out of a replay could change the outcome."""
    bare = TEXT.sub("''", text).strip().lower()
    first = bare.split(None, 1)[0] if bare else ""
    if first in ("show", "explain", ""):
        return False
    if first not in ("select", "with"):
        return True
    if re.search(r"\b(insert|update|delete|into)\b", bare) and "for update" not in bare:
        return True
    calls = (call.rsplit(".", 1)[-1] for call in CALL.findall(bare))
    return any(PURE.fullmatch(call) is None for call in calls)
