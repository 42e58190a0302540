"""Extensions are shared by the workers of a database, whatever a migration says."""

import re
from unittest import mock

from django.contrib.postgres.operations import CreateExtension, HStoreExtension
from django.db.migrations.state import ProjectState
from django.test import SimpleTestCase

from testing.errors import SetupFailure
from testing.extensions import ExtensionSql, asked_for, read_extension
from testing.recorder import Recorder
from testing.tests.probe import (
    ProbeCase,
    extensions,
    some_extension,
    superuser_database,
)


class ReadingTests(SimpleTestCase):
    def test_statements(self):
        """Verb, name and version are read; what all would feel is known."""
        for statement, expected in {
            "CREATE EXTENSION hstore": ExtensionSql("create", "hstore"),
            'create extension IF NOT EXISTS "uuid-ossp" WITH SCHEMA x CASCADE': (
                ExtensionSql("create", "uuid-ossp")
            ),
            "/* a */ CREATE EXTENSION hstore SCHEMA public VERSION '1.8'": (
                ExtensionSql("create", "hstore", version="1.8")
            ),
            "DROP EXTENSION IF EXISTS hstore": ExtensionSql("drop", "hstore"),
            "DROP EXTENSION hstore CASCADE": (
                ExtensionSql("drop", "hstore", is_for_all=True)
            ),
            "ALTER EXTENSION hstore UPDATE": ExtensionSql("alter", "hstore"),
            "ALTER EXTENSION hstore UPDATE TO '1.7'": (
                ExtensionSql("alter", "hstore", is_for_all=True)
            ),
            "ALTER EXTENSION hstore SET SCHEMA x": ExtensionSql("alter", "hstore"),
            "ALTER EXTENSION hstore DROP TABLE t": (
                ExtensionSql("alter", "hstore", is_for_all=True)
            ),
            "COMMENT ON EXTENSION hstore IS 'x'": ExtensionSql("comment", "hstore"),
        }.items():
            with self.subTest(statement=statement):
                self.assertEqual(read_extension(statement), expected)

    def test_other_statements(self):
        """A table of that name is no extension."""
        for statement in (
            "CREATE TABLE extension (x int)",
            "SELECT 'CREATE EXTENSION hstore'",
            "COMMENT ON TABLE extension IS 'x'",
            "SECURITY LABEL ON EXTENSION x",
            "SELECT extension FROM x",
            "CREATE EXTENSION IF NOT EXISTS",
            "DROP",
            "",
        ):
            with self.subTest(statement=statement):
                self.assertIsNone(read_extension(statement))


class RecordingCase(ProbeCase):
    def setUp(self):
        super().setUp()
        name = f"{extensions()}_database"
        self.enterContext(superuser_database(name))
        given = self.wrapper("other", NAME=name)
        self.leased = self.lease(wrapper=given)
        given.settings_dict["OPTIONS"]["options"] = self.leased.options
        self.addCleanup(self.leased.session.close)
        self.probe = given
        self.name = some_extension()
        self.watch()

    def watch(self):
        self.recorder = Recorder(
            self.probe, fingerprint="probe", extensions_schema=extensions()
        )

    def execute(self, statement, params=None):
        with self.probe.execute_wrapper(self.recorder), self.probe.cursor() as cursor:
            cursor.execute(statement, params)

    def place(self):
        row = self.leased.session.execute(
            "SELECT nspname FROM pg_extension, pg_namespace"
            " WHERE extname = %s AND pg_namespace.oid = extnamespace",
            [self.name],
        ).fetchone()
        return row and row[0]


class RecordingTests(RecordingCase):
    def test_redirected_among_others(self):
        """In a text of several statements each goes its way."""
        self.execute(
            f"CREATE TABLE a (x int); CREATE EXTENSION {self.name} SCHEMA public;"
            f"CREATE TABLE b (v {self.name}); COMMENT ON EXTENSION {self.name} IS ';'"
        )
        journal = self.recorder.finish()
        self.assertEqual(journal.extensions, [self.name])
        self.assertEqual(
            [lines for _, lines in journal.transactions],
            [["CREATE TABLE a (x int)"], [f"CREATE TABLE b (v {self.name})"]],
        )
        self.assertEqual((journal.names_public, journal.refusal), ("", ""))
        self.assertEqual(self.place(), extensions())

    def test_operation(self):
        """Django's operation is redirected; where nothing is left to do it counts."""
        for _ in range(2):
            self.watch()
            operation = CreateExtension(self.name)
            with (
                self.probe.execute_wrapper(self.recorder),
                self.probe.schema_editor() as editor,
            ):
                operation.database_forwards(
                    "users", editor, ProjectState(), ProjectState()
                )
            journal = self.recorder.finish()
            self.assertEqual(journal.extensions, [self.name])
            self.assertEqual(self.place(), extensions())

    def test_question(self):
        """Canary: the text by which Django's operation looks for an extension."""
        seen = []

        def note(execute, statement, params, many, context):
            seen.append(self.recorder._compose(statement, params))
            return execute(statement, params, many, context)

        with self.probe.execute_wrapper(note), self.probe.schema_editor() as editor:
            HStoreExtension().extension_exists(editor, "it's")
        self.assertEqual([asked_for(text) for text in seen], ["it's"])

    def test_not_dropped(self):
        """What other workers use is neither dropped nor moved."""
        self.execute(f"CREATE EXTENSION {self.name}")
        self.execute(
            f"DROP EXTENSION {self.name}; ALTER EXTENSION {self.name} SET SCHEMA public"
        )
        self.execute(f"ALTER EXTENSION {self.name} UPDATE")
        journal = self.recorder.finish()
        self.assertEqual(self.place(), extensions())
        self.assertEqual((journal.transactions, journal.reaches_beyond), ([], ""))

    def test_for_all(self):
        """Dropping what depends on an extension reaches beyond the schema."""
        self.execute(f"CREATE EXTENSION {self.name}")
        self.execute(f"DROP EXTENSION {self.name} CASCADE")
        journal = self.recorder.finish()
        self.assertEqual(journal.reaches_beyond, f"DROP EXTENSION {self.name} CASCADE")
        self.assertIsNone(self.place())

    def test_version(self):
        """A journal does not stand for a version that somebody asked for."""
        version = self.leased.session.execute(
            "SELECT default_version FROM pg_available_extensions WHERE name = %s",
            [self.name],
        ).fetchone()[0]
        self.execute(f"CREATE EXTENSION {self.name} VERSION '{version}'")
        self.assertIn(version, self.recorder.finish().refusal)

    def test_elsewhere(self):
        """An extension that no worker would see is named, with what to do."""
        self.leased.session.execute(f"CREATE EXTENSION {self.name} SCHEMA public")
        with self.assertRaises(SetupFailure) as caught:
            self.execute(f"CREATE EXTENSION IF NOT EXISTS {self.name}")
        self.assertThreeParts(str(caught.exception))
        self.assertIn("'public'", str(caught.exception))
        for statement in re.findall(r"-c '([^']+)'", str(caught.exception)):
            self.leased.session.execute(statement)
        self.execute(f"CREATE EXTENSION IF NOT EXISTS {self.name}")
        self.assertEqual(self.place(), extensions())

    def test_inside_a_transaction(self):
        """An extension made in a transaction that is rolled back is rolled back."""
        from django.db import transaction

        with (
            mock.patch.object(self.recorder, "_note_extension") as noted,
            transaction.atomic(using="other"),
        ):
            self.execute(f"CREATE EXTENSION {self.name}")
            transaction.set_rollback(True, using="other")
        noted.assert_called_once_with(self.name)
        self.assertIsNone(self.place())
