"""Preparing a run: journals found or recorded, and everything put back after."""

import json
from copy import deepcopy
from pathlib import Path

from django.conf import settings
from django.db import connections

from testing.marks import Mark
from testing.preparation import prepare, restore
from testing.tests.apart_case import ApartCase
from testing.tests.probe import extensions, prefix


class PrepareTests(ApartCase):
    def setUp(self):
        super().setUp()
        self.given = self.engine_settings()

    def prepare(self, **options):
        plan = prepare(aliases=["probe"], verbosity=0, **options)
        self.addCleanup(restore, plan)
        return plan

    def test_plan(self):
        """The plan says what workers need to know."""
        plan = self.prepare(package="auth", keepdb=True)
        self.assertEqual(plan.database_names, self.probe.settings_dict["NAME"])
        self.assertEqual(plan.slot_prefix, prefix())
        self.assertEqual((plan.package, plan.keepdb), ("auth", True))
        self.assertEqual([d.aliases for d in plan.databases], [("probe",)])
        self.assertEqual(list(plan.journals), ["probe"])

    def test_slot_prefix(self):
        """A prefix for the run comes after that of the project."""
        self.assertEqual(
            self.prepare(slot_prefix="shared").slot_prefix, f"{prefix()}_shared"
        )

    def test_journal_is_recorded_once(self):
        """The first run records, the second one reads what it left."""
        first = self.prepare()
        (path,) = Path(self.given["CACHE_DIR"]).glob("journal-probe-*")
        content = json.loads(path.read_text())
        content["extensions"] = ["left by the first run"]
        path.write_text(json.dumps(content))
        restore(first)
        second = self.prepare()
        self.assertEqual(second.journals["probe"].extensions, ["left by the first run"])
        self.assertEqual(
            second.journals["probe"].transactions, first.journals["probe"].transactions
        )

    def test_recording_leaves_its_schema(self):
        """The slot that was recorded in waits for the first worker, package and all."""
        plan = self.prepare(package="auth", slot_prefix="shared")
        found = self.session.execute(
            "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace"
            " WHERE starts_with(nspname, %s) AND nspname <> %s",
            [f"{prefix()}_", extensions()],
        ).fetchall()
        self.assertEqual([name for name, _ in found], [f"{prefix()}_shared_auth_w1"])
        fingerprint = plan.journals["probe"].fingerprint
        self.assertEqual(Mark.parse(found[0][1]), Mark(fingerprint, "recorded"))

    def test_parent_has_no_tables(self):
        """The parent's connection falls back on nothing, `public` included."""
        self.prepare()
        with self.probe.cursor() as cursor:
            cursor.execute("SHOW search_path")
            self.assertEqual(cursor.fetchone(), (f"{extensions()},{extensions()}",))

    def test_restore(self):
        """Afterwards Django works with the databases it had before."""
        self.probe.settings_dict["TEST"]["NAME"] = self.probe.settings_dict["NAME"]
        self.probe.settings_dict["NAME"] = "as_before"
        self.probe.settings_dict["OPTIONS"]["options"] = "-c work_mem=1MB"
        before = deepcopy(self.probe.settings_dict)
        plan = self.prepare()
        self.assertNotEqual(self.probe.settings_dict, before)
        restore(plan)
        self.assertEqual(self.probe.settings_dict, before)

    def test_mirror(self):
        """A replica leads to the test database of its primary."""
        test = {**self.probe.settings_dict["TEST"], "MIRROR": "probe"}
        replica = self.wrapper("replica", NAME="elsewhere", TEST=test)
        plan = prepare(aliases=["probe", "replica"], verbosity=0)
        self.addCleanup(restore, plan)
        self.assertEqual([d.aliases for d in plan.databases], [("probe", "replica")])
        self.assertEqual(
            replica.settings_dict["NAME"], self.probe.settings_dict["NAME"]
        )

    def test_without_migrations(self):
        """With TEST MIGRATE off, tables are made from models alone."""
        self.probe.settings_dict["TEST"]["MIGRATE"] = False
        lines = [
            line
            for _, lines in self.prepare().journals["probe"].transactions
            for line in lines
        ]
        created = [line for line in lines if line.startswith("CREATE TABLE")]
        self.assertIn('CREATE TABLE "users_user"', "\n".join(created))
        applied = [line for line in lines if 'INTO "django_migrations"' in line]
        self.assertEqual(applied, [])

    def test_project_is_untouched(self):
        """Preparing a probe changes neither the project's settings nor its alias."""
        before = deepcopy(connections["default"].settings_dict)
        self.prepare()
        self.assertEqual(connections["default"].settings_dict, before)
        self.assertEqual(settings.TESTING["SLOT_PREFIX"], prefix())
