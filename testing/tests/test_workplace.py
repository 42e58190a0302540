"""A workplace: entered on a schema that is built, left without a trace."""

import json
import pickle
from pathlib import Path
from unittest import mock

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres import signals

from testing import builds
from testing.builds import Build
from testing.catalog import describe
from testing.occupancy import baseline_of, leave
from testing.preparation import restore
from testing.tests.probe import make_schema, orphan, prefix, schema_exists
from testing.tests.workplace_case import WorkplaceCase
from testing.workplace import sweep


class EnterTests(WorkplaceCase):
    def test_types_of_extensions(self):
        """Types are asked for once the schema is built, and again afterwards."""
        plan = self.plan()
        signals.get_hstore_oids("probe")
        with mock.patch.object(signals, "get_type_oids", return_value=((), ())) as ask:
            entered = self.enter(plan)
            self.assertIn(mock.call("probe", "hstore"), ask.mock_calls)
            ask.reset_mock()
            leave(entered)
            signals.get_hstore_oids("probe")
            ask.assert_called_once_with("probe", "hstore")
        signals.get_hstore_oids.cache_clear()

    def test_not_forked(self):
        """A process that was not forked is led to the test database, and back."""
        plan = pickle.loads(pickle.dumps(self.plan()))
        place = self.probe.settings_dict
        name, place["NAME"] = place["NAME"], "the_project_s_own"
        self.addCleanup(place.update, NAME=name)
        self.probe.close()
        entered = self.enter(plan)
        self.assertEqual((place["NAME"], self.schemas()), (name, ["w1"]))
        leave(entered)
        self.assertEqual(place["NAME"], "the_project_s_own")

    def test_enter_and_leave(self):
        """While it is occupied there is one schema; afterwards nothing is left."""
        plan = self.plan()
        entered = self.enter(plan)
        self.assertEqual(self.schemas(), ["w1"])
        self.assertEqual(entered.builds, [Build("probe", f"{prefix()}_w1", "replayed")])
        self.assertEqual(self.mark("w1").state, "in use")
        with self.probe.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            self.assertEqual(cursor.fetchone(), (f"{prefix()}_w1",))
        leave(entered)
        self.assertEqual(self.schemas(), [])
        leave(entered)

    def test_package_is_in_the_name(self):
        """The chosen package is part of the schema's name."""
        self.enter(self.plan(package="auth"), worker_id=3)
        self.assertEqual(self.schemas(), ["auth_w3"])

    def test_plan_can_be_sent(self):
        """A plan reaches spawned workers by pickling."""
        plan = self.plan()
        self.assertEqual(pickle.loads(pickle.dumps(plan)), plan)


class ResetTests(WorkplaceCase):
    def test_reset_push_pop(self):
        """Data goes back to what migrating left, or to what was pushed."""
        entered = self.enter(self.plan())
        types = ContentType.objects.using("probe")
        before = list(types.order_by("id").values_list("id", "model"))
        self.assertTrue(before)
        types.create(app_label="x", model="kept")
        entered.push()
        types.create(app_label="x", model="lost")
        types.filter(model="user").delete()
        entered.reset()
        self.assertEqual(types.count(), len(before) + 1)
        entered.pop()
        self.assertEqual(list(types.order_by("id").values_list("id", "model")), before)


class KeptTests(WorkplaceCase):
    def test_second_run_finds_the_schema(self):
        """With --keepdb the second run builds nothing."""
        plan = self.plan(keepdb=True)
        first = self.enter(plan)
        ContentType.objects.using("probe").create(app_label="x", model="y")
        first.push()
        ContentType.objects.using("probe").all().delete()
        leave(first)
        self.assertEqual(self.mark("w1").state, "ready")
        with mock.patch.object(builds, "migrate") as migrate:
            second = self.enter(plan)
        migrate.assert_not_called()
        self.assertEqual([build.way for build in second.builds], ["kept"])
        self.assertGreater(ContentType.objects.using("probe").count(), 3)
        self.assertIs(
            ContentType.objects.using("probe").filter(app_label="x").exists(), False
        )

    def test_baseline_is_known(self):
        """The second run asks a kept schema for nothing that the first one knew."""
        plan = self.plan(keepdb=True)
        leave(self.enter(plan))
        with mock.patch("testing.baseline.take_inventory") as take:
            second = self.enter(plan)
            ContentType.objects.using("probe").create(app_label="x", model="y")
            second.reset()
        take.assert_not_called()
        self.assertIs(
            ContentType.objects.using("probe").filter(app_label="x").exists(), False
        )
        self.assertGreater(ContentType.objects.using("probe").count(), 3)

    def test_baseline_that_nobody_wrote_down(self):
        """Where nothing could be written, a kept schema is asked as ever."""
        plan = self.plan(keepdb=True)
        with mock.patch(
            "testing.kept_baselines.Path.mkdir", side_effect=PermissionError
        ):
            leave(self.enter(plan))
        second = self.enter(plan)
        self.assertEqual([build.way for build in second.builds], ["kept"])
        self.assertIn("users_user", baseline_of("probe").inventory.names)

    def test_schema_of_a_process_that_died(self):
        """A schema that was in use when its process died is built anew."""
        plan = self.plan(keepdb=True)
        fingerprint = plan.journals["probe"].fingerprint
        for state in ("in use", "building"):
            with self.subTest(state=state):
                name = f"{prefix()}_w1"
                make_schema(self.session, name, mark=orphan(fingerprint, state))
                entered = self.enter(plan)
                self.assertEqual([build.way for build in entered.builds], ["replayed"])
                leave(entered)
                self.session.execute(f"DROP SCHEMA {name} CASCADE")

    def test_schema_of_another_fingerprint(self):
        """A schema that is ready for other migrations is built anew."""
        plan = self.plan(keepdb=True)
        make_schema(self.session, f"{prefix()}_w1", mark=orphan("old", "ready"))
        self.assertEqual([b.way for b in self.enter(plan).builds], ["replayed"])

    def test_schema_that_was_kept(self):
        """Without --keepdb a schema that was kept is neither used nor left."""
        kept = self.plan(keepdb=True)
        leave(self.enter(kept))
        self.assertEqual(self.schemas(), ["w1"])
        restore(kept)
        entered = self.enter(self.plan())
        self.assertEqual([build.way for build in entered.builds], ["replayed"])
        leave(entered)
        self.assertEqual(self.schemas(), [])


class JournalTests(WorkplaceCase):
    def journal_file(self):
        (path,) = Path(self.given["CACHE_DIR"]).glob("journal-probe-*")
        return path

    def test_first_replay_is_verified(self):
        """The first replay is compared with what migrating gave, and noted."""
        self.enter(self.plan())
        self.assertIs(json.loads(self.journal_file().read_text())["verified"], True)

    def test_replay_that_differs(self):
        """A journal whose replay differs is not used: the worker migrates."""
        plan = self.plan()
        plan.journals["probe"].digest = '{"rows of x": "0"}'
        entered = self.enter(plan)
        (build,) = entered.builds
        self.assertEqual(build.way, "migrated")
        self.assertRegex(build.note, "its replay differs .* in: columns, .* and more")
        found = describe(self.session, schema=build.schema)
        self.assertTrue(found["rows of django_migrations"])
        content = json.loads(self.journal_file().read_text())
        self.assertEqual(content["refusal"], build.note)
        leave(entered)
        self.assertEqual(self.schemas(), [])


class RecordedTests(WorkplaceCase):
    def test_first_worker_takes_the_recorded_schema_over(self):
        """The schema that was migrated is not thrown away, and lost only once."""
        plan = self.plan(takes_over=True)
        self.assertEqual(self.mark("w1").state, "recorded")
        types = "SELECT oid FROM pg_class WHERE oid = to_regclass(%s)"
        table = [f"{prefix()}_w1.django_content_type"]
        before = self.session.execute(types, table).fetchone()
        entered = self.enter(plan)
        self.assertEqual([build.way for build in entered.builds], ["recorded"])
        self.assertEqual(self.session.execute(types, table).fetchone(), before)
        self.assertEqual(self.mark("w1").state, "in use")
        leave(entered)
        self.assertEqual(self.schemas(), [])
        self.assertEqual([b.way for b in self.enter(plan).builds], ["replayed"])

    def test_recorded_schema_that_was_changed(self):
        """A schema that is not what was recorded any more is built anew."""
        plan = self.plan(takes_over=True)
        self.session.execute(f"DELETE FROM {prefix()}_w1.django_migrations")
        self.assertEqual([b.way for b in self.enter(plan).builds], ["replayed"])

    def test_recorded_schema_nobody_took(self):
        """A recorded schema that no worker came to take is swept."""
        plan = self.plan(takes_over=True)
        sweep(plan)
        self.assertEqual(self.schemas(), [])


class SweepTests(WorkplaceCase):
    def test_sweep(self):
        """What dead workers of a run left is dropped, what is at work stays."""
        plan = self.plan()
        self.enter(plan)
        make_schema(self.session, f"{prefix()}_w2", mark=orphan())
        sweep(plan)
        self.assertIs(schema_exists(self.session, f"{prefix()}_w1"), True)
        self.assertIs(schema_exists(self.session, f"{prefix()}_w2"), False)
