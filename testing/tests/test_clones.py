"""Clones: exclusive ownership, sessions in the right place, and what stays."""

from concurrent.futures import ThreadPoolExecutor
from unittest import mock

from django.db import connection

from testing.clones import CloneLease
from testing.errors import SetupFailure
from testing.marks import Mark
from testing.orphans import sweep_orphans
from testing.places import LAST_SLOT
from testing.tests.clone_case import CloneCase
from testing.tests.probe import extensions, kill, prefix


class LeaseTests(CloneCase):
    def test_second_session_gets_the_next_clone(self):
        """A leased clone is passed over by whoever comes second."""
        first = self.clone(create=False)
        second = self.clone(create=False)
        self.assertEqual(first.name, self.clone_name("w1"))
        self.assertEqual(second.name, self.clone_name("w2"))
        first.release()
        self.assertEqual(self.clone(create=False).name, first.name)

    def test_lease_outlives_the_clone(self):
        """Dropping and creating the clone does not give the slot away."""
        first = self.clone()
        first.open()
        first.drop()
        self.assertEqual(self.clone(create=False).name, self.clone_name("w2"))
        first.create(template="", fingerprint="x")
        self.assertIs(first.exists(), True)

    def test_dead_owner(self):
        """The clone of a process that died is the next one's, as it was left."""
        first = self.clone()
        # One that was in use might be swept by another run in this very moment.
        first.set_mark(fingerprint="probe", state="ready")
        kill(self.open_session(), first.lock)
        second = self.clone(create=False)
        self.assertEqual(second.name, first.name)
        self.assertEqual(second.mark(), Mark("probe", "ready"))

    def test_sweep_leaves_kept_clones_free(self):
        """A sweep does not even lock what was kept: somebody may want it now."""
        kept = self.clone()
        kept.set_mark(fingerprint="probe", state="ready")
        kept.release()
        with mock.patch.object(CloneLease, "take", return_value=False) as take:
            sweep_orphans(connection, extensions_schema=extensions())
        self.assertNotIn(mock.call(kept.name), take.call_args_list)

    def test_sweep_gives_locks_back(self):
        """What a sweep has dropped is free again while it goes on."""
        died = self.clone()
        died.set_mark(fingerprint="probe", state="in use")
        died.release()
        with mock.patch("testing.orphans.unlock") as given_back:
            swept = sweep_orphans(connection, extensions_schema=extensions())
        # Another run may have swept it first.
        names = [call.kwargs["name"] for call in given_back.call_args_list]
        self.assertLessEqual({n for n in swept if prefix() in n}, set(names))
        self.assert_own_databases([])

    def test_wrong_marks(self):
        """Databases that lack a mark are passed over and never dropped."""
        self.make_database(self.clone_name("w1"), birth=False)
        self.make_database(self.clone_name("w2"), comment="mine")
        self.make_database(
            self.clone_name("w3"), birth=False, comment=Mark("x", "in use")
        )
        lease = self.clone(create=False)
        self.assertEqual(lease.name, self.clone_name("w4"))
        sweep_orphans(connection, extensions_schema=extensions())
        self.assert_own_databases(["w1", "w2", "w3"])

    def test_no_slot_left(self):
        """When all clones are leased the message says whom to look for."""
        self.clone(LAST_SLOT, create=False)
        with self.assertRaisesMessage(SetupFailure, "are leased") as caught:
            self.clone(LAST_SLOT, create=False)
        self.assertThreeParts(str(caught.exception))

    def test_many_copies_at_once(self):
        """Several sessions copy one template at the same time."""
        template = self.clone(9)
        leases = [self.clone(create=False) for _ in range(4)]

        def create(lease):
            lease.create(template=template.name, fingerprint="x")
            return lease.mark()

        with ThreadPoolExecutor(len(leases)) as pool:
            marks = list(pool.map(create, leases))
        self.assertEqual(marks, [Mark("x", "building")] * 4)


class PlaceTests(CloneCase):
    def test_sessions_are_in_the_clone(self):
        """Engine and tests work in the clone; the project's own path stays."""
        lease = self.clone()
        lease.open()
        (found,) = lease.session.execute("SELECT current_database()").fetchone()
        self.assertEqual(found, lease.name)
        wrapper = self.probe
        wrapper.settings_dict["OPTIONS"]["options"] = "-c work_mem=1MB"
        lease.point(wrapper)
        lease.verify(wrapper)
        with wrapper.cursor() as cursor:
            cursor.execute(
                "SELECT current_database(), current_schema(),"
                " current_setting('work_mem'), current_setting('application_name')"
            )
            found = cursor.fetchone()
        self.assertEqual(found, (lease.name, "public", "1MB", lease.name))

    def test_names_with_spaces(self):
        """A test database may have any name; the option is escaped."""
        home = f"a b\\c_{prefix()}_home"
        self.make_database(home, birth=False)
        wrapper = self.wrapper("other", NAME=home)
        lease = CloneLease.acquire(wrapper, prefix=prefix(), number=1)
        self.addCleanup(lease.release)
        lease.create(template="", fingerprint="x")
        for _ in range(2):
            # Twice, so that the first one's option has to be found and taken out.
            lease.point(wrapper)
        lease.verify(wrapper)
        with wrapper.cursor() as cursor:
            cursor.execute("SHOW application_name")
            self.assertEqual(cursor.fetchone(), (lease.name[:63],))
        self.assertEqual(wrapper.settings_dict["OPTIONS"]["options"].count("-c"), 2)

    def test_another_session(self):
        """Whether a pooler is in between is found out in the clone itself."""
        lease = self.clone()
        lease.open()
        lease.point(self.probe)
        with lease._another_session(self.probe) as session:
            self.assertEqual(session.info.dbname, lease.name)

    def test_verify_elsewhere(self):
        """A session that is not in the clone is refused before anything is done."""
        lease = self.clone()
        with self.assertRaisesMessage(SetupFailure, "not theirs") as caught:
            lease.verify(self.probe)
        self.assertThreeParts(str(caught.exception))

    def test_verify_without_mark(self):
        """A clone that lost its mark is not the engine's any more."""
        lease = self.clone()
        lease.point(self.probe)
        self.open_session().execute(f"COMMENT ON DATABASE \"{lease.name}\" IS 'mine'")
        with self.assertRaises(SetupFailure):
            lease.verify(self.probe)
        with self.assertRaisesMessage(SetupFailure, "nothing may be reset"):
            lease.open()
        with self.assertRaisesMessage(SetupFailure, "carries no mark"):
            lease.drop()
        self.assertIs(lease.exists(), True)

    def test_open_without_public(self):
        """Without the schema public there is nothing to reset."""
        lease = self.clone()
        lease.open()
        lease.session.execute("DROP SCHEMA public")
        with self.assertRaisesMessage(SetupFailure, "nothing may be reset") as caught:
            lease.open()
        self.assertThreeParts(str(caught.exception))

    def test_activity(self):
        """What tests do in the clone is told, with who blocks it."""
        lease = self.clone()
        wrapper = self.probe
        lease.point(wrapper)
        wrapper.set_autocommit(False)
        with wrapper.cursor() as cursor:
            cursor.execute("CREATE TABLE held (id int)")
        (line,) = lease.activity()
        self.assertIn("idle in transaction", line)
        self.assertIn("CREATE TABLE held", line)
        wrapper.rollback()


class SweepTests(CloneCase):
    def test_only_dead_clones_of_ours_are_swept(self):
        """What is ready, kept, leased or somebody else's stays."""
        self.clone(5).set_mark(fingerprint="x", state="in use")
        for last, birth, comment in (
            ("w1", True, Mark("x", "in use")),
            ("w2", True, None),
            ("w3", True, Mark("x", "ready")),
            ("failed_1", True, Mark("x", "kept")),
            ("w4", False, Mark("x", "in use")),
        ):
            self.make_database(self.clone_name(last), birth=birth, comment=comment)
        swept = sweep_orphans(connection, extensions_schema=extensions())
        # A run that ends at this moment sweeps the same, so what is left counts.
        own = {name for name in swept if prefix() in name}
        self.assertLessEqual(own, {self.clone_name("w1"), self.clone_name("w2")})
        self.assert_own_databases(["failed_1", "w3", "w4", "w5"])
