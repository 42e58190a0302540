"""What is said of a scenario whose worker did not live to tell."""

from unittest import TestCase

from testing.bdd.losses import location_of, lost_fact
from testing.bdd.units import Unit
from testing.tests.bdd.console_facts import step
from testing.tests.bdd.unit_cases import MIXED, parse


class LostFactTests(TestCase):
    def fact(self, **changed):
        scenario = parse(MIXED)[0].statements[5]
        fields = {
            "place": 5,
            "unit": Unit(feature=0, places=(5,), attempt=2),
            "worker_id": 3,
            "schema": "test_w3",
            "error": "Worker 3 was killed by SIGKILL",
            "is_timeout": False,
            "began": 1.0,
            "seconds": 0.5,
            "events": [["scenario", 5, []]],
        }
        return lost_fact(scenario, **{**fields, **changed})

    def test_lost(self):
        """It is named with all that the parent knows, and is final."""
        fact = self.fact()
        self.assertEqual(fact.location, "f0.feature:8")
        self.assertEqual((fact.name, fact.tags), ("Three", ["reads.mail"]))
        self.assertEqual((fact.attempt, fact.worker, fact.schema), (2, 3, "test_w3"))
        self.assertEqual((fact.status, fact.is_final), ("lost", True))
        self.assertIs(fact.has_failed, True)
        self.assertEqual(fact.events, [["scenario", 5, []]])

    def test_timed_out(self):
        """A time-out has a word of its own."""
        steps = [step(seconds=0.5), step(seconds=1.0, status="timed out")]
        fact = self.fact(is_timeout=True, steps=steps)
        self.assertEqual(fact.status, "timed out")
        self.assertEqual((fact.steps, fact.step_seconds), (steps, 1.5))
        self.assertIs(fact.has_failed, True)

    def test_location(self):
        """People read file, line and name."""
        scenario = parse(MIXED)[0].statements[1]
        self.assertEqual(location_of(scenario), "f0.feature:2 One")
