"""From features to units, and the order in which they start."""

from unittest import TestCase

from testing.bdd.plan import order_units
from testing.tests.bdd.colourful_features import FIRST, SECOND
from testing.tests.bdd.unit_cases import (
    MIXED,
    SERIAL,
    TAGGED,
    history,
    parse,
    units_of,
)


class DivisionTests(TestCase):
    def test_by_feature(self):
        """A feature is one unit; its serial scenarios are units of their own."""
        units = units_of(parse(MIXED, SERIAL))
        self.assertEqual(
            [(u.feature, u.places, u.is_alone, u.active) for u in units],
            [
                (0, (1, 5, 8, 10), False, 4),
                (0, (3,), True, 1),
                (1, (1, 3), True, 2),
            ],
        )
        self.assertEqual(units[0].reads, {"mail"})
        self.assertEqual(units[1].reads, frozenset())
        self.assertEqual(units[2].writes, {"clock"})

    def test_by_scenario(self):
        """Each scenario and each example row is a unit, with its own tags."""
        units = units_of(parse(MIXED), parallel_by="scenario")
        self.assertEqual([u.places for u in units], [(1,), (3,), (5,), (8,), (10,)])
        self.assertEqual([u.is_alone for u in units], [False, True, *[False] * 3])
        self.assertEqual(
            [set(u.reads) for u in units], [set(), set(), {"mail"}, *[set()] * 2]
        )

    def test_not_selected(self):
        """What is not selected goes along once, to be announced as skipped."""
        for by, places in (
            ("feature", [(1, 3, 5)]),
            ("scenario", [(1, 3), (5,)]),
            ("package", [(1, 3, 5)]),
        ):
            with self.subTest(by=by):
                units = units_of(parse(TAGGED), "--tags", "not @slow", parallel_by=by)
                self.assertEqual([u.places for u in units], places)
                self.assertEqual(sum(u.active for u in units), 2)

    def test_nothing_selected(self):
        """A feature of which nothing runs is still one unit."""
        (unit,) = units_of(parse(TAGGED), "--tags", "@none", parallel_by="scenario")
        self.assertEqual((unit.places, unit.active, unit.seconds), ((1, 3, 5), 0, 0))
        (empty,) = units_of(parse("Feature: Empty\n"))
        self.assertEqual((empty.places, empty.active), ((), 0))


class OrderTests(TestCase):
    def setUp(self):
        super().setUp()
        text = "Feature: F\n  Scenario: S\n    * step 1\n"
        self.features = parse(*[text] * 5)
        seconds = {1: 3.0, 2: 1.0, 3: 9.0, 4: 2.0}
        known = {f"f{n}.feature::S": [took] for n, took in seconds.items()}
        self.units = units_of(
            self.features, known=history(scenarios=known, steps={"s.py:1": [5.0]})
        )

    def order(self, **options):
        ordered = order_units(self.units, self.features, **options)
        return [unit.feature for unit in ordered]

    def test_longest_first(self):
        """The longest starts first; an unknown one stands where its steps put it."""
        self.assertEqual(self.order(), [3, 0, 1, 4, 2])

    def test_failed_first(self):
        """What failed last time goes before longer ones."""
        self.assertEqual(self.order(first=[2, 4]), [4, 2, 3, 0, 1])

    def test_seed(self):
        """A seed makes the same order each time, another seed another one."""
        self.assertEqual(self.order(seed=7), self.order(seed=7))
        orders = {tuple(self.order(seed=seed)) for seed in range(10)}
        self.assertGreater(len(orders), 5)
        self.assertEqual({tuple(sorted(order)) for order in orders}, {(0, 1, 2, 3, 4)})

    def test_clashing_first(self):
        """A unit that excludes others goes before longer ones that do not."""
        features = parse(
            "Feature: A\n  Scenario: S\n    * step 1\n",
            "@writes.x\nFeature: B\n  Scenario: S\n    * step 2\n",
        )
        known = history(steps={"s.py:1": [5.0], "s.py:2": [1.0]})
        ordered = order_units(units_of(features, known=known), features)
        self.assertEqual([unit.feature for unit in ordered], [1, 0])

    def test_packages(self):
        """By package, features of a folder follow each other, heaviest folder first."""
        names = ("a/1", "b/2", "a/3", "b/4", "c/5")
        for name, feature in zip(names, self.features, strict=True):
            feature.filename = f"{name}.feature"
        self.assertEqual(self.order(by_package=True), [3, 1, 0, 2, 4])


class SelectedTests(TestCase):
    def count(self, *arguments):
        features = parse(FIRST, SECOND)
        units_of(features, *arguments)
        return sum(len(feature.selected) for feature in features)

    def test_selection(self):
        """Tags and names select; each row of an outline counts."""
        self.assertEqual(self.count(), 23)
        self.assertEqual(self.count("--tags", "not @skip_me"), 22)
        self.assertEqual(self.count("--tags", "@outlined"), 3)
        self.assertEqual(self.count("--tags", "@row.2"), 1)
        self.assertEqual(self.count("--name", "Rows"), 2)
        self.assertEqual(self.count("--tags", "@no_such_tag"), 0)
