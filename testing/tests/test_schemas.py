"""Slots and leases: names, exclusive ownership, and what is never dropped."""

from django.db import connection

from testing.errors import SetupFailure
from testing.marks import Mark, lock_key
from testing.places import LAST_SLOT
from testing.schemas import (
    TABLES_PER_TRANSACTION,
    Lease,
    PathNotKept,
    slot_name,
)
from testing.tests.probe import (
    ProbeCase,
    extensions,
    kill,
    make_schema,
    own_path,
    prefix,
    schema_exists,
)


class SlotNameTests(ProbeCase):
    def test_plain_names(self):
        """A slot's name is made of prefix, package and number."""
        self.assertEqual(slot_name(prefix="test", number=1), "test_w1")
        name = slot_name(prefix="test", number=12, package="auth")
        self.assertEqual(name, "test_auth_w12")

    def test_hostile_packages(self):
        """Whatever a folder is called, the slot is a plain identifier, and short."""
        packages = (
            "Auth",
            "a b",
            "a-b",
            "ä",
            "日本語",
            '"; DROP SCHEMA public; --',
            "%s",
            "{x}",
            ",public",
            "x" * 200,
            ".",
            "__",
        )
        names = [slot_name(prefix="test", number=1, package=p) for p in packages]
        for package, name in zip(packages, names, strict=True):
            with self.subTest(package=package):
                self.assertRegex(name, r"\Atest_[a-z0-9_]+_w1\Z")
                self.assertLessEqual(len(name.encode()), 63)
        self.assertEqual(len(set(names)), len(packages))

    def test_names_that_look_alike(self):
        """Packages which differ in more than letters have slots of their own."""
        pairs = (("a b", "a_b"), ("a b", "a-b"), ("Auth", "auth"), ("x" * 33, "x" * 34))
        for one, other in pairs:
            with self.subTest(one=one, other=other):
                first = slot_name(prefix="test", number=1, package=one)
                second = slot_name(prefix="test", number=1, package=other)
                self.assertNotEqual(first, second)

    def test_names_are_deterministic(self):
        """The same package has the same slot in every run."""
        name = slot_name(prefix="test", number=1, package="Größe")
        self.assertEqual(name, "test_gr__e_aedc3f_w1")


class LockKeyTests(ProbeCase):
    def test_key_is_stable(self):
        """The key depends on the name alone, and fits PostgreSQL's bigint."""
        self.assertEqual(lock_key("test_w1"), lock_key("test_w1"))
        self.assertEqual(lock_key("test_w1"), -4095690455455904994)
        self.assertNotEqual(lock_key("test_w1"), lock_key("test_w2"))
        for number in range(200):
            self.assertLess(abs(lock_key(f"test_w{number}")), 2**63)


class MarkTests(ProbeCase):
    def test_round_trip(self):
        """A mark reads back from its comment."""
        mark = Mark("abc", "ready")
        self.assertEqual(Mark.parse(mark.dump()), mark)

    def test_comments_of_others(self):
        """A comment that is not the engine's is no mark."""
        comments = (
            None,
            "",
            "our production data",
            "{",
            "[]",
            "5",
            "null",
            '"x"',
            "{}",
            '{"by": "somebody"}',
            '{"fingerprint": "x", "state": "ready"}',
        )
        for comment in comments:
            with self.subTest(comment=comment):
                self.assertIsNone(Mark.parse(comment))


class LeaseTests(ProbeCase):
    def test_second_session_gets_the_next_slot(self):
        """A leased slot is passed over by whoever comes second."""
        first, second = self.lease(), self.lease()
        self.assertEqual(first.schema, f"{prefix()}_w1")
        self.assertEqual(second.schema, f"{prefix()}_w2")

    def test_release(self):
        """A released slot is the next one to be leased."""
        self.lease(create=False).release()
        self.assertEqual(self.lease(create=False).schema, f"{prefix()}_w1")

    def test_dead_owner(self):
        """A slot whose owner's session ended by force is free, its schema there."""
        first = self.lease()
        first.set_mark(fingerprint="probe", state="ready")
        kill(self.open_session(), first.session)
        second = self.lease(create=False)
        self.assertEqual(second.schema, first.schema)
        self.assertEqual(second.mark(), Mark("probe", "ready"))

    def test_schema_without_mark(self):
        """A schema without the mark is passed over and never dropped."""
        session = self.open_session()
        for number, comment in ((1, None), (2, "mine"), (3, "{}")):
            make_schema(session, f"{prefix()}_w{number}", mark=comment)
        self.assertEqual(self.lease(create=False).schema, f"{prefix()}_w4")
        theirs = Lease(
            connection, schema=f"{prefix()}_w1", extensions_schema=extensions()
        )
        self.addCleanup(theirs.release)
        with self.assertRaisesMessage(SetupFailure, "carries no mark") as caught:
            theirs.drop()
        self.assertThreeParts(str(caught.exception))
        self.assertIs(schema_exists(session, f"{prefix()}_w1"), True)

    def test_no_slot_left(self):
        """When all slots are leased the message says who to look for."""
        taken = self.lease(LAST_SLOT)
        with self.assertRaisesMessage(SetupFailure, "are leased") as caught:
            self.lease(LAST_SLOT)
        self.assertThreeParts(str(caught.exception))
        self.assertIn(f"{prefix()}_w{LAST_SLOT}", str(caught.exception))
        self.assertIs(taken.exists(), True)

    def test_drop_of_many_tables(self):
        """A schema with more tables than one transaction may drop is dropped."""
        lease = self.lease()
        count = 3 * TABLES_PER_TRANSACTION + 1
        for number in range(count):
            lease.session.execute(
                f"CREATE TABLE t{number} (id serial PRIMARY KEY, u int UNIQUE,"
                f" r int REFERENCES t{max(number - 1, 0)} (u))"
            )
        lease.drop()
        self.assertIs(lease.exists(), False)

    def test_drop_of_a_schema_that_is_not_there(self):
        """Dropping what does not exist does nothing."""
        lease = self.lease(create=False)
        lease.drop()
        self.assertIs(lease.exists(), False)
        self.assertIsNone(lease.mark())

    def test_path_that_the_project_sets(self):
        """Code of the project that sets the path is told from a path that is lost."""
        wrapper, lease = self.on_schema()
        with (
            own_path("probe", "public"),
            self.assertRaises(PathNotKept) as caught,
        ):
            lease.verify(wrapper)
        wrapper.close()
        lease.verify(wrapper)
        message = str(caught.exception)
        self.assertThreeParts(message)
        self.assertIn("TESTING['ISOLATION'] = 'database'", message)
        self.assertIn("sets the path of each session to public", message)

    def test_application_name(self):
        """The lease's session says in pg_stat_activity whose it is."""
        lease = self.lease(create=False)
        name = lease.session.execute("SHOW application_name").fetchone()[0]
        self.assertEqual(name, f"django-schema-testing {prefix()}_w1")
