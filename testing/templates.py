"""Templates: databases that were migrated once, from which clones are made.

Whoever uses a template holds a shared lock on its name in the test database;
whoever builds one holds it alone. Runs of different fingerprints at the same
time have templates of their own; the next run uses them again.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from testing.errors import SetupFailure
from testing.marks import Mark, lock_key
from testing.migration import migrate
from testing.own_databases import (
    create_marked,
    database_exists,
    database_mark,
    drop_marked,
    own_database_name,
    set_database_mark,
    try_lock,
    unlock,
)
from testing.schemas import use_schema

__all__ = ["Template"]

MOST_TEMPLATES = 8
# How often a name is looked at that others lock, before the next one is tried.
MOST_LOOKS = 50


class Template:
    """A migrated database, held for as long as ``session`` lives.

    ``session`` is one in the test database; ``connection`` leads to it too, and
    for the time of migrating to the template.
    """

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        session: psycopg.Connection[Any],
        *,
        prefix: str,
        fingerprint: str,
    ) -> None:
        self.connection = connection
        self.session = session
        self.prefix = prefix
        self.ready = Mark(fingerprint, "ready")
        self.name = ""
        self.was_built = False

    def hold(self, *, verbosity: int) -> str:
        """Find the template of this fingerprint or build it; returns its name.

        Raises:
            SetupFailure: the role may not create databases, or too many runs of
                different fingerprints are going on.

        """
        for number in range(1, MOST_TEMPLATES + 1):
            last = "template" if number == 1 else f"template{number}"
            self.name = own_database_name(
                home=self.session.info.dbname, prefix=self.prefix, last=last
            )
            if self._hold(verbosity=verbosity):
                return self.name
        raise SetupFailure(
            f"All {MOST_TEMPLATES} template databases up to {self.name!r} are in use "
            "by runs with other migrations or are somebody else's, so clones cannot "
            "be made. Next: wait for those runs to end, or drop what is not a "
            "template of the engine's."
        )

    def release(self) -> None:
        """Let others build it anew."""
        unlock(self.session, name=self.name, shared=True)

    def _hold(self, *, verbosity: int) -> bool:
        """Hold the template of this name; tells whether it is, or could be made, ours.

        Waits for somebody who is building it: likely for the same fingerprint.
        """
        for _ in range(MOST_LOOKS):
            if self._is_foreign():
                return False
            self._lock_shared()
            if self._mark() == self.ready:
                return True
            unlock(self.session, name=self.name, shared=True)
            if try_lock(self.session, name=self.name):
                try:
                    if self._is_foreign():
                        return False
                    if self._mark() != self.ready:
                        self._build(verbosity=verbosity)
                    # Both locks at once, so that nobody comes in between.
                    self._lock_shared()
                finally:
                    unlock(self.session, name=self.name)
                return True
            if try_lock(self.session, name=self.name, shared=True):
                # Nobody builds: others hold it, for their own fingerprint or ours.
                mark = self._mark()
                if mark == self.ready:
                    return True
                unlock(self.session, name=self.name, shared=True)
                if mark is not None:
                    return False
                # What is not there was swept just now: its name is free again.
        return False

    def _build(self, *, verbosity: int) -> None:
        """Migrate for real in an empty database of this name."""
        # Its sessions are refused by now; dropping does not need any.
        drop_marked(self.session, name=self.name)
        create_marked(
            self.session,
            name=self.name,
            template=self.connection.settings_dict["TEST"].get("TEMPLATE") or "",
            fingerprint=self.ready.fingerprint,
        )
        settings = self.connection.settings_dict
        before = settings["NAME"], dict(settings["OPTIONS"])
        # No search path of a worker's, only what the project itself gives.
        use_schema(self.connection, options="-c synchronous_commit=off")
        settings["NAME"] = self.name
        try:
            migrate(self.connection, verbosity=verbosity)
        finally:
            self.connection.close()
            self.connection.close_pool()  # type: ignore[attr-defined]
            settings["NAME"], settings["OPTIONS"] = before
        # A session in a template would stand in the way of every copy.
        self.session.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(
                sql.Identifier(self.name)
            )
        )
        set_database_mark(
            self.session,
            name=self.name,
            fingerprint=self.ready.fingerprint,
            state=self.ready.state,
        )
        self.was_built = True

    def _is_foreign(self) -> bool:
        return database_exists(self.session, name=self.name) and self._mark() is None

    def _mark(self) -> Mark | None:
        return database_mark(self.session, name=self.name)

    def _lock_shared(self) -> None:
        self.session.execute(
            "SELECT pg_advisory_lock_shared(%s)", [lock_key(f"database {self.name}")]
        )
