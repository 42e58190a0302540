"""What has ended: who hears of it, and what is put back to be tried again."""

from dataclasses import asdict
from unittest import TestCase, mock

from testing.bdd.assembly import Assembly
from testing.bdd.intake import Intake
from testing.bdd.posts import Post
from testing.bdd.record import RunRecord
from testing.bdd.units import Unit, UnitQueue
from testing.tests.bdd.console_facts import step
from testing.tests.bdd.unit_cases import MIXED, parse

# The places of the first three scenarios of MIXED.
PLACES = (1, 3, 5)


class IntakeCase(TestCase):
    def intake(self, **options):
        """Return an intake whose third scenario was not selected."""
        self.assembly = Assembly(
            parse(MIXED)[0], expected={*PLACES}, selected={1, 3}, open_units=1
        )
        self.console, self.foresight = mock.Mock(), mock.Mock()
        self.stop = mock.Mock()
        self.post = Post(schema="test_w2", place=1)
        self.unit = Unit(feature=0, places=PLACES)
        return Intake(
            assemblies=[self.assembly],
            queue=UnitQueue([]),
            console=self.console,
            record=RunRecord(),
            began=10.0,
            on_failure=self.stop,
            foresight=self.foresight,
            **options,
        )

    def end(self, intake, status="failed", *, place=1, is_last_try=False, unit=None):
        """End a scenario; returns its fact."""
        done = asdict(step(status=status, location="s.py:4"))
        fields = {
            **{"path": "f0.feature", "line": 2, "keyword": "Scenario", "name": "One"},
            **{"rule": "", "tags": [], "status": status, "began": 12.5},
            **{"seconds": 2.0, "step_seconds": 1.0, "http_seconds": 0.0},
            "reset_seconds": 0.0,
            "steps": [done],
            "exchanges": [],
        }
        report = {"place": place, "fields": fields, "segment": []}
        given = {"worker_id": 2, "is_last_try": is_last_try}
        intake.end_scenario(self.post, unit or self.unit, report, **given)
        return intake.record.scenarios[-1]


class ScenarioTests(IntakeCase):
    def test_passed(self):
        """Everybody hears of it, at the moment that the run's clock shows."""
        intake = self.intake(retries=2)
        fact = self.end(intake, "passed")
        self.assertEqual((fact.worker, fact.schema, fact.began), (2, "test_w2", 2.5))
        self.assertEqual((fact.is_final, fact.steps[0].location), (True, "s.py:4"))
        self.console.scenario_ended.assert_called_once_with(fact)
        self.foresight.learn.assert_called_once_with(fact)
        self.stop.assert_not_called()
        self.assertEqual((self.post.place, self.post.finished), (None, {1}))
        self.assertIs(intake.queue.is_empty(), True)

    def test_failed(self):
        """Without tries left it has failed for good."""
        intake = self.intake()
        self.assertIs(self.end(intake).is_final, True)
        self.stop.assert_called_once_with()
        self.assertEqual(self.post.failed, 1)

    def test_tried_again(self):
        """With tries left it waits, alone; the last try counts."""
        intake = self.intake(retries=1)
        self.assertIs(self.end(intake).is_final, False)
        self.stop.assert_not_called()
        self.assertEqual(self.assembly.open_units, 2)
        again = intake.queue.take([])
        self.assertEqual((again.places, again.attempt), ((1,), 2))
        self.assertIs(self.end(intake, unit=again).is_final, True)
        self.stop.assert_called_once_with()
        self.assertIs(intake.queue.is_empty(), True)

    def test_tries_of_the_dead(self):
        """An attempt in which a worker died is none of the scenario's own."""
        intake = self.intake(retries=1)
        unit = self.unit.again(1).died()
        self.assertIs(self.end(intake, unit=unit).is_final, False)

    def test_no_further_try(self):
        """After Ctrl-C nothing is tried again, and what was left out never is."""
        intake = self.intake(retries=5)
        self.assertIs(self.end(intake, is_last_try=True).is_final, True)
        for status in ("skipped", "untested"):
            self.assertIs(self.end(intake, status).is_final, True)
        self.assertIs(intake.queue.is_empty(), True)

    def test_not_selected(self):
        """The console does not hear of what was not to run, unless it failed."""
        intake = self.intake()
        self.end(intake, "skipped", place=5)
        self.console.scenario_ended.assert_not_called()
        self.end(intake, "hook_error", place=5)
        self.console.scenario_ended.assert_called_once()

    def test_nobody_foresees(self):
        """Where the order is fixed nobody learns from it."""
        intake = self.intake()
        intake.foresight = None
        self.assertIs(self.end(intake, "passed").has_failed, False)
        self.foresight.learn.assert_not_called()


class UnitTests(IntakeCase):
    def test_over(self):
        """Only what waits to be tried again is still expected of the feature."""
        intake = self.intake(retries=1)
        self.end(intake, place=3)
        answer = {"began": 11.0, "seconds": 4.0, "failed": True, "hook_failures": 0}
        answer |= {"segments": {}, "states": []}
        found = intake.end_unit(self.post, self.unit, answer, worker_id=2)
        self.assertIs(found, self.assembly)
        self.assertEqual((found.expected, found.open_units), ({3}, 1))
        (fact,) = intake.record.units
        self.assertEqual((fact.began, fact.places), (1.0, list(PLACES)))
        self.console.unit_ended.assert_called_once_with(
            worker=2, path="f0.feature", scenarios=1, failed=1, seconds=4.0
        )
