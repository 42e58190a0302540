"""Sessions of a leased schema: their path, and the guard before the first write."""

import threading

from django.db import connections, transaction

from testing.errors import SetupFailure
from testing.schemas import session_options, use_schema
from testing.tests.probe import ProbeCase, extensions, prefix

PATH = "SELECT current_schema(), current_setting('search_path')"


class SessionOptionsTests(ProbeCase):
    def setUp(self):
        super().setUp()
        self.probe = self.wrapper()
        self.leased = self.lease(wrapper=self.probe)
        use_schema(self.probe, options=self.leased.options)

    def path(self):
        with self.probe.cursor() as cursor:
            cursor.execute(PATH)
            return cursor.fetchone()

    def expected(self):
        return self.leased.schema, f"{self.leased.schema},{extensions()}"

    def test_path(self):
        """The path is the schema and the extensions; `public` is not in it."""
        self.assertEqual(self.path(), self.expected())
        options = session_options(schema="a", extensions_schema="b")
        self.assertNotIn("public", options)

    def test_path_survives_a_rollback(self):
        """A rollback, which undoes a SET, leaves the path as it is."""
        with transaction.atomic(using="probe"):
            with self.probe.cursor() as cursor:
                cursor.execute("SET search_path TO public")
            transaction.set_rollback(True, using="probe")
        self.assertEqual(self.path(), self.expected())

    def test_path_of_fresh_connections(self):
        """A connection that was closed comes back on the same schema."""
        self.path()
        self.probe.close()
        self.assertEqual(self.path(), self.expected())

    def test_path_in_other_threads(self):
        """Threads, those of a live server for one, work on the same schema."""
        seen = []

        def look():
            with connections["probe"].cursor() as cursor:
                cursor.execute(PATH)
                seen.append(cursor.fetchone())
            connections["probe"].close()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        self.assertEqual(seen, [self.expected()])

    def test_commits_do_not_wait_for_the_disk(self):
        """Sessions of tests commit asynchronously."""
        with self.probe.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            self.assertEqual(cursor.fetchone(), ("off",))

    def test_schema_changes_in_place(self):
        """Moving on to another schema leaves nothing of the one before."""
        other = self.lease(2, wrapper=self.probe)
        use_schema(self.probe, options=other.options)
        self.assertEqual(self.path()[0], other.schema)
        self.assertEqual(str(self.probe.settings_dict).count("search_path="), 1)


class ProjectOptionsTests(ProbeCase):
    def test_options_of_the_project_stay(self):
        """Server options that the project gives are kept beside the engine's."""
        probe = self.wrapper(OPTIONS={"options": "-c work_mem=1MB"})
        leased = self.lease(wrapper=probe)
        for _ in range(2):
            use_schema(probe, options=leased.options)
            with probe.cursor() as cursor:
                cursor.execute("SELECT current_schema(), current_setting('work_mem')")
                self.assertEqual(cursor.fetchone(), (leased.schema, "1MB"))

    def test_pool_moves_along(self):
        """Pooled connections are on the new schema after it has changed."""
        probe = self.wrapper(OPTIONS={"pool": {"min_size": 1, "max_size": 2}})
        for number in (1, 2):
            leased = self.lease(number, wrapper=probe)
            use_schema(probe, options=leased.options)
            with probe.cursor() as cursor:
                cursor.execute("SELECT current_schema()")
                self.assertEqual(cursor.fetchone(), (leased.schema,))


class VerifyTests(ProbeCase):
    def refusal(self, options):
        probe = self.wrapper(OPTIONS={"options": options})
        leased = self.lease(wrapper=probe)
        with self.assertRaises(SetupFailure) as caught:
            leased.verify(probe)
        self.assertThreeParts(str(caught.exception))
        return str(caught.exception)

    def test_the_right_schema(self):
        """A session on the leased schema alone is accepted."""
        probe = self.wrapper()
        leased = self.lease(wrapper=probe)
        use_schema(probe, options=leased.options)
        self.assertIsNone(leased.verify(probe))

    def test_public_in_the_path(self):
        """A session that could fall back on `public` is refused."""
        message = self.refusal(f"-c search_path={prefix()}_w1,public")
        self.assertIn(f"each session to {prefix()}_w1, public,", message)

    def test_wrong_schema(self):
        """A session on another schema is refused, naming both."""
        message = self.refusal("-c search_path=pg_catalog")
        self.assertIn("each session to pg_catalog,", message)
        self.assertIn(f"{prefix()}_w1", message)

    def test_wrong_database(self):
        """A session in another database is refused, naming both."""
        probe = self.wrapper()
        leased = self.lease(wrapper=probe)
        use_schema(probe, options=leased.options)
        probe.settings_dict["NAME"] = "postgres"
        with self.assertRaisesMessage(SetupFailure, "of database 'postgres'"):
            leased.verify(probe)
