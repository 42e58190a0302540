"""Building a leased place, the cheapest way that gives what migrating would give."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import psycopg

from testing.catalog import digest_of
from testing.clones import CloneLease
from testing.extensions import create_extensions
from testing.journal import Journal, JournalStore
from testing.marks import Mark
from testing.migration import migrate
from testing.preparation import Plan
from testing.recorder import Recorder
from testing.schemas import Lease
from testing.templates import Template

__all__ = ["Build", "build_clone", "build_schema"]

# Schemas of a clone with tables of the project's, beside the one that is reset.
FURTHER_SCHEMAS = """
SELECT DISTINCT nspname FROM pg_namespace n JOIN pg_class c ON relnamespace = n.oid
WHERE relkind IN ('r', 'p') AND nspname <> 'public'
      AND nspname !~ '^pg_' AND nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
                      AND objid = c.oid AND deptype = 'e')
ORDER BY 1
"""


@dataclass(frozen=True)
class Build:
    """How one place came to be.

    ``schema`` is the name of the schema or of the database. ``way`` is
    ``kept``, ``recorded`` (the parent has migrated it), ``replayed``,
    ``migrated`` or ``cloned``; ``note`` says why, where that is no matter of
    course.
    """

    alias: str
    schema: str
    way: str
    note: str = ""


def build_schema(lease: Lease, *, journal: Journal, plan: Plan, alias: str) -> Build:
    """Bring a leased schema to the state the fingerprint names.

    The connections of its aliases lead to it already.
    """
    if way := _found(lease, journal=journal, plan=plan):
        return Build(alias, lease.schema, way)
    lease.drop()
    lease.create(fingerprint=journal.fingerprint)
    if journal.refusal:
        # Nothing is recorded for later; the recorder redirects extensions.
        recorder = Recorder(
            lease.connection,
            fingerprint=journal.fingerprint,
            extensions_schema=plan.engine.extensions_schema,
        )
        with lease.connection.execute_wrapper(recorder):
            migrate(lease.connection, verbosity=0)
        return Build(alias, lease.schema, "migrated", journal.refusal)
    create_extensions(
        lease.session,
        journal.extensions,
        extensions_schema=plan.engine.extensions_schema,
    )
    try:
        journal.replay(lease.session)
    except psycopg.Error as error:
        lease.session.rollback()
        journal.refusal = f"its replay failed: {str(error).splitlines()[0]}"
    if not journal.verified and not journal.refusal:
        _compare(lease, journal=journal, store=JournalStore(plan.engine.journal_dir))
    if journal.refusal:
        return build_schema(lease, journal=journal, plan=plan, alias=alias)
    return Build(alias, lease.schema, "replayed")


def build_clone(lease: CloneLease, *, journal: Journal, plan: Plan) -> Build:
    """Bring a leased database to the state the fingerprint names, and open it.

    The connections of its aliases still lead to the test database: where no
    template is left, this process migrates one.
    """
    alias = lease.connection.alias
    way = "kept"
    if not plan.keepdb or lease.mark() != Mark(journal.fingerprint, "ready"):
        way = "cloned"
        lease.drop()
        template = Template(
            lease.connection,
            lease.lock,
            prefix=plan.slot_prefix,
            fingerprint=journal.fingerprint,
        )
        lease.create(
            template=template.hold(verbosity=0), fingerprint=journal.fingerprint
        )
        template.release()
    lease.open()
    others = [schema for (schema,) in lease.session.execute(FURTHER_SCHEMAS)]
    note = f"tables in {', '.join(others)} are not reset between tests"
    return Build(alias, lease.name, way, note if others else "")


def _found(lease: Lease, *, journal: Journal, plan: Plan) -> str:
    """Say how a schema that needs no building came to be, empty without one."""
    mark = lease.mark()
    if plan.keepdb and mark == Mark(journal.fingerprint, "ready"):
        return "kept"
    if mark == Mark(journal.fingerprint, "recorded"):
        digest = digest_of(lease.session, schema=lease.schema)
        return "recorded" if digest == journal.digest else ""
    return ""


def _compare(lease: Lease, *, journal: Journal, store: JournalStore) -> None:
    """Compare the first replay with the schema that was migrated."""
    journal.compare(digest_of(lease.session, schema=lease.schema))
    # A read-only checkout compares again each time.
    with contextlib.suppress(OSError):
        store.save(alias=lease.connection.alias, journal=journal)
