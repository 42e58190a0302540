"""Replaying a journal gives what migrating gave, line by line."""

from django.db import models, transaction
from django.test import override_settings
from django.test.utils import isolate_apps

from testing.catalog import describe
from testing.conf import EngineSettings
from testing.migration import migrate
from testing.preparation import prepare, restore
from testing.recorder import Recorder
from testing.tests.probe import ProbeCase, extensions, need_right
from testing.tests.rich_schema import statements_for


class ReplayEqualityTests(ProbeCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        # Operator classes are made by superusers alone.
        need_right("rolsuper")

    def record(self, act):
        """Execute through Django in one slot, replay into another, compare."""
        probe, leased = self.on_schema()
        recorder = Recorder(probe, fingerprint="probe", extensions_schema=extensions())
        with probe.execute_wrapper(recorder):
            act(probe)
        journal = recorder.finish()
        journal.check_names(schema=leased.schema)
        self.assertEqual(journal.refusal, "")
        other = self.lease(2)
        journal.replay(other.session)
        expected = describe(leased.session, schema=leased.schema)
        found = describe(other.session, schema=other.schema)
        self.assertEqual(found, expected)
        self.assertTrue(expected["relations"])

    def execute_all(self, probe):
        with probe.cursor() as cursor:
            for _, statement in statements_for(probe.connection):
                cursor.execute(statement)

    def test_autocommit(self):
        """A rich schema made by lone statements is replayed exactly."""
        self.record(self.execute_all)

    def test_one_transaction(self):
        """A rich schema made in one transaction is replayed exactly."""

        def act(probe):
            with transaction.atomic(using=probe.alias):
                # Tables with checks that wait cannot be altered.
                with probe.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                self.execute_all(probe)

        self.record(act)

    @isolate_apps("testing")
    def test_schema_editor(self):
        """What Django's schema editor does is replayed exactly."""

        class Animal(models.Model):
            name = models.CharField(max_length=20, db_default="100 %", unique=True)
            legs = models.PositiveSmallIntegerField(db_comment="it's a count")
            kind = models.JSONField(default=dict)
            parent = models.ForeignKey("self", models.CASCADE, null=True)

            class Meta:
                app_label = "testing"
                db_table_comment = 'say "hi"'
                indexes = [
                    models.Index(
                        fields=["legs"],
                        name="few_legs",
                        condition=models.Q(legs__lt=4),
                    )
                ]
                constraints = [
                    models.CheckConstraint(
                        condition=models.Q(legs__lte=100), name="no_millipede"
                    )
                ]

            def __str__(self):
                return self.name

        def act(probe):
            with probe.schema_editor() as editor:
                editor.create_model(Animal)
            for number in range(3):
                Animal.objects.using(probe.alias).create(
                    name=f"it's {number} %s", legs=number, kind={"a": ["'", "%"]}
                )
            with probe.schema_editor(atomic=False) as editor:
                field = models.TextField(null=True)
                field.set_attributes_from_name("sound")
                editor.add_field(Animal, field)

        self.record(act)


class ProjectTests(ProbeCase):
    maxDiff = None

    def test_project(self):
        """The project's own journal builds exactly what migrating builds."""
        self.engine_settings()
        probe, leased = self.on_schema(5)
        migrate(probe, verbosity=0)
        migrated = describe(leased.session, schema=leased.schema)
        fresh = self.wrapper("fresh")
        plan = prepare(aliases=["fresh"], verbosity=0)
        self.addCleanup(restore, plan)
        journal = plan.journals["fresh"]
        self.assertEqual(journal.refusal, "")
        self.assertEqual(journal.extensions, [])
        other = self.lease(6, wrapper=fresh)
        journal.replay(other.session)
        replayed = describe(other.session, schema=other.schema)
        self.assertEqual(set(replayed), set(migrated))
        for kind, lines in migrated.items():
            with self.subTest(kind=kind):
                if kind == "rows of django_migrations":
                    # Each row has the moment at which it was applied.
                    self.assertEqual(len(replayed[kind]), len(lines))
                else:
                    self.assertEqual(replayed[kind], lines)
        self.assertGreater(len(migrated["rows of django_content_type"]), 3)

    @override_settings(TESTING={"START_METHOD": "fork"})
    def test_probe_settings_are_not_the_projects(self):
        """The settings of a test are in force for the engine at once."""
        self.assertEqual(EngineSettings.load().start_method, "fork")
