"""Watches what tests send for statements that a schema does not isolate.

The cursors of each connection of the process look at each statement, through
psycopg's seam for that, ``cursor_factory``: an execute wrapper of Django's would
be seen by tests that count those. Texts that were in order are remembered, so
that a statement that was seen before costs a look into a set. Not seen are
statements of a connection that tests make by themselves, and COPY.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from testing.call_stack import Test, present_test, sender_of
from testing.conf import EngineSettings
from testing.hazard_report import Finding, HazardReport, advice_of, is_accepted
from testing.hazards import (
    KINDS,
    depends_on_values,
    find_hazards,
    may_be_hazard,
    shortened,
)
from testing.occupancy import works_on_clones

__all__ = ["HazardError", "HazardWatch", "collecting", "watching"]

# Texts that were in order are remembered, up to so many; long ones would take
# memory.
REMEMBERED = 5000
LONGEST = 4000
# Django's own for savepoints; each has a name of its own, which it makes up.
SAVEPOINTS = ('SAVEPOINT "s', 'RELEASE SAVEPOINT "s', 'ROLLBACK TO SAVEPOINT "s')


class HazardError(AssertionError):
    """A test sent what a schema does not isolate, and that is forbidden."""


@dataclass(eq=False)
class HazardWatch:
    """Watches the connections of this process between :meth:`begin` and :meth:`end`.

    Attributes:
        engine: what the project's settings say about hazards.
        test: tells which test runs now.
        owns_database: tells whether this process works on databases of its
            own now, where some kinds are no hazard.

    """

    engine: EngineSettings = field(repr=False)
    test: Callable[[], Test] = present_test
    owns_database: Callable[[], bool] = works_on_clones
    _found: dict[tuple[str, ...], Finding] = field(default_factory=dict, repr=False)
    _told: set[tuple[str, ...]] = field(default_factory=set, repr=False)
    _clean: set[str] = field(default_factory=set, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    # For each class of cursors, the one that watches, and back.
    _watching: dict[Any, Any] = field(default_factory=dict, repr=False)
    _plain: dict[Any, Any] = field(default_factory=dict, repr=False)
    _sessions: weakref.WeakSet[Any] = field(default_factory=weakref.WeakSet, repr=False)

    def begin(self) -> None:
        """Watch the connections there are and those to come, in all threads."""
        if self.engine.hazards == "off":
            return
        connection_created.connect(self._connected)
        for connection in connections.all(initialized_only=True):
            self._watch(connection)

    def end(self) -> None:
        """Watch no longer."""
        connection_created.disconnect(self._connected)
        for session in list(self._sessions):
            factory = session.cursor_factory
            session.cursor_factory = self._plain.get(factory, factory)
        self._sessions.clear()

    def take(self) -> list[Finding]:
        """Return what was found since the last call: plain data, each thing once."""
        with self._lock:
            found, self._found = self._found, {}
            self._told |= found.keys()
        return list(found.values())

    def look(self, statement: Any, params: Any, session: Any) -> None:
        """Look at a statement that is about to be sent.

        Raises:
            HazardError: it is a hazard, and hazards are forbidden.

        """
        if statement.__class__ is not str or not (
            statement in self._clean or statement.startswith(SAVEPOINTS)
        ):
            self._look(statement, params, session)

    def _look(self, statement: Any, params: Any, session: Any) -> None:
        text = _text_of(statement, session)
        if may_be_hazard(text):
            if kinds := find_hazards(text, params):
                self._tell(kinds, text)
                return
            if params and depends_on_values(text):
                return
        if len(text) <= LONGEST and statement is text:
            if len(self._clean) >= REMEMBERED:
                self._clean.clear()
            self._clean.add(text)

    def _tell(self, kinds: list[str], text: str) -> None:
        """Note a hazard with who sent it, unless it is in order.

        Raises:
            HazardError: hazards are forbidden.

        """
        sender = sender_of(sys._getframe(4), project=self.engine.project_dir)  # noqa: SLF001 - documented in sys
        if sender is None:
            return
        test = self.test()
        is_own = self.owns_database()
        # Without a database of its own such a test runs alone.
        if test.is_serial or (test.wants_database and not is_own):
            return
        for kind in kinds:
            finding = Finding(
                hazard=kind,
                statement=shortened(text),
                path=sender.path,
                line=sender.line,
                package=sender.package,
                test=test.name,
            )
            is_safe = is_own and KINDS[kind].is_per_database
            if is_safe or is_accepted(finding, self.engine.hazards_accepted):
                continue
            with self._lock:
                if finding.identity not in self._told:
                    self._found.setdefault(finding.identity, finding)
            if self.engine.hazards == "error":
                raise HazardError(_message(finding))

    def _connected(self, *, connection: BaseDatabaseWrapper, **_: Any) -> None:
        # A copy is made by tests of what connections are like.
        if connection in connections.all(initialized_only=True):
            self._watch(connection)

    def _watch(self, connection: BaseDatabaseWrapper) -> None:
        session: Any = connection.connection
        if connection.vendor != "postgresql" or session is None:
            return
        # A session out of a pool may be watched already.
        if (factory := session.cursor_factory) not in self._plain:
            session.cursor_factory = self._watching_class(factory)
        self._sessions.add(session)

    def _watching_class(self, plain: Any) -> Any:
        """Return a class of cursors that look at what they send."""
        if plain in self._watching:
            return self._watching[plain]
        watch = self

        class Watching(plain):  # type: ignore[misc]
            def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
                watch.look(query, params, self.connection)
                return super().execute(query, params, **options)

            def executemany(self, query: Any, params_seq: Any, **options: Any) -> Any:
                watch.look(query, None, self.connection)
                return super().executemany(query, params_seq, **options)

        Watching.__name__ = plain.__name__
        Watching.__qualname__ = plain.__qualname__
        self._watching[plain] = Watching
        self._plain[Watching] = plain
        return Watching


@contextmanager
def watching(watch: HazardWatch) -> Iterator[HazardWatch]:
    """Watch while the block runs."""
    watch.begin()
    try:
        yield watch
    finally:
        watch.end()


@contextmanager
def collecting(report: HazardReport) -> Iterator[None]:
    """Watch this process while the block runs, and add what is found."""
    with watching(HazardWatch(EngineSettings.load())) as watch:
        try:
            yield
        finally:
            report.add(watch.take())


def _text_of(statement: Any, session: Any) -> str:
    if isinstance(statement, str):
        return statement
    if isinstance(statement, bytes):
        return statement.decode(errors="replace")
    # A composition of psycopg's ``sql``.
    return str(statement.as_string(session))


def _message(finding: Finding) -> str:
    return (
        f"{finding.test} sends {finding.statement!r} at {finding.place}: "
        f"{finding.hazard}, {KINDS[finding.hazard].reach}. TESTING['HAZARDS'] is "
        f"'error', so the test fails. Next: {advice_of(finding.hazard)}, or add "
        f"'{finding.hazard}: {finding.path}' to TESTING['HAZARDS_ACCEPTED']."
    )
