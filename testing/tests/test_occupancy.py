"""Workplaces of a process: which one is asked, also for a while on clones."""

from dataclasses import replace
from unittest import mock

from django.contrib.contenttypes.models import ContentType
from django.db import connections

from testing import occupancy
from testing.errors import SetupFailure
from testing.occupancy import (
    aliases_beside,
    baseline_of,
    enter,
    on_clones,
    works_on_clones,
)
from testing.preparation import Database, prepare, restore
from testing.schemas import Lease
from testing.tests import test_workplace_clones
from testing.tests.probe import prefix
from testing.tests.workplace_case import WorkplaceCase


class EnterTests(WorkplaceCase):
    def test_two_workplaces(self):
        """Who comes second gets a slot of its own, whatever its number."""
        first = self.enter(self.plan())
        other = self.wrapper("other")
        plan = prepare(aliases=["other"], verbosity=0)
        self.addCleanup(restore, plan)
        second = self.enter(plan)
        self.assertEqual(self.schemas(), ["w1", "w2"])
        self.assertIs(baseline_of("probe"), first.baselines["probe"])
        self.assertIs(baseline_of("other"), second.baselines["other"])
        self.assertIs(other, connections["other"])

    def test_nobody_is_at_work(self):
        """An alias without a workplace has no baseline."""
        self.assertIsNone(baseline_of("probe"))

    def test_failure_leaves_nothing(self):
        """A workplace that cannot be entered is left again at once."""
        plan = self.plan()
        with (
            mock.patch.object(Lease, "verify", side_effect=SetupFailure("no")),
            self.assertRaisesMessage(SetupFailure, "no"),
        ):
            enter(plan, worker_id=1)
        self.assertEqual(self.schemas(), [])


class AliasesTests(WorkplaceCase):
    def test_beside(self):
        """Aliases of one schema belong together; who works elsewhere is alone."""
        place = self.plan()
        self.enter(place)
        self.assertEqual(aliases_beside("probe"), ("probe",))
        self.assertEqual(aliases_beside("nobody"), ("nobody",))
        both = mock.Mock()
        both.plan.databases = (Database(("one", "two")), *place.databases)
        with mock.patch.object(occupancy, "_occupied", [both]):
            self.assertEqual(aliases_beside("two"), ("one", "two"))

    def test_pool_that_was_made_smaller(self):
        """A worker's connections have the pool that the parent has chosen."""
        pool = {"min_size": 1, "max_size": 2}
        self.enter(replace(self.plan(), pools={"probe": pool}))
        self.assertEqual(self.probe.settings_dict["OPTIONS"]["pool"], pool)
        with self.probe.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            self.assertEqual(cursor.fetchone(), (f"{prefix()}_w1",))
        self.assertEqual((self.probe.pool.min_size, self.probe.pool.max_size), (1, 2))


class OnClonesTests(test_workplace_clones.WorkplaceCase):
    def test_there_and_back(self):
        """For a while the worker is in a clone, with what its hooks had loaded."""
        entered = self.enter(self.plan(isolation="schema"), worker_id=2)
        home, schema = self.where()
        types = ContentType.objects.using("probe")
        types.create(app_label="x", model="loaded by a hook")
        entered.push()
        # Without the workplace in which this test runs.
        own = self.enterContext(mock.patch.object(occupancy, "_occupied", [entered]))
        self.assertIs(works_on_clones(), False)
        with on_clones(entered) as inner:
            self.assertIs(works_on_clones(), True)
            self.assertEqual(own, [entered, inner])
            self.assertEqual(self.where(), (self.clone_name("w2"), "public"))
            self.assertEqual(types.filter(app_label="x").count(), 1)
            self.assertIs(baseline_of("probe"), inner.baselines["probe"])
            types.all().delete()
            inner.reset()
            self.assertEqual(types.filter(app_label="x").count(), 1)
            types.create(app_label="x", model="of the clone")
        self.assertEqual(self.where(), (home, schema))
        self.assertEqual(types.filter(app_label="x").count(), 1)
        self.assertIs(baseline_of("probe"), entered.baselines["probe"])
        self.assertEqual(self.own_databases(), ["template"])

    def test_error_inside(self):
        """After an error the worker is back as well."""
        entered = self.enter(self.plan(isolation="schema"))
        before = self.where()
        with self.assertRaisesMessage(ValueError, "x"), on_clones(entered):
            raise ValueError("x")
        self.assertEqual(self.where(), before)
        self.assertEqual(self.own_databases(), ["template"])

    def test_already_on_clones(self):
        """Where workers have clones anyway nothing changes."""
        entered = self.enter(self.plan())
        before = self.where()
        with on_clones(entered) as inner:
            self.assertEqual(self.where(), before)
            self.assertEqual(inner.leases, {})
            self.assertIs(baseline_of("probe"), entered.baselines["probe"])

    def test_kept_schema_is_not_touched(self):
        """With --keepdb the clone of a while is dropped all the same."""
        entered = self.enter(replace(self.plan(isolation="schema"), keepdb=True))
        with on_clones(entered):
            self.assertEqual(self.own_databases(), ["template", "w1"])
        self.assertEqual(self.own_databases(), ["template"])
        self.assertTrue(prefix())
