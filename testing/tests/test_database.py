"""The test database: its name, its creation, and what is said when it fails."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from unittest import mock

import psycopg
from django.db import OperationalError, connection, connections
from django.db.backends.signals import connection_created
from django.test import SimpleTestCase

from testing import database
from testing.database import (
    TRIES,
    connect,
    create_database,
    ensure_test_database,
    test_database_name,
)
from testing.errors import SetupFailure
from testing.schemas import Lease
from testing.tests.probe import (
    ProbeCase,
    database_name,
    drop_database,
    extensions,
    need_right,
    prefix,
    role,
    superuser_database,
)

SECRET = "secret-of-the-probe"


class NameTests(ProbeCase):
    def test_name(self):
        """TEST NAME wins over the name made from NAME."""
        for settings, name in (
            ({"NAME": "shop", "TEST": {"NAME": None}}, "test_shop"),
            ({"NAME": "shop", "TEST": {}}, "test_shop"),
            ({"NAME": "shop", "TEST": {"NAME": "other"}}, "other"),
        ):
            with self.subTest(name=name):
                wrapper = SimpleNamespace(settings_dict=settings)
                self.assertEqual(test_database_name(wrapper), name)


class CreationTests(ProbeCase):
    def setUp(self):
        super().setUp()
        need_right("rolcreatedb")
        self.addCleanup(drop_database, database_name())

    def found(self):
        with connect(connection) as session:
            return session.execute(
                "SELECT datname FROM pg_database WHERE datname = %s", [database_name()]
            ).fetchall()

    def test_receivers_of_new_connections_are_left_alone(self):
        """A receiver that asks for the alias meets no database that is missing."""
        test = {**connection.settings_dict["TEST"], "NAME": database_name()}
        probe = self.wrapper(TEST=test)
        heard = []

        def receive(**given):
            heard.append(given["connection"].alias)
            connections["probe"].cursor().close()

        connection_created.connect(receive)
        self.addCleanup(connection_created.disconnect, receive)
        ensure_test_database(probe)
        self.assertEqual(heard, [])
        self.assertEqual(len(self.found()), 1)

    def test_missing_database_is_created_and_left(self):
        """A missing database is created; the second time it is found."""
        test = {**connection.settings_dict["TEST"], "NAME": database_name()}
        probe = self.wrapper(TEST=test)
        for _ in range(2):
            ensure_test_database(probe)
            self.assertEqual(probe.settings_dict["NAME"], database_name())
            with probe.cursor() as cursor:
                cursor.execute("SELECT current_database()")
                self.assertEqual(cursor.fetchone(), (database_name(),))
            probe.close()
        self.assertEqual(self.found(), [(database_name(),)])

    def test_many_at_once(self):
        """Everybody who wants the missing database at the same moment gets it."""
        test = {**connection.settings_dict["TEST"], "NAME": database_name()}
        probes = [self.wrapper(f"probe{n}", TEST=test) for n in range(4)]
        barrier = threading.Barrier(len(probes))

        def ensure(probe):
            barrier.wait()
            ensure_test_database(probe)
            return probe.settings_dict["NAME"]

        # Connections made here may be used in threads: nothing else uses them.
        for probe in probes:
            probe.inc_thread_sharing()
        with ThreadPoolExecutor(len(probes)) as pool:
            names = list(pool.map(ensure, probes))
        self.assertEqual(names, [database_name()] * len(probes))
        self.assertEqual(self.found(), [(database_name(),)])

    def test_weird_name(self):
        """A name that needs quoting is quoted."""
        name = f'{prefix()} "Wéird" %s'
        self.addCleanup(drop_database, name)
        probe = self.wrapper(TEST={**connection.settings_dict["TEST"], "NAME": name})
        ensure_test_database(probe)
        with probe.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            self.assertEqual(cursor.fetchone(), (name,))

    def test_created_by_somebody_else_at_this_moment(self):
        """Who comes second at the last moment uses what is there."""
        with superuser_database(database_name()):
            test = {**connection.settings_dict["TEST"], "NAME": database_name()}
            probe = self.wrapper(TEST=test)
            with no_session_in(database_name(), says='database "x" does not exist'):
                ensure_test_database(probe)
            with probe.cursor() as cursor:
                cursor.execute("SELECT current_database()")
                self.assertEqual(cursor.fetchone(), (database_name(),))

    def test_template(self):
        """A new test database is a copy of the template that TEST names."""
        template = f"{database_name()}_template"
        with superuser_database(template):
            with connect(connection, database=template) as session:
                session.execute("CREATE TABLE public.of_the_template ()")
            test = connection.settings_dict["TEST"]
            test = {**test, "NAME": database_name(), "TEMPLATE": template}
            probe = self.wrapper(TEST=test)
            ensure_test_database(probe)
            with probe.cursor() as cursor:
                cursor.execute(
                    "SELECT to_regclass('public.of_the_template') IS NOT NULL"
                )
                self.assertEqual(cursor.fetchone(), (True,))
            probe.close()
            drop_database(database_name())

    def test_server_without_the_usual_database(self):
        """Where nobody may use `postgres`, it is created from the project's own."""
        test = {**connection.settings_dict["TEST"], "NAME": database_name()}
        probe = self.wrapper(TEST=test)
        with no_session_in("postgres") as tried:
            ensure_test_database(probe)
        own = connection.settings_dict["NAME"]
        self.assertEqual(tried, [database_name(), "postgres", own])
        self.assertEqual(len(self.found()), 1)


class PatienceTests(SimpleTestCase):
    """Creation waits for a template that somebody else copies at this moment."""

    def setUp(self):
        self.session = mock.Mock()
        self.sleep = self.enterContext(mock.patch("testing.database.time.sleep"))

    def test_for_a_moment(self):
        """Once the template is free the database is created, once."""
        self.session.execute.side_effect = [psycopg.errors.ObjectInUse(), None]
        create_database(self.session, "CREATE DATABASE x")
        self.assertEqual(self.session.execute.call_count, 2)
        self.sleep.assert_called_once()

    def test_for_ever(self):
        """A template that stays in use is the server's own error, in the end."""
        self.session.execute.side_effect = psycopg.errors.ObjectInUse
        with self.assertRaises(psycopg.errors.ObjectInUse):
            create_database(self.session, "CREATE DATABASE x")
        self.assertEqual(self.session.execute.call_count, TRIES)
        self.assertEqual(self.sleep.call_count, TRIES - 1)


@contextmanager
def no_session_in(*refused, says="permission denied for database"):
    """Let a server refuse sessions in some databases; gives those that were tried."""
    tried = []

    def opened(wrapper):
        name = wrapper.settings_dict["NAME"]
        tried.append(name)
        if name in refused:
            raise OperationalError(says)
        open_really(wrapper)

    open_really = database._open
    with mock.patch.object(database, "_open", opened):
        yield tried


class RefusalTests(ProbeCase):
    def refused(self, probe):
        with self.assertRaises(SetupFailure) as caught:
            ensure_test_database(probe)
        message = str(caught.exception)
        self.assertThreeParts(message)
        self.assertNotIn(SECRET, message)
        return message

    def test_other_engine(self):
        """An engine without schemas is refused by its name."""
        settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "TEST": {}}
        probe = SimpleNamespace(vendor="sqlite", alias="other", settings_dict=settings)
        message = self.refused(probe)
        self.assertIn("'other' uses django.db.backends.sqlite3", message)

    def test_unreachable_server(self):
        """A server that does not answer is named by host, port and role."""
        place = {"HOST": "127.0.0.1", "PORT": "1", "USER": "me", "PASSWORD": SECRET}
        probe = self.wrapper(ENGINE="django.db.backends.postgresql", **place)
        message = self.refused(probe)
        self.assertIn("PostgreSQL at 127.0.0.1, port 1, refused", message)
        self.assertIn("of me (", message)
        original = connection.settings_dict["NAME"]
        self.assertEqual(probe.settings_dict["NAME"], original)

    def test_server_that_lets_nobody_create(self):
        """Without a database to create it from, the server is told to be unusable."""
        test = {**connection.settings_dict["TEST"], "NAME": database_name()}
        probe = self.wrapper(TEST=test)
        with no_session_in("postgres", connection.settings_dict["NAME"]):
            message = self.refused(probe)
        self.assertIn("(permission denied for database)", message)

    def test_role_that_may_not_create_databases(self):
        """The message gives the statement that an administrator has to run."""
        test = {**connection.settings_dict["TEST"], "NAME": database_name()}
        with role(f"{prefix()}_role") as name:
            probe = self.wrapper(USER=name, PASSWORD=SECRET, TEST=test)
            message = self.refused(probe)
        self.assertIn(f'`CREATE DATABASE "{database_name()}" OWNER "{name}"`', message)
        self.assertIn("['TEST']['NAME']", message)

    def test_role_that_does_not_exist(self):
        """A role that the server does not know cannot connect, and is named."""
        test = {**connection.settings_dict["TEST"], "NAME": database_name()}
        probe = self.wrapper(USER=f"{prefix()}_nobody", PASSWORD=SECRET, TEST=test)
        self.assertIn(f"of {prefix()}_nobody (", self.refused(probe))

    def test_role_that_may_not_create_schemas(self):
        """The message gives the GRANT that an administrator has to run."""
        with superuser_database(database_name()), role(f"{prefix()}_role") as name:
            probe = self.wrapper(USER=name, PASSWORD=SECRET, NAME=database_name())
            lease = Lease(
                probe, schema=f"{prefix()}_w1", extensions_schema=extensions()
            )
            with lease.session, self.assertRaises(SetupFailure) as caught:
                lease.create(fingerprint="x")
            probe.close()
        message = str(caught.exception)
        self.assertThreeParts(message)
        self.assertNotIn(SECRET, message)
        self.assertIn(
            f'`GRANT CREATE ON DATABASE "{database_name()}" TO "{name}"`', message
        )


class ConnectTests(ProbeCase):
    def test_session_is_apart_from_django(self):
        """The engine's session is in autocommit, and not Django's connection."""
        session = self.open_session(options="-c work_mem=2MB")
        self.assertIs(session.autocommit, True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.assertNotEqual(cursor.fetchone()[0], session.info.backend_pid)
        self.assertEqual(session.execute("SHOW work_mem").fetchone(), ("2MB",))

    def test_settings_of_django_stay(self):
        """Opening a session changes nothing in the connection it is modelled on."""
        before = repr(connection.settings_dict)
        self.open_session(options="-c work_mem=2MB")
        self.assertEqual(repr(connection.settings_dict), before)

    def test_process_environment_is_left_alone(self):
        """Passwords and hosts do not travel through the environment."""
        before = dict(os.environ)
        self.open_session()
        self.assertEqual(dict(os.environ), before)
