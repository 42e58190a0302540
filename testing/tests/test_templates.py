"""Templates: migrated once, held while they are used, built anew when they changed."""

import threading
from copy import deepcopy
from unittest import mock

from testing import templates
from testing.database import connect
from testing.errors import SetupFailure
from testing.marks import Mark, lock_key
from testing.own_databases import database_mark, try_lock
from testing.templates import MOST_TEMPLATES, Template
from testing.tests.clone_case import CloneCase
from testing.tests.probe import kill, prefix


class TemplateCase(CloneCase):
    def setUp(self):
        super().setUp()
        # What migrating does is not the matter here.
        self.migrate = self.enterContext(mock.patch.object(templates, "migrate"))

    def template(self, fingerprint="x", *, session=None):
        session = session or self.open_session()
        return Template(self.probe, session, prefix=prefix(), fingerprint=fingerprint)

    def mark(self, last="template"):
        return database_mark(self.open_session(), name=self.clone_name(last))


class HoldTests(TemplateCase):
    def test_built_once(self):
        """It is migrated when it is missing; the next run finds it ready."""
        where = []
        self.migrate.side_effect = lambda connection, **_: where.append(
            connection.settings_dict["NAME"]
        )
        before = deepcopy(self.probe.settings_dict)
        name = self.template().hold(verbosity=0)
        self.assertEqual(name, self.clone_name("template"))
        self.assertEqual(where, [name])
        self.assertEqual(self.mark(), Mark("x", "ready"))
        self.assertEqual(self.probe.settings_dict, before)
        second = self.template()
        self.assertEqual(second.hold(verbosity=0), name)
        self.assertIs(second.was_built, False)
        self.assertEqual(len(where), 1)

    def test_nobody_connects(self):
        """A session in a template would keep it from being copied: it is refused."""
        name = self.template().hold(verbosity=0)
        with self.assertRaisesMessage(Exception, "not currently accepting"):
            connect(self.probe, database=name)

    def test_other_fingerprint(self):
        """It is built anew when migrating would give something else."""
        first = self.template()
        first.hold(verbosity=0)
        first.session.close()
        self.assertEqual(self.template("y").hold(verbosity=0), first.name)
        self.assertEqual(self.mark(), Mark("y", "ready"))

    def test_two_runs_of_different_fingerprints(self):
        """A template in use is left alone; the other run has one of its own."""
        first, second = self.template(), self.template("y")
        first.hold(verbosity=0)
        self.assertEqual(second.hold(verbosity=0), self.clone_name("template2"))
        self.assertEqual(self.mark(), Mark("x", "ready"))
        # Both are found again.
        self.assertEqual(self.template("y").hold(verbosity=0), second.name)
        self.assertEqual(self.template().hold(verbosity=0), first.name)
        self.assertEqual(self.migrate.call_count, 2)

    def test_two_runs_of_one_fingerprint(self):
        """Who comes while it is being built waits, and builds nothing."""
        began, go_on = threading.Event(), threading.Event()

        def slow(*_, **__):
            began.set()
            go_on.wait(10)

        self.migrate.side_effect = slow
        first, second = self.template(), self.template()
        self.probe.inc_thread_sharing()
        builder = threading.Thread(target=first.hold, kwargs={"verbosity": 0})
        builder.start()
        self.assertIs(began.wait(10), True)
        waiter = threading.Thread(target=second.hold, kwargs={"verbosity": 0})
        waiter.start()
        watcher = self.open_session()
        waits = (
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND objid::bigint = %s"
        )
        key = lock_key(f"database {self.clone_name('template')}") & 0xFFFFFFFF
        while watcher.execute(waits, [key]).fetchone() == (0,):
            self.assertIs(waiter.is_alive(), True)
        go_on.set()
        builder.join(10)
        waiter.join(10)
        self.assertEqual(second.name, first.name)
        self.assertEqual(self.migrate.call_count, 1)
        self.assertIs(second.was_built, False)

    def test_dead_builder(self):
        """What a process left that died while it built is built anew."""
        for comment in (Mark("x", "building"), None):
            with self.subTest(comment=comment):
                self.make_database(self.clone_name("template"), comment=comment)
                template = self.template()
                self.assertEqual(
                    template.hold(verbosity=0), self.clone_name("template")
                )
                self.assertEqual(self.mark(), Mark("x", "ready"))
                template.session.close()
                self.open_session().execute(
                    f'DROP DATABASE "{self.clone_name("template")}"'
                )

    def test_migrating_fails(self):
        """After a failure nobody holds a lock, and nothing counts as ready."""
        self.migrate.side_effect = ValueError("no")
        template = self.template()
        with self.assertRaisesMessage(ValueError, "no"):
            template.hold(verbosity=0)
        self.assertEqual(self.mark(), Mark("x", "building"))
        session = self.open_session()
        self.assertIs(try_lock(session, name=template.name), True)

    def test_somebody_elses(self):
        """A database of that name without the marks is left as it is."""
        self.make_database(self.clone_name("template"), comment="mine")
        name = self.template().hold(verbosity=0)
        self.assertEqual(name, self.clone_name("template2"))
        self.assertEqual(self.own_databases(), ["template", "template2"])

    def test_none_left(self):
        """When no name is left the message says so."""
        with (
            mock.patch.object(Template, "_is_foreign", return_value=True),
            self.assertRaisesMessage(SetupFailure, f"All {MOST_TEMPLATES}") as caught,
        ):
            self.template().hold(verbosity=0)
        self.assertThreeParts(str(caught.exception))
        self.assertEqual(self.own_databases(), [])

    def test_released_by_death(self):
        """Who dies holds a template no longer."""
        first = self.template()
        first.hold(verbosity=0)
        kill(self.open_session(), first.session)
        self.assertEqual(self.template("y").hold(verbosity=0), first.name)

    def test_release(self):
        """Who has made its clone leaves the template to others."""
        first = self.template()
        first.hold(verbosity=0)
        first.release()
        self.assertEqual(self.template("y").hold(verbosity=0), first.name)


class RaceTests(TemplateCase):
    """What others do between two looks: steps are counted, since chance is none."""

    def setUp(self):
        super().setUp()
        self.ready = Mark("x", "ready")
        self.late = self.template()
        self.name = self.clone_name("template")
        self.make_database(self.name, comment=Mark("x", "building"))

    def see(self, *marks, foreign=(), denied=0):
        """Let the latecomer see these marks, and be denied so many locks."""
        told = iter(marks)
        foreign = iter(foreign)
        refusals = iter([False] * denied)
        really = try_lock

        def lock(*arguments, **options):
            return next(refusals, None) is None and really(*arguments, **options)

        self.enterContext(mock.patch.object(templates, "try_lock", lock))
        self.enterContext(mock.patch.object(self.late, "_mark", lambda: next(told)))
        self.enterContext(
            mock.patch.object(self.late, "_is_foreign", lambda: next(foreign, False))
        )

    def assertHeld(self, last):
        """Assert that the latecomer holds that template, and built nothing."""
        self.assertEqual(self.late.hold(verbosity=0), self.clone_name(last))
        self.assertIs(self.late.was_built, False)
        self.migrate.assert_not_called()
        other = self.open_session()
        self.assertIs(try_lock(other, name=self.late.name), False)
        self.assertIs(try_lock(other, name=self.late.name, shared=True), True)

    def test_built_before_the_lock(self):
        """It was built before this run had the lock to build it: nothing to do."""
        self.see(Mark("x", "building"), self.ready)
        self.assertHeld("template")

    def test_built_and_held_by_others(self):
        """Others hold what was just built for the same fingerprint: it is shared."""
        self.see(Mark("x", "building"), self.ready, denied=1)
        self.assertHeld("template")

    def test_builder_in_between(self):
        """Whoever began to build in between is waited for."""
        self.see(Mark("x", "building"), self.ready, denied=2)
        self.assertHeld("template")

    def test_swept_in_between(self):
        """A name that another run's sweep has just let go is taken."""
        self.see(Mark("x", "building"), None, self.ready, denied=1)
        self.assertHeld("template")

    def test_gone_while_it_is_held(self):
        """The name of a template that was dropped under its users is passed over."""
        try_lock(self.open_session(), name=self.name, shared=True)
        self.see(None, None, None, None, self.ready)
        with mock.patch.object(templates, "MOST_LOOKS", 2):
            self.assertHeld("template2")

    def test_somebody_elses_in_between(self):
        """A name that became somebody else's is passed over, and left unlocked."""
        self.see(Mark("x", "building"), self.ready, foreign=(False, True))
        self.assertHeld("template2")
        self.assertIs(try_lock(self.open_session(), name=self.name), True)
