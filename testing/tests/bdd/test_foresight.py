"""A first run puts its units in order by what it finds out itself."""

from unittest import TestCase, mock

from testing.bdd.foresight import Foresight, StepFinder
from testing.bdd.units import Unit, UnitQueue
from testing.tests.bdd.console_facts import scenario, step
from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.bdd.unit_cases import MIXED, Registry, parse, units_of

SLOW = """
import time
from behave import step

@step("it takes time")
def takes_time(context):
    time.sleep(0.3)
"""


def unit(number, **fields):
    return Unit(feature=number, places=(1,), **fields)


def ran(location, seconds, status="passed"):
    """Return a scenario of one step."""
    return scenario(steps=[step(location=location, seconds=seconds, status=status)])


class StepFinderTests(TestCase):
    def test_each_text_once(self):
        """The same step in several scenarios is matched once."""
        (found,) = parse(
            "Feature: F\n Scenario: A\n  Given step 1\n  Given undefined\n"
            " Scenario: B\n  Given step 1\n  When step 1\n"
        )
        registry = mock.Mock(wraps=Registry())
        finder = StepFinder(registry)
        locations = [finder.locations(one) for one in found.model.scenarios]
        self.assertEqual(locations, [["s.py:1", ""], ["s.py:1", "s.py:1"]])
        # A step's function may differ by its keyword.
        self.assertEqual(registry.find_match.call_count, 3)


class ForesightTests(TestCase):
    def test_steps_of_units(self):
        """Each unit has the steps of those of its scenarios that will run."""
        features = parse(MIXED)
        units = units_of(features, "--tags", "not @reads.mail")
        foresight = Foresight.of(units, features, registry=Registry())
        self.assertEqual(
            sorted(foresight.steps.values()),
            [["s.py:1", "s.py:4", "s.py:5"], ["s.py:2"]],
        )

    def test_unknown_is_tried_early(self):
        """A step that nobody has seen counts as the longest one seen."""
        steps = {(1, (1,)): ["a"] * 5, (2, (1,)): ["new"], (3, (1,)): ["b", "a"] * 2}
        foresight = Foresight(steps)
        self.assertIs(foresight.has_news, False)
        foresight.learn(ran("a", 0.1))
        foresight.learn(ran("b", 2.0))
        self.assertIs(foresight.has_news, True)
        ordered = foresight.order([unit(1), unit(2), unit(3)])
        self.assertEqual([one.feature for one in ordered], [3, 2, 1])
        self.assertIs(foresight.has_news, False)
        foresight.learn(ran("new", 0.2))
        ordered = foresight.order(ordered)
        self.assertEqual([one.feature for one in ordered], [3, 1, 2])

    def test_news(self):
        """More of the same step is no news; its median counts, failures do not."""
        foresight = Foresight({(1, (1,)): ["a"], (2, (1,)): ["b"]})
        foresight.learn(ran("b", 1.0))
        for seconds in (9.0, 0.1, 0.1):
            foresight.learn(ran("a", seconds))
        ordered = foresight.order([unit(1), unit(2)])
        self.assertEqual([one.feature for one in ordered], [2, 1])
        for fact in (ran("a", 5.0), ran("", 5.0), ran("c", 5.0, status="failed")):
            foresight.learn(fact)
        self.assertIs(foresight.has_news, False)
        self.assertEqual(list(foresight.seen), ["b", "a"])

    def test_company(self):
        """Clashing units go first; what came up meanwhile goes before all."""
        steps = {(1, (1,)): ["a"], (2, (1,)): ["a", "a"], (3, (1,)): ["a"]}
        foresight = Foresight(steps)
        foresight.learn(ran("a", 1.0))
        queue = UnitQueue([unit(1), unit(2), unit(3, reads=frozenset("x"))])
        queue.put(unit(9))
        queue.arrange(foresight.order)
        self.assertEqual([one.feature for one in queue.together], [9, 3, 2, 1])


class FirstRunTests(EngineCase):
    def order(self, record):
        paths = {one.feature: one.path for one in record.features}
        units = sorted(record.units, key=lambda one: one.began)
        return [paths[one.feature].removesuffix(".feature")[-1] for one in units]

    def test_order(self):
        """The first run looks at what is unknown before more of the known."""
        self.write(
            {
                "steps/slow.py": SLOW,
                "a.feature": feature("A", "it takes time; all is well; all is well"),
                "b.feature": feature("B", "all is well; all is well"),
                "c.feature": feature("C", "I note c1"),
            }
        )
        status, record, error = self.record("-j", "1")
        self.assertEqual(status, 0, error)
        self.assertEqual(self.order(record), ["a", "c", "b"])
        # A seed decides alone.
        (self.place / "cache" / "history.json").unlink()
        status, record, error = self.record("-j", "1", "--random", "3")
        self.assertEqual(status, 0, error)
        (self.place / "cache" / "history.json").unlink()
        _, again, _ = self.record("-j", "1", "--random", "3")
        self.assertEqual(self.order(record), self.order(again))
