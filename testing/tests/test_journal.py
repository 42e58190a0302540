"""The journal: kept on disk, replayed, and refused when it cannot be trusted."""

import json
import os

from testing.extensions import extension_statements
from testing.journal import JOURNALS_KEPT, Journal, JournalStore
from testing.tests.probe import (
    ProbeCase,
    database_name,
    extensions,
    need_right,
    some_extension,
    superuser_database,
)


def journal(fingerprint="f" * 64):
    return Journal(
        fingerprint,
        transactions=[(False, ["SELECT 1", "SELECT 'ü %s'"]), (True, ["VACUUM"])],
        extensions=["vector"],
        digest="d",
        verified=True,
    )


class StoreTests(ProbeCase):
    def setUp(self):
        super().setUp()
        self.place = self.folder() / "journals"
        self.store = JournalStore(self.place)

    def load(self, fingerprint="f" * 64):
        return self.store.load(alias="default", fingerprint=fingerprint)

    def save(self, kept):
        self.store.save(alias="default", journal=kept)

    def test_round_trip(self):
        """A journal comes back from its file as it was."""
        self.save(journal())
        self.assertEqual(self.load(), journal())

    def test_no_journal(self):
        """Without a file, or without a folder, there is no journal."""
        self.assertIsNone(self.load())

    def test_other_fingerprint(self):
        """A journal of a fingerprint that only begins alike is not taken."""
        self.save(journal("a" * 64))
        self.assertIsNone(self.load("a" * 16 + "b" * 48))

    def test_other_alias(self):
        """Each database alias has journals of its own."""
        self.save(journal())
        self.assertIsNone(self.store.load(alias="other", fingerprint="f" * 64))

    def test_unreadable_files(self):
        """A file that is cut off or of another version is no journal."""
        self.save(journal())
        (path,) = self.place.glob("journal-*")
        whole = path.read_text()
        content = json.loads(whole)
        newer = json.dumps({**content, "compression": "zstd"})
        older = json.dumps({"transactions": []})
        for text in ("", whole[:-10], newer, older, "null", "[]", "5", '"x"'):
            with self.subTest(text=text[:30]):
                path.write_text(text)
                self.assertIsNone(self.load())

    def test_nothing_unfinished_stays(self):
        """Saving leaves the journal and a .gitignore, nothing else."""
        self.save(journal())
        self.save(journal())
        names = sorted(path.name for path in self.place.iterdir())
        self.assertEqual(names, [".gitignore", "journal-default-ffffffffffffffff.json"])
        self.assertEqual((self.place / ".gitignore").read_text(), "*\n")

    def test_old_journals_are_forgotten(self):
        """The newest journals of an alias stay; those of others are untouched."""
        self.store.save(alias="other", journal=journal())
        names = [f"{number:016x}" for number in range(JOURNALS_KEPT + 3)]
        for age, name in enumerate(names):
            self.save(journal(name))
            path = self.place / f"journal-default-{name}.json"
            os.utime(path, (age, age))
        self.save(journal("new" * 10))
        kept = {name for name in names if self.load(name)}
        self.assertEqual(kept, set(names[-JOURNALS_KEPT + 1 :]))
        self.assertEqual(self.load("new" * 10), journal("new" * 10))
        other = self.store.load(alias="other", fingerprint="f" * 64)
        self.assertEqual(other, journal())


class CheckNamesTests(ProbeCase):
    def refusal(self, statement):
        kept = Journal("f", transactions=[(True, [statement])])
        kept.check_names(schema="test_w1")
        return kept.refusal

    def test_schema_written_into_a_statement(self):
        """A statement that names the recorded schema cannot be replayed elsewhere."""
        for statement in (
            "CREATE TABLE test_w1.t ()",
            'CREATE TABLE "test_w1".t ()',
            "INSERT INTO t VALUES ('test_w1')",
        ):
            with self.subTest(statement=statement):
                self.assertIn("the schema's name", self.refusal(statement))

    def test_names_that_only_begin_alike(self):
        """Another name that begins or ends like the schema's does no harm."""
        for statement in ("SELECT test_w10", "SELECT latest_w1", "SELECT test_w1_id"):
            with self.subTest(statement=statement):
                self.assertEqual(self.refusal(statement), "")


class ReplaySessionTests(ProbeCase):
    def test_settings_of_the_session(self):
        """What a migration sets in its session does not outlive the replay."""
        need_right("rolsuper")
        need_right("rolsuper")
        session = self.lease().session
        session.execute("SET timezone = 'Europe/Berlin'; SET ROLE pg_monitor")
        settings = "SELECT current_setting('timezone'), current_user, {}, {}".format(
            "current_setting('search_path')", "current_setting('lock_timeout')"
        )
        before = session.execute(settings).fetchone()
        self.assertEqual(before[:2], ("Europe/Berlin", "pg_monitor"))
        Journal(
            "f",
            transactions=[
                (True, ["RESET ROLE"]),
                (True, ["SET search_path = pg_catalog; SET timezone = 'UTC'"]),
                (False, ["SET lock_timeout = 1", "CREATE TEMP TABLE pg_temp.t ()"]),
                (True, ["SET SESSION AUTHORIZATION pg_monitor"]),
            ],
        ).replay(session)
        self.assertEqual(session.execute(settings).fetchone(), before)
        found = session.execute("SELECT to_regclass('pg_temp.t')").fetchone()
        self.assertEqual(found, (None,))


class ReplayTests(ProbeCase):
    def test_transactions(self):
        """What a transaction did happens together, and lone statements alone."""
        leased = self.lease()
        Journal(
            "f",
            transactions=[
                (False, ["CREATE TABLE t (x int)", "INSERT INTO t VALUES (1)"]),
                (True, ["CREATE INDEX CONCURRENTLY i ON t (x)"]),
                (True, ["VACUUM t"]),
                (False, ["INSERT INTO t VALUES (2)"]),
            ],
        ).replay(leased.session)
        rows = leased.session.execute("SELECT x FROM t ORDER BY x").fetchall()
        self.assertEqual(rows, [(1,), (2,)])
        self.assertIs(leased.session.autocommit, True)

    def test_nothing(self):
        """An empty journal replays to nothing."""
        leased = self.lease()
        Journal("f").replay(leased.session)
        found = leased.session.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = %s::regnamespace",
            [leased.schema],
        )
        self.assertEqual(found.fetchone(), (0,))


class ExtensionStatementsTests(ProbeCase):
    def test_extension_lives_in_the_shared_schema(self):
        """An extension is created once, behind every worker's own schema."""
        name = some_extension()
        with superuser_database(database_name()):
            probe = self.wrapper(NAME=database_name())
            session = self.open_session(wrapper=probe)
            statements = extension_statements([name], extensions_schema=extensions())
            for _ in range(2):
                with session.transaction():
                    for statement in statements:
                        session.execute(statement)
            row = session.execute(
                "SELECT extnamespace::regnamespace::text FROM pg_extension"
                " WHERE extname = %s",
                [name],
            ).fetchone()
            session.close()
        self.assertEqual(row, (extensions(),))
