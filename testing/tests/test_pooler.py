"""Poolers: what gives them away, and which ones a worker refuses.

Each case runs behind a stand-in that lends sessions as poolers do, and behind the
real PgBouncer where it is installed (Debian: apt-get install pgbouncer). The
decision itself is tested on plain numbers.
"""

import threading
from unittest import TestCase, skipUnless

from django.db import connection

from testing.database import connect
from testing.errors import SetupFailure
from testing.pooler import Sight, look, refusal_of_options, require_own_session
from testing.schemas import use_schema
from testing.tests.bouncer import bouncer, program
from testing.tests.pooler_stand_in import stand_in
from testing.tests.probe import ProbeCase, extensions, prefix

IGNORING = "options,extra_float_digits"


class DecisionTests(TestCase):
    """The decision alone, on every shape that a pooler was seen in."""

    path = "test_w1,test_extensions"

    def test_direct(self):
        """PostgreSQL announces the process that answers: no pooler, no fault."""
        sight = Sight(7, (7,), (), self.path)
        self.assertIs(sight.is_pooled, False)
        self.assertEqual(sight.fault(wanted_path=self.path), "")

    def test_session_mode(self):
        """A pooler that keeps sessions apart and honours the path may stay."""
        sight = Sight(-3, (7, 7, 7), (8, 8), 'test_w1, "test_extensions"')
        self.assertIs(sight.is_pooled, True)
        self.assertEqual(sight.fault(wanted_path=self.path), "")

    def test_options_dropped(self):
        """A path that does not arrive is a fault, with and without a pooler."""
        for sight in (
            Sight(-3, (7, 7, 7), (8, 8), '"$user", public'),
            Sight(7, (7,), (), '"$user", public'),
            Sight(7, (7,), (), "test_w1,test_extensions,public"),
            Sight(7, (7,), (), ""),
        ):
            with self.subTest(sight=sight):
                self.assertIn(
                    f"search_path is {sight.path!r} where 'test_w1,test_extensions'",
                    sight.fault(wanted_path=self.path),
                )
                self.assertEqual(sight.fault(), "")

    def test_shared(self):
        """One process for two sessions, or several for one, is a fault."""
        for own, others in (
            ((7, 7, 7), (7,)),
            ((7, 9), (8,)),
            ((7, 7), (8, 9)),
            ((7, 8), (9, 7)),
        ):
            with self.subTest(own=own, others=others):
                # Even where a path is right now, it may be wrong at once.
                fault = Sight(-3, own, others, self.path).fault(wanted_path=self.path)
                self.assertIn("pool_mode = transaction or statement", fault)
                self.assertIn(f"{own[0]}", fault)

    def test_refusal_of_options(self):
        """Only a refused parameter is a pooler's; other errors stay themselves."""
        place = {"HOST": "db.example", "PORT": 6432}
        error = OSError("connection failed:\nFATAL:  unsupported startup parameter: x")
        refusal = refusal_of_options(error, place=place)
        self.assertIsInstance(refusal, SetupFailure)
        self.assertIn("db.example, port 6432,", str(refusal))
        self.assertIn("FATAL:  unsupported startup parameter: x", str(refusal))
        self.assertIn(" Next: connect to PostgreSQL itself", str(refusal))
        refused = OSError("FATAL: password authentication failed")
        self.assertIsNone(refusal_of_options(refused, place=place))


class DirectTests(ProbeCase):
    def test_one_round_trip(self):
        """A direct session is known by one query; no second one is opened."""
        session = self.open_session(options="-c search_path=abc,def")
        sight = look(session, second=lambda: self.fail("opened"))
        self.assertEqual(sight.path, "abc,def")
        self.assertIs(sight.is_pooled, False)
        self.assertEqual(sight.own, (session.info.backend_pid,))

    def test_other_path(self):
        """Whoever drops the path is refused, also when nothing gives it away."""
        session = self.open_session(options="-c search_path=public")
        with self.assertRaises(SetupFailure) as caught:
            require_own_session(
                session,
                place=connection.settings_dict,
                wanted_path="abc",
                second=lambda: self.fail("opened"),
            )
        self.assertThreeParts(str(caught.exception))
        self.assertIn("What answers at", str(caught.exception))


class Behind:
    """What leases do behind a pooler in each mode, in front of this run's server."""

    def place(self, mode, **options):
        """Start a pooler; returns a Django connection through it."""
        place = self.enterContext(self.pooler(connection, mode, **options))
        return self.wrapper("probe", **place)

    def refusal(self, wrapper):
        """Lease a schema through a pooler; returns the error's text."""
        with self.assertRaises(SetupFailure) as caught:
            self.lease(wrapper=wrapper)
        message = str(caught.exception)
        self.assertThreeParts(message)
        self.assertIn(f"{wrapper.settings_dict['HOST']}, port 6432,", message)
        self.assertEqual(self.schemas(), [])
        return message

    def schemas(self):
        """Return the probe's schemas, asked for directly."""
        with connect(connection) as session:
            return session.execute(
                "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)",
                [prefix()],
            ).fetchall()

    def test_options_refused(self):
        """As PgBouncer comes, it refuses start-up options, in each mode."""
        for mode in ("session", "transaction", "statement"):
            with self.subTest(mode=mode), self.pooler(connection, mode) as place:
                message = self.refusal(self.wrapper(f"probe_{mode}", **place))
                self.assertIn("unsupported startup parameter: options", message)

    def test_session_mode_that_drops_options(self):
        """With the options ignored, sessions would be on public: refused."""
        message = self.refusal(self.place("session", ignored=IGNORING))
        self.assertIn("does not pass them on", message)
        self.assertIn("public", message)

    def test_modes_that_share(self):
        """Transaction and statement mode are refused, however servers are picked."""
        for mode in ("transaction", "statement"):
            for round_robin in (0, 1):
                with (
                    self.subTest(mode=mode, round_robin=round_robin),
                    self.pooler(
                        connection, mode, ignored=IGNORING, round_robin=round_robin
                    ) as place,
                ):
                    wrapper = self.wrapper(f"probe_{mode}{round_robin}", **place)
                    message = self.refusal(wrapper)
                    self.assertIn("lends one session of the server", message)

    def test_right_path_by_chance(self):
        """Transaction mode is refused though every session is on the wanted path."""
        wrapper = self.place("transaction", ignored=IGNORING, then=self.path_of(1))
        self.assertIn("lends one session of the server", self.refusal(wrapper))

    def test_session_mode_with_the_path(self):
        """Session mode that puts sessions on the path is verified and allowed."""
        wrapper = self.place("session", ignored=IGNORING, then=self.path_of(1))
        lease = self.lease(wrapper=wrapper)
        use_schema(wrapper, options=lease.options)
        lease.verify(wrapper)
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            self.assertEqual(cursor.fetchone(), (lease.schema,))
        wrapper.close()

    def test_busy_pooler(self):
        """Other clients at work do not hide that sessions are shared."""
        for round_robin in (0, 1):
            with (
                self.subTest(round_robin=round_robin),
                self.pooler(
                    connection,
                    "transaction",
                    ignored=IGNORING,
                    round_robin=round_robin,
                ) as place,
            ):
                wrapper = self.wrapper(f"probe_{round_robin}", **place)
                done = threading.Event()
                others = [
                    threading.Thread(target=keep_busy, args=(wrapper.copy(), done))
                    for _ in range(4)
                ]
                for other in others:
                    other.start()
                try:
                    for _ in range(10):
                        message = self.refusal(wrapper)
                        self.assertIn("lends one session of the server", message)
                finally:
                    done.set()
                    for other in others:
                        other.join()

    def test_verify(self):
        """An alias that goes through a pooler is refused at its first session."""
        lease = self.lease()
        wrapper = self.place("transaction", ignored=IGNORING)
        use_schema(wrapper, options=lease.options)
        with self.assertRaisesMessage(SetupFailure, "lends one session of the server"):
            lease.verify(wrapper)

    def path_of(self, number):
        """Return the search_path of a slot of the probe's."""
        return f"{prefix()}_w{number},{extensions()}"


class StandInTests(Behind, ProbeCase):
    pooler = staticmethod(stand_in)


@skipUnless(program(), "PgBouncer is not installed; StandInTests have shown the same")
class BouncerTests(Behind, ProbeCase):
    pooler = staticmethod(bouncer)


def keep_busy(wrapper, done):
    """Ask through a pooler until told to stop."""
    with connect(wrapper) as session:
        while not done.is_set():
            session.execute("SELECT pg_sleep(0.001)")
