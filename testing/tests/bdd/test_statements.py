"""What of a feature a unit runs, and its statements' places in any order."""

from types import SimpleNamespace

from behave.model import Status
from django.test import SimpleTestCase

from testing.bdd.statements import SuiteStatements, shuffle
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
        features = parse(SERIAL)
        features[0].scenarios[0].mark_skipped()
        suite = SuiteStatements(features, seed=None)
        places = [place for place, _, _ in scenarios_of(suite.chosen(unit(0)))]
        again = scenarios_of(suite.chosen(unit(0, *places)))
        self.assertEqual([skipped for _, _, skipped in again], [True, False])


class ShuffleTests(SimpleTestCase):
    TEXT = "Feature: Many\n" + "".join(
        f"  Scenario: {number}\n    * step {number}\n" for number in range(20)
    )

    def names(self, feature):
        return [scenario.name for scenario in feature.scenarios]

    def test_seed_decides(self):
        """The same seed gives the same order, another one another."""
        orders = []
        for seed in (1, 1, 2):
            (feature,) = parse(self.TEXT)
            shuffle(feature, seed=seed)
            orders.append([item.name for item in feature.run_items])
        self.assertEqual(orders[0], orders[1])
        self.assertNotEqual(orders[0], orders[2])
        self.assertEqual(sorted(orders[0]), sorted(orders[2]))

    def test_places_stay(self):
        """A place is the one in the file, whatever the order of running."""
        plain = SuiteStatements(parse(self.TEXT), seed=None)
        mixed = SuiteStatements(parse(self.TEXT), seed=1)
        self.assertEqual(
            [name for _, name, _ in scenarios_of(plain.chosen(unit(0)))],
            [name for _, name, _ in scenarios_of(mixed.chosen(unit(0)))],
        )

    def test_rows_of_outlines(self):
        """Rows of an outline are put in another order, too, and none is lost."""
        rows = "".join(f"      | {number} |\n" for number in range(20))
        (feature,) = parse(
            "Feature: Rows\n  Scenario Outline: Row\n    * step <n>\n"
            f"    Examples:\n      | n |\n{rows}"
        )
        (outline,) = feature.run_items
        before = [row.name for row in outline.scenarios]
        shuffle(feature, seed=1)
        after = [row.name for row in outline.scenarios]
        self.assertNotEqual(before, after)
        self.assertEqual(sorted(before), sorted(after))
