"""What of a feature a unit runs, and what is in memory of the others."""

from types import SimpleNamespace

from behave.model import Status
from behave.parser import parse_feature
from django.test import SimpleTestCase

from testing.bdd.feature_file import FeatureFile
from testing.bdd.statements import SuiteStatements
from testing.tests.bdd.unit_cases import MIXED, SERIAL, parse


def unit(feature, *places):
    return SimpleNamespace(feature=feature, places=places)


def scenarios_of(statements):
    """Return places and names of scenarios, and whether each is skipped."""
    return [
        (place, item.name, item.should_skip)
        for place, item in enumerate(statements)
        if item.type == "scenario"
    ]


class ChosenTests(SimpleTestCase):
    def test_others_are_skipped(self):
        """Of a feature only the unit's scenarios run, in each unit anew."""
        suite = SuiteStatements(parse(MIXED, SERIAL), seed=None)
        (first, _, _), (second, _, _) = scenarios_of(suite.chosen(unit(1)))
        for chosen, other in ((first, second), (second, first)):
            statements = suite.chosen(unit(1, chosen))
            self.assertIs(statements[chosen].should_skip, False)
            self.assertIs(statements[other].should_skip, True)
            self.assertEqual(statements[other].status, Status.skipped)

    def test_left_out_before(self):
        """What a line number left out stays out, even where a unit names it."""
        feature = parse_feature(SERIAL, filename="f0.feature")
        feature.scenarios[0].mark_skipped()
        suite = SuiteStatements([FeatureFile(feature, text=SERIAL)], seed=None)
        places = [place for place, _, _ in scenarios_of(suite.chosen(unit(0)))]
        again = scenarios_of(suite.chosen(unit(0, *places)))
        self.assertEqual([skipped for _, _, skipped in again], [True, False])

    def test_random_order(self):
        """A place is the one in the file, whatever the order of running."""
        text = "Feature: Many\n" + "".join(
            f"  Scenario: {number}\n    * step {number}\n" for number in range(20)
        )
        plain, mixed = (
            SuiteStatements(parse(text), seed=seed).chosen(unit(0))
            for seed in (None, 1)
        )
        self.assertEqual(scenarios_of(plain), scenarios_of(mixed))
        self.assertEqual(plain[0].run_items, plain[1::2])
        self.assertNotEqual(mixed[0].run_items, mixed[1::2])

    def test_one_at_a_time(self):
        """Only the feature that runs is there, parsed once for all its units."""
        suite = SuiteStatements(parse(MIXED, SERIAL), seed=None)
        first = suite.chosen(unit(0))
        self.assertIs(suite.chosen(unit(0))[0], first[0])
        suite.chosen(unit(1))
        self.assertIsNot(suite.chosen(unit(0))[0], first[0])
