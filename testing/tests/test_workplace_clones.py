"""A workplace of clones: entered, reset, kept and left like one of schemas."""

from unittest import mock

from django.contrib.contenttypes.models import ContentType
from django.db import connections

from testing.builds import Build
from testing.database import connect
from testing.errors import SetupFailure
from testing.keepsake import drop_keepsakes
from testing.marks import Mark
from testing.migration import migrate
from testing.occupancy import enter, leave
from testing.own_databases import database_mark
from testing.preparation import prepare, restore
from testing.tests.clone_case import CloneCase
from testing.tests.probe import drop_database, own_path
from testing.workplace import sweep


class WorkplaceCase(CloneCase):
    def plan(self, *, isolation="database", **options):
        self.engine_settings(ISOLATION=isolation)
        plan = prepare(aliases=["probe"], verbosity=0, **options)
        self.addCleanup(restore, plan)
        return plan

    def enter(self, plan, worker_id=1):
        entered = enter(plan, worker_id=worker_id)
        self.addCleanup(leave, entered)
        return entered

    def mark(self, last):
        return database_mark(self.open_session(), name=self.clone_name(last))

    def where(self):
        with self.probe.cursor() as cursor:
            cursor.execute("SELECT current_database(), current_schema()")
            return cursor.fetchone()


class EnterTests(WorkplaceCase):
    def test_whole_way(self):
        """Entered, reset, pushed, popped and left; only the template stays."""
        home = self.probe.settings_dict["NAME"]
        plan = self.plan(package="auth")
        entered = self.enter(plan)
        name = self.clone_name("auth_w1")
        self.assertEqual(self.own_databases(), ["auth_w1", "template"])
        self.assertEqual(entered.builds, [Build("probe", name, "cloned")])
        self.assertEqual(self.where(), (name, "public"))
        self.assertEqual(self.mark("auth_w1").state, "in use")
        types = ContentType.objects.using("probe")
        before = list(types.order_by("id").values_list("id", "model"))
        self.assertTrue(before)
        types.create(app_label="x", model="pushed")
        entered.push()
        types.all().delete()
        entered.reset()
        self.assertEqual(types.count(), len(before) + 1)
        entered.pop()
        self.assertEqual(list(types.order_by("id").values_list("id", "model")), before)
        leave(entered)
        self.assertEqual(self.own_databases(), ["template"])
        self.assertEqual(self.probe.settings_dict["NAME"], home)
        fingerprint = plan.journals["probe"].fingerprint
        self.assertEqual(self.mark("template"), Mark(fingerprint, "ready"))

    def test_kept(self):
        """With --keepdb the second run neither migrates nor clones."""
        first = self.plan(keepdb=True)
        entered = self.enter(first)
        ContentType.objects.using("probe").all().delete()
        leave(entered)
        self.assertEqual(self.mark("w1").state, "ready")
        restore(first)
        with mock.patch("testing.templates.migrate") as again:
            entered = self.enter(prepare(aliases=["probe"], keepdb=True, verbosity=0))
        again.assert_not_called()
        self.assertEqual([build.way for build in entered.builds], ["kept"])
        self.assertGreater(ContentType.objects.using("probe").count(), 3)
        leave(entered)

    def test_tables_that_a_test_drops(self):
        """A clone that no reset puts back is cloned anew; sessions go on in it."""
        entered = self.enter(self.plan())
        types = ContentType.objects.using("probe")
        before = types.count()
        with self.probe.cursor() as cursor:
            cursor.execute("DROP TABLE django_content_type CASCADE")
        with self.assertLogs("testing.baseline", "WARNING") as logs:
            entered.reset()
        self.assertIn("was built anew", logs.output[0])
        self.assertEqual(self.where(), (self.clone_name("w1"), "public"))
        self.assertEqual(types.count(), before)
        types.all().delete()
        entered.reset()
        self.assertEqual(types.count(), before)
        self.assertEqual(self.mark("w1").state, "in use")

    def test_path_that_the_project_sets(self):
        """Sessions that leave a schema get clones; the next run asks anew."""
        for number in (1, 2):
            with own_path("probe", "public"), self.subTest(number=number):
                plan = self.plan(isolation="schema")
                self.assertEqual(plan.cloned, {"probe"})
                self.assertIn("sets the path of each", plan.notes["probe"])
                entered = self.enter(plan)
                self.assertEqual(self.where(), (self.clone_name("w1"), "public"))
                leave(entered)
                restore(plan)
        self.assertEqual(self.plan(isolation="schema").cloned, frozenset())

    def test_template_that_is_gone(self):
        """A worker that finds no template migrates one itself."""
        plan = self.plan()
        drop_database(self.clone_name("template"))
        self.assertEqual([b.way for b in self.enter(plan).builds], ["cloned"])
        self.assertEqual(self.own_databases(), ["template", "w1"])

    def test_failure_leaves_nothing(self):
        """A workplace that cannot be entered is left again at once."""
        plan = self.plan()
        with (
            mock.patch(
                "testing.clones.CloneLease.verify", side_effect=SetupFailure("no")
            ),
            self.assertRaisesMessage(SetupFailure, "no"),
        ):
            enter(plan, worker_id=1)
        self.assertEqual(self.own_databases(), ["template"])

    def test_further_schemas(self):
        """What a clone holds beside public is not reset, and that is said."""

        def migrate_more(connection, *, verbosity):
            migrate(connection, verbosity=verbosity)
            with connection.cursor() as cursor:
                cursor.execute("CREATE SCHEMA audit; CREATE TABLE audit.t (id int)")
                cursor.execute("CREATE SCHEMA bare")

        with mock.patch("testing.templates.migrate", migrate_more):
            (build,) = self.enter(self.plan()).builds
        self.assertEqual(build.note, "tables in audit are not reset between tests")

    def test_sweep(self):
        """What a dead worker left is dropped at the end of a run."""
        plan = self.plan()
        self.make_database(self.clone_name("w7"), comment=Mark("x", "in use"))
        sweep(plan)
        self.assertEqual(self.own_databases(), ["template"])

    def test_keepsakes(self):
        """A failing clone is copied with its rows; the next run drops the copy."""
        plan = self.plan()
        entered = self.enter(plan)
        ContentType.objects.using("probe").create(app_label="x", model="of the failure")
        connections["probe"].close()
        (line,) = entered.keep_copies()
        name = self.clone_name("failed_1")
        self.assertRegex(line, rf"^(psql .* |manage.py dbshell -- --dbname=){name}$")
        with connect(self.probe, database=name) as session:
            found = session.execute(
                "SELECT count(*) FROM public.django_content_type WHERE app_label = 'x'"
            )
            self.assertEqual(found.fetchone(), (1,))
        self.assertEqual(self.mark("failed_1").state, "kept")
        leave(entered)
        sweep(plan)
        self.assertEqual(self.own_databases(), ["failed_1", "template"])
        drop_keepsakes(plan)
        self.assertEqual(self.own_databases(), ["template"])

    def test_keepsakes_beside_what_is_there(self):
        """Names that are taken are passed over; when none is left nothing is kept."""
        plan = self.plan()
        entered = self.enter(plan)
        self.make_database(self.clone_name("failed_1"), comment="somebody's")
        self.make_database(self.clone_name("failed_2"), comment=Mark("x", "kept"))
        (line,) = entered.keep_copies()
        self.assertRegex(line, rf"{self.clone_name('failed_3')}$")
        self.assertEqual(entered.keep_copies(), [])
        leave(entered)
        drop_keepsakes(plan)
        self.assertEqual(self.own_databases(), ["failed_1", "template"])


class NamesPublicTests(WorkplaceCase):
    def migrate(self, connection, *, verbosity):
        migrate(connection, verbosity=verbosity)
        with connection.cursor() as cursor:
            cursor.execute(
                "DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_tables WHERE schemaname ="
                " 'public' AND tablename = 'django_migrations') THEN RAISE EXCEPTION"
                " 'not in public'; END IF; END$$"
            )

    def test_sent_to_the_other_engine(self):
        """A project whose migrations name public gets clones, and is told why."""
        self.engine_settings()
        with (
            mock.patch("testing.migration.migrate", self.migrate),
            mock.patch("testing.templates.migrate", self.migrate),
            mock.patch("sys.stderr") as stderr,
        ):
            plan = prepare(aliases=["probe"], verbosity=1)
        self.addCleanup(restore, plan)
        (line,) = (call.args[0] for call in stderr.write.call_args_list)
        self.assertEqual(line.count("\n"), 1)
        self.assertIn("Workers get clones of database 'probe' in place of", line)
        self.assertIn("DO $$BEGIN IF NOT EXISTS", line)
        self.assertEqual(plan.cloned, {"probe"})
        entered = self.enter(plan)
        self.assertEqual(self.where(), (self.clone_name("w1"), "public"))
        self.assertIn("names the schema public", plan.notes["probe"])
        leave(entered)
        restore(plan)
        # Known from the journal: nothing is tried on a schema again.
        with mock.patch("testing.migration.migrate") as again:
            second = prepare(aliases=["probe"], verbosity=0)
        self.addCleanup(restore, second)
        again.assert_not_called()
        self.assertEqual(second.cloned, {"probe"})
