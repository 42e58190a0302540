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

from testing.extensions import (
    ExtensionSql,
    asked_for,
    check_extension,
    extension_statements,
    read_extension,
)
from testing.journal import Journal
from testing.shared_objects import reaches_beyond
from testing.sql_tokens import names_schema, split_statements

__all__ = ["Recorder"]

# Words before a parenthesis that change nothing when they are left out of a
# replay. A function that is not here may write, so its SELECT is kept.
PURE = re.compile(
    r"""(
    all|and|any|array|array_agg|array_length|array_position|array_remove|as|avg|by
    |case|cast|coalesce|col_description|count|current_database|current_schema
    |current_setting|distinct|else|exists|filter|format_type|from|generate_series
    |generate_subscripts|group|having|in|join|jsonb_agg|left|lower|max|min|not|now
    |obj_description|on|or|order|over|pg_advisory_lock|pg_advisory_unlock
    |pg_advisory_xact_lock|pg_get_constraintdef|pg_get_expr
    |pg_get_indexdef|pg_get_serial_sequence|pg_get_viewdef|pg_sleep|pg_table_is_visible
    |pg_try_advisory_lock|pg_try_advisory_xact_lock|pg_type_is_visible|quote_ident|regexp_replace|right|row_number|select|string_agg
    |substring|sum|then|to_regclass|union|unnest|upper|using|values|version|when
    |where|with
    )""",
    re.VERBOSE,
)
TEXT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
CALL = re.compile(r"([a-z_][a-z0-9_.]*)\s*\(", re.IGNORECASE)


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
        if not many and (parts := self._about_extensions(statement, params)):
            results = [self._take_part(execute, part, context) for part in parts]
            return results[-1]
        if many:
            # It may be an iterator, and is read twice.
            params = list(params)
        texts = self._texts(statement, params, many=many)
        for text in texts:
            self._look_around(text)
        self._look_for_rollback()
        self._look_for_begin()
        result = execute(statement, params, many, context)
        # Only what succeeded: a failed statement left nothing behind.
        for text in texts:
            if _may_write(text):
                self._record(text)
            elif name := asked_for(text):
                self._note_extension(name)
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

    def _look_around(self, text: str) -> None:
        """Note the first statements that leave the schema, also ones that fail."""
        journal = self.journal
        if not journal.names_public and names_schema(text, "public"):
            journal.names_public = text
        if not journal.reaches_beyond and reaches_beyond(text):
            journal.reaches_beyond = text

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

    def _about_extensions(self, statement: Any, params: Any) -> list[str]:
        """Return the statements in a text that speaks of extensions, else nothing."""
        texts = self._texts(statement, params, many=False)
        if not texts or "extension" not in texts[0].lower():
            return []
        parts = split_statements(texts[0])
        return parts if any(map(read_extension, parts)) else []

    def _take_part(
        self, execute: Callable[..., Any], part: str, context: dict[str, Any]
    ) -> Any:
        found = read_extension(part)
        if found is None:
            return self(execute, part, None, False, context)
        if found.is_for_all:
            self.journal.reaches_beyond = self.journal.reaches_beyond or part
            return self._execute_and_record(execute, part, context)
        if found.verb == "create":
            return self._create_extension(execute, found, context)
        if found.verb == "drop" or "schema" in part.lower():
            # Other workers use it, from the schema where it is.
            return None
        return execute(part, None, False, context)

    def _execute_and_record(
        self, execute: Callable[..., Any], text: str, context: dict[str, Any]
    ) -> Any:
        self._look_for_rollback()
        self._look_for_begin()
        result = execute(text, None, False, context)
        self._record(text)
        return result

    def _create_extension(
        self, execute: Callable[..., Any], wanted: ExtensionSql, context: dict[str, Any]
    ) -> Any:
        """Create an extension in the schema that all workers share."""
        if wanted.version:
            self.journal.refusal = (
                f"a migration asks for version {wanted.version} of {wanted.name}"
            )
        statements = extension_statements(
            [wanted.name],
            extensions_schema=self.extensions_schema,
            version=wanted.version,
        )
        # One round trip is one transaction, which keeps the lock to its end.
        text = ";".join(one.as_string(None) for one in statements)
        result = execute(text, None, False, context)
        self._note_extension(wanted.name)
        return result

    def _note_extension(self, name: str) -> None:
        """Keep that the migrations count on an extension, which must be in sight."""
        session = self.connection.connection
        check_extension(session, name, extensions_schema=self.extensions_schema)
        found = session.execute("SELECT 1 FROM pg_extension WHERE extname = %s", [name])
        if found.fetchone() and name not in self.journal.extensions:
            self.journal.extensions.append(name)


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
