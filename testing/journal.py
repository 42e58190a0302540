"""The journal: the SQL that migrating really executed, to build the next schema from.

Replaying sends each transaction in one round trip and needs no Python of the
migrations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from testing.catalog import compare_digests
from testing.json_file import write_whole

__all__ = ["Journal", "JournalStore"]

JOURNALS_KEPT = 5
# Settings that a session was given after it had started, its role among them.
OWN_SETTINGS = """
SELECT name, setting FROM pg_settings WHERE source = 'session'
UNION ALL SELECT 'role', current_setting('role')
"""
FORGET_SETTINGS = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; DISCARD TEMP"


@dataclass
class Journal:
    """What migrating one database executed.

    Attributes:
        fingerprint: what it was recorded under.
        transactions: the statements of each transaction, in order; a
            transaction of one statement that ran by itself is marked alone.
        extensions: names of the extensions that must exist before.
        digest: hash of the catalog and rows of the schema it was recorded on.
        verified: a replay was compared with that digest and was equal.
        refusal: why a replay cannot stand for migrating, empty when it can.
        names_public: the first statement, read or write, that names the
            schema ``public``, empty when none does. On any other schema it
            may do something else than where a project's tables are in public.
        reaches_beyond: the first statement that makes or changes what all
            schemas of a database share (a role, a schema, an event trigger),
            empty when none does. Workers beside each other would collide.
        no_schema: why no schema can do, found before anything was executed, empty
            where nothing was. Such a journal is not for keeping: the next run asks.

    """

    fingerprint: str
    transactions: list[tuple[bool, list[str]]] = field(default_factory=list)
    extensions: list[str] = field(default_factory=list)
    digest: str = ""
    verified: bool = False
    refusal: str = ""
    names_public: str = ""
    reaches_beyond: str = ""
    no_schema: str = ""

    @property
    def needs_database(self) -> str:
        """Why each worker needs a database of its own, empty where a schema does."""
        for what, statement in (
            ("names the schema public", self.names_public),
            ("changes what the schemas of a database share", self.reaches_beyond),
        ):
            if statement:
                return f"a migration {what}: {' '.join(statement.split())[:160]}"
        return self.no_schema

    def replay(self, session: psycopg.Connection[Any]) -> None:
        """Execute everything on ``session``, which is in autocommit.

        What the statements set or leave in the session itself (a path, a role, a
        temporary table) is gone afterwards, as migrating's own session is.
        """
        settings = session.execute(OWN_SETTINGS).fetchall()
        for is_alone, statements in self.transactions:
            # A line of its own: a statement may end in a comment.
            body = "\n;\n".join(statements)
            session.execute(body if is_alone else f"BEGIN;\n{body}\n;\nCOMMIT")
        session.execute(FORGET_SETTINGS)
        for name, value in settings:
            session.execute("SELECT set_config(%s, %s, false)", [name, value])

    def compare(self, digest: str) -> None:
        """Vouch for a replay that gave ``digest``, or refuse where it differs."""
        different = compare_digests(self.digest, digest)
        if different:
            kinds = ", ".join(different[:3]) + (" and more" * (len(different) > 3))
            self.refusal = f"its replay differs from what migrating gave in: {kinds}"
        else:
            self.verified = True

    def check_names(self, *, schema: str) -> None:
        """Refuse to stand for migrating when a statement names the recorded schema."""
        name = re.compile(rf"\b{re.escape(schema)}\b")
        for _, statements in self.transactions:
            for statement in statements:
                if name.search(statement):
                    self.refusal = (
                        f"a migration wrote the schema's name into: {statement[:120]}"
                    )
                    return


class JournalStore:
    """Journals on disk, one file for each database and fingerprint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, *, alias: str, fingerprint: str) -> Journal | None:
        """Return the journal recorded under ``fingerprint``, None if there is none."""
        try:
            content = json.loads(self._path(alias, fingerprint).read_text())
            journal = Journal(**content)
            journal.transactions = [
                (alone, lines) for alone, lines in journal.transactions
            ]
        except (OSError, ValueError, TypeError):
            # Missing, cut off or of another version: migrating makes a new one.
            return None
        return journal if journal.fingerprint == fingerprint else None

    def save(self, *, alias: str, journal: Journal) -> None:
        """Write a journal so that no reader ever sees half of it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n")
        write_whole(self._path(alias, journal.fingerprint), asdict(journal))
        self._forget_old(alias)

    def _path(self, alias: str, fingerprint: str) -> Path:
        return self.folder / f"journal-{alias}-{fingerprint[:16]}.json"

    def _forget_old(self, alias: str) -> None:
        paths: Sequence[Path] = sorted(
            self.folder.glob(f"journal-{alias}-*.json"),
            key=lambda path: path.stat().st_mtime,
        )
        for path in paths[:-JOURNALS_KEPT]:
            path.unlink(missing_ok=True)
