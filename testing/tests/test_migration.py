"""Migrating for real and recording it, as far as `public` is not named."""

from unittest import mock

from django.apps import apps
from django.db import connections

from testing import migration
from testing.conf import EngineSettings
from testing.marks import Mark
from testing.migration import migrate, record
from testing.schemas import Lease
from testing.tests.apart_case import ApartCase
from testing.tests.probe import ProbeCase, extensions, own_path, prefix, schema_exists


class RecordTests(ApartCase):
    def setUp(self):
        super().setUp()
        self.engine_settings()

    def record(self, *statements):
        """Record made-up migrations in place of the project's."""

        def execute(connection, **_):
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

        with mock.patch.object(migration, "migrate", side_effect=execute):
            return record(
                self.probe,
                fingerprint="x",
                engine=EngineSettings.load(),
                slot_prefix=prefix(),
                package="",
                verbosity=0,
            )

    def mark(self):
        lease = Lease(
            self.probe, schema=f"{prefix()}_w1", extensions_schema=extensions()
        )
        self.addCleanup(lease.release)
        return lease.mark()

    def test_schema_stays(self):
        """What was migrated waits for the first worker, and is free to lease."""
        before = dict(self.probe.settings_dict["OPTIONS"])
        journal = self.record("CREATE TABLE t (id int)")
        self.assertEqual(journal.transactions, [(True, ["CREATE TABLE t (id int)"])])
        self.assertEqual(self.mark(), Mark("x", "recorded"))
        self.assertIs(self.lease(create=False).exists(), True)
        self.assertEqual(self.probe.settings_dict["OPTIONS"], before)

    def test_path_that_the_project_sets(self):
        """Nothing is executed where sessions leave the schema, and none is left."""
        table = f"{prefix()}_table"
        with own_path("probe", "public"):
            journal = self.record(f"CREATE TABLE {table} (id int)")
        self.assertRegex(journal.needs_database, r"sets the path .* to public$")
        self.assertEqual(journal.transactions, [])
        self.assertIs(schema_exists(self.session, f"{prefix()}_w1"), False)
        found = self.session.execute("SELECT to_regclass(%s)", [f"public.{table}"])
        self.assertEqual(found.fetchone(), (None,))

    def test_table_in_public(self):
        """A model that names public finds its table in a database alone."""
        model = apps.get_model("contenttypes", "ContentType")
        for table, expected in (
            ('"public"."shop"', True),
            ('public"."shop', True),
            ("public_shop", False),
            ('"publicity"."shop"', False),
        ):
            with (
                self.subTest(table=table),
                mock.patch.object(model._meta, "db_table", table),
            ):
                journal = self.record("CREATE TABLE t (id int)")
                self.assertIs(bool(journal.needs_database), expected)
                self.assertEqual(journal.transactions == [], expected)
                if expected:
                    self.assertIn("of contenttypes.ContentType", journal.refusal)

    def test_failure_leaves_nothing(self):
        """A migration that fails leaves neither schema nor lease."""
        with self.assertRaisesMessage(Exception, "does not exist"):
            self.record("CREATE TABLE t (id int)", "SELECT * FROM missing")
        self.assertIs(schema_exists(self.session, f"{prefix()}_w1"), False)
        self.assertEqual(self.lease(create=False).schema, f"{prefix()}_w1")

    def test_public_is_not_executed(self):
        """A statement that names public is noted and not executed, nor what follows."""
        table = f"{prefix()}_table"
        for statement in (
            f"CREATE TABLE public.{table} (id int)",
            f'CREATE TABLE "public"."{table}" (id int)',
            f"DO $$BEGIN EXECUTE 'CREATE TABLE public.{table} (id int)'; END$$",
        ):
            with self.subTest(statement=statement):
                journal = self.record(
                    "CREATE TABLE t (id int)", statement, "SELECT 1 FROM missing"
                )
                self.assertEqual(journal.names_public, statement)
                self.assertIn("a migration names the schema public", journal.refusal)
                self.assertEqual(journal.transactions, [])
                self.assertIs(schema_exists(self.session, f"{prefix()}_w1"), False)
                found = self.session.execute(
                    "SELECT to_regclass(%s)", [f"public.{table}"]
                )
                self.assertEqual(found.fetchone(), (None,))

    def test_error_that_a_migration_swallows(self):
        """Code that goes on after the refusal changes nothing of it."""

        def stubborn(connection, **_):
            for statement in ("CREATE TABLE public.x (id int)", "CREATE TABLE y ()"):
                try:
                    with connection.cursor() as cursor:
                        cursor.execute(statement)
                except migration._NeedsDatabaseError as error:
                    seen.append(type(error).__name__)

        seen = []
        with mock.patch.object(migration, "migrate", side_effect=stubborn):
            journal = record(
                self.probe,
                fingerprint="x",
                engine=EngineSettings.load(),
                slot_prefix=prefix(),
                package="",
                verbosity=0,
            )
        self.assertEqual(journal.names_public, "CREATE TABLE public.x (id int)")
        self.assertEqual(seen, ["_NeedsDatabaseError"] * 2)


class MigrateTests(ProbeCase):
    def test_tables_are_made(self):
        """Migrating makes the project's tables where the connection works."""
        wrapper, lease = self.on_schema()
        migrate(wrapper, verbosity=0)
        found = lease.session.execute("SELECT count(*) FROM django_migrations")
        self.assertGreater(found.fetchone()[0], 10)
        self.assertIs(connections["probe"], wrapper)
