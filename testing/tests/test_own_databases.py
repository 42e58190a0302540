"""Databases of the engine's own: names, both marks, and what is never dropped."""

from django.test import SimpleTestCase

from testing.database import connect
from testing.errors import SetupFailure
from testing.marks import Mark
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
from testing.tests.clone_case import CloneCase
from testing.tests.probe import need_right, prefix, role


def name_of(home="test_shop", prefix="test", last="w1", package=""):
    return own_database_name(home=home, prefix=prefix, last=last, package=package)


class NameTests(SimpleTestCase):
    def test_plain_names(self):
        """Home, what is not the default prefix, package, and what it is."""
        self.assertEqual(name_of(), "test_shop_w1")
        self.assertEqual(name_of(last="template"), "test_shop_template")
        self.assertEqual(name_of(package="auth"), "test_shop_auth_w1")
        self.assertEqual(name_of(prefix="test_shared"), "test_shop_shared_w1")
        self.assertEqual(name_of(prefix="mine"), "test_shop_mine_w1")
        self.assertEqual(name_of(prefix="testing"), "test_shop_testing_w1")
        self.assertEqual(
            name_of(prefix="test_shared", package="auth"), "test_shop_shared_auth_w1"
        )

    def test_long_names(self):
        """Names have 63 bytes at most, also of homes in any script, and differ."""
        homes = ("x" * 63, "x" * 62 + "y", "ü" * 31, "日" * 21, "x" * 57)
        names = [name_of(home=home, package="p" * 80, last="w512") for home in homes]
        names += [name_of(home=home, last="w512") for home in homes]
        for name in names:
            with self.subTest(name=name):
                self.assertLessEqual(len(name.encode()), 63)
                self.assertTrue(name.endswith("_w512"))
        self.assertEqual(len(set(names)), len(names))
        self.assertEqual(name_of(home="x" * 60), f"{'x' * 60}_w1")


class MarkTests(CloneCase):
    def setUp(self):
        super().setUp()
        self.session = self.open_session()
        self.name = self.clone_name("w1")

    def mark(self):
        return database_mark(self.session, name=self.name)

    def test_marks(self):
        """Only both marks together make a database the engine's."""
        ready = Mark("x", "ready")
        for birth, comment, expected in (
            (True, ready, ready),
            (True, None, Mark("", "building")),
            (True, "our production data", None),
            (True, '{"by": "somebody"}', None),
            (False, ready, None),
            (False, None, None),
        ):
            with self.subTest(birth=birth, comment=comment):
                self.make_database(self.name, birth=birth, comment=comment)
                self.assertEqual(self.mark(), expected)
                if expected is None:
                    with self.assertRaisesMessage(SetupFailure, "no mark") as caught:
                        drop_marked(self.session, name=self.name)
                    self.assertThreeParts(str(caught.exception))
                    self.assertIs(database_exists(self.session, name=self.name), True)
                    self.session.execute(f'DROP DATABASE "{self.name}"')
                else:
                    drop_marked(self.session, name=self.name)
                self.assertIs(database_exists(self.session, name=self.name), False)

    def test_another_home(self):
        """What belongs to another test database is not ours: its lock is there."""
        self.make_database(self.name, comment=Mark("x", "in use"))
        with connect(self.probe, database="postgres") as elsewhere:
            self.assertIsNone(database_mark(elsewhere, name=self.name))
        self.assertEqual(self.mark(), Mark("x", "in use"))

    def test_another_role(self):
        """What this role could not drop is not ours."""
        self.make_database(self.name, comment=Mark("x", "in use"))
        with role(f"{prefix()}_other") as other:
            wrapper = self.wrapper("other", USER=other, PASSWORD="secret-of-the-probe")
            with connect(wrapper) as session:
                self.assertIsNone(database_mark(session, name=self.name))

    def test_what_is_not_there(self):
        """Dropping what does not exist does nothing."""
        drop_marked(self.session, name=self.name)
        self.assertIsNone(self.mark())

    def test_create_and_mark(self):
        """A database is marked as being built, then as what it is."""
        create_marked(self.session, name=self.name, template="", fingerprint="x")
        self.assertEqual(self.mark(), Mark("x", "building"))
        set_database_mark(self.session, name=self.name, fingerprint="y", state="ready")
        self.assertEqual(self.mark(), Mark("y", "ready"))

    def test_drop_with_sessions(self):
        """Whoever is still connected does not keep a database."""
        create_marked(self.session, name=self.name, template="", fingerprint="x")
        straggler = connect(self.probe, database=self.name)
        drop_marked(self.session, name=self.name)
        self.assertIs(database_exists(self.session, name=self.name), False)
        straggler.close()

    def test_drop_with_a_session_that_stays(self):
        """Who may not end somebody's session is told whose database it is in."""
        need_right("rolsuper")
        with role(f"{prefix()}_owner") as owner:
            self.session.execute(f'ALTER ROLE "{owner}" CREATEDB')
            wrapper = self.wrapper("owner", USER=owner, PASSWORD="secret-of-the-probe")
            with connect(wrapper) as session:
                create_marked(session, name=self.name, template="", fingerprint="x")
                straggler = connect(self.probe, database=self.name)
                with self.assertRaisesMessage(SetupFailure, "is connected") as caught:
                    drop_marked(session, name=self.name)
                straggler.close()
                self.assertIs(database_exists(session, name=self.name), True)
                drop_marked(session, name=self.name)
        self.assertThreeParts(str(caught.exception))
        self.assertIn(f"with datname {self.name!r}", str(caught.exception))

    def test_without_the_right(self):
        """A role without CREATEDB is told what to do."""
        with role(f"{prefix()}_poor") as poor:
            wrapper = self.wrapper("poor", USER=poor, PASSWORD="secret-of-the-probe")
            with (
                connect(wrapper) as session,
                self.assertRaisesMessage(SetupFailure, "permission denied") as caught,
            ):
                create_marked(session, name=self.name, template="", fingerprint="x")
        self.assertThreeParts(str(caught.exception))
        self.assertIn(f'ALTER ROLE "{prefix()}_poor" CREATEDB', str(caught.exception))


class LockTests(CloneCase):
    def test_locks(self):
        """One alone, or many shared; another name is another lock."""
        one, other = self.open_session(), self.open_session()
        name = self.clone_name("w1")
        self.assertIs(try_lock(one, name=name), True)
        self.assertIs(try_lock(other, name=name), False)
        self.assertIs(try_lock(other, name=name, shared=True), False)
        self.assertIs(try_lock(other, name=f"{name}0"), True)
        unlock(one, name=name)
        self.assertIs(try_lock(other, name=name, shared=True), True)
        self.assertIs(try_lock(one, name=name, shared=True), True)
        unlock(other, name=name, shared=True)
        self.assertIs(try_lock(other, name=name), False)
