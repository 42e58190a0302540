"""What runs: a shard of everything, what failed, what one worker had run."""

import tempfile
from pathlib import Path
from types import SimpleNamespace
from unittest import TestCase

from behave.configuration import Configuration

from testing.bdd.options import RunOptions
from testing.bdd.record import RunRecord
from testing.bdd.selection import (
    choose_units,
    failed_paths,
    replayed_paths,
    shard_of,
)
from testing.errors import UsageError
from testing.tests.bdd.console_facts import feature, run_fact, scenario
from testing.tests.bdd.unit_cases import MIXED, Registry, history, parse, units_of

ONE = "Feature: F\n  Scenario: S\n    * step 1\n"


class FolderCase(TestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)


class ShardTests(TestCase):
    def shards(self, count, seconds, *, reverse=False):
        features = parse(*[ONE] * len(seconds))
        known = {f"f{n}.feature::S": [took] for n, took in enumerate(seconds)}
        units = units_of(features, known=history(scenarios=known))
        units = units[::-1] if reverse else units
        return [
            shard_of(units, features, number=number, count=count)
            for number in range(1, count + 1)
        ]

    def test_disjoint_and_complete(self):
        """Each unit is in one shard, however many there are."""
        for count in (1, 2, 3, 7, 20):
            with self.subTest(count=count):
                shards = self.shards(count, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
                numbers = [unit.feature for shard in shards for unit in shard]
                self.assertEqual(sorted(numbers), list(range(7)))

    def test_balanced(self):
        """Two shards of many units take about as long as each other."""
        seconds = [(n * 37 % 23 + 1) / 10 for n in range(60)]
        for count in (2, 4):
            shards = self.shards(count, seconds)
            loads = [sum(unit.seconds for unit in shard) for shard in shards]
            self.assertLess(max(loads) / min(loads), 1.1)

    def test_same_on_every_machine(self):
        """Shards do not depend on the order in which files are found."""
        seconds = [1.0, 1.0, 1.0, 1.0004, 0.9996, 2.0, 1.0]
        first = self.shards(3, seconds)
        second = self.shards(3, seconds, reverse=True)
        self.assertEqual(first, second)

    def test_empty_shards(self):
        """More shards than units leave the last ones empty."""
        self.assertEqual([len(s) for s in self.shards(4, [1.0, 2.0])], [1, 1, 0, 0])

    def test_units_without_time(self):
        """Units of which nothing runs are spread too, instead of piling up."""
        features = parse(*[ONE] * 6)
        units = units_of(features, "--tags", "@none")
        self.assertEqual({unit.seconds for unit in units}, {0})
        sizes = [len(shard_of(units, features, number=n, count=3)) for n in (1, 2, 3)]
        self.assertEqual(sizes, [2, 2, 2])


class ChooseTests(TestCase):
    def choose(self, *texts, seed=None, known=None, arguments=(), workers=2, **options):
        runner = SimpleNamespace(
            config=Configuration([*arguments], load_config=False),
            step_registry=Registry(),
        )
        return choose_units(
            parse(*texts),
            runner,
            chosen=RunOptions(**options),
            history=known or history(),
            seed=seed,
            workers=workers,
        )

    def test_nothing(self):
        """Where nothing is selected there is no unit, on no shard either."""
        self.assertEqual(self.choose(MIXED, arguments=["--tags", "@none"]), [])

    def test_failed_first(self):
        """The file in which something failed goes first, only when asked for."""
        known = history(
            scenarios={"f0.feature::S": [9.0], "f1.feature::S": [1.0]},
            failed=["f1.feature::S"],
        )
        asked = self.choose(ONE, ONE, known=known, failed_first=True)
        self.assertEqual([unit.feature for unit in asked], [1, 0])
        others = self.choose(ONE, ONE, known=known)
        self.assertEqual([unit.feature for unit in others], [0, 1])

    def test_about_as_long(self):
        """Units that take about as long keep the order of their files."""
        known = history(
            scenarios={"f0.feature::S": [1.0], "f1.feature::S": [1.05]},
        )
        units = self.choose(ONE, ONE, known=known)
        self.assertEqual([unit.feature for unit in units], [0, 1])

    def test_one_worker(self):
        """One worker alone takes the order given, failed ones first if asked for."""
        known = history(
            scenarios={"f0.feature::S": [1.0], "f1.feature::S": [9.0]},
            failed=["f1.feature::S"],
        )
        for options, order in (
            ({}, [0, 1]),
            ({"failed_first": True}, [1, 0]),
            ({"workers": 2}, [1, 0]),
        ):
            with self.subTest(options=options):
                units = self.choose(ONE, ONE, known=known, **{"workers": 1, **options})
                self.assertEqual([unit.feature for unit in units], order)

    def test_shard(self):
        """A shard keeps the order: its units start longest first."""
        known = history(
            scenarios={f"f{n}.feature::S": [float(n + 1)] for n in range(4)}
        )
        chosen = [
            [u.feature for u in self.choose(*[ONE] * 4, known=known, shard=(n, 2))]
            for n in (1, 2)
        ]
        self.assertEqual(chosen, [[3, 0], [2, 1]])


class FailedPathsTests(FolderCase):
    def test_paths(self):
        """What failed is named once; removed files and other folders are left out."""
        for name in ("a/x.feature", "b/y.feature"):
            path = self.place / name
            path.parent.mkdir()
            path.touch()
        locations = [
            f"{self.place}/b/y.feature:3",
            f"{self.place}/a/x.feature:7",
            f"{self.place}/a/x.feature:7",
            f"{self.place}/a/removed.feature:1",
        ]
        known = history(failed_locations=locations)
        both = [f"{self.place}/a/x.feature:7", f"{self.place}/b/y.feature:3"]
        self.assertEqual(failed_paths(known, within=[]), both)
        self.assertEqual(failed_paths(known, within=[str(self.place)]), both)
        self.assertEqual(failed_paths(known, within=[f"{self.place}/a"]), both[:1])
        self.assertEqual(failed_paths(known, within=[f"{self.place}/c"]), [])
        self.assertEqual(failed_paths(known, within=both[1:]), both[1:])
        self.assertEqual(failed_paths(known, within=[f"{both[0]}0"]), [])
        self.assertEqual(failed_paths(history(), within=[]), [])


class ReplayTests(FolderCase):
    def setUp(self):
        super().setUp()
        self.path = self.place / "events.jsonl"
        record = RunRecord()
        with self.path.open("w") as record.stream:
            record.add(run_fact())
            for number, path in enumerate(("f1.feature", "gone.feature", "f0.feature")):
                record.add(feature(feature=number, path=path))
            for number, place, worker, began in (
                (2, 1, 1, 5.0),
                (0, 1, 1, 1.0),
                (0, 3, 2, 0.0),
                (0, 5, 1, 2.0),
                (1, 1, 1, 3.0),
                (0, 8, 1, 6.0),
            ):
                record.add(
                    scenario(feature=number, place=place, worker=worker, began=began)
                )
            # Left out by the lines of that run.
            record.add(scenario(place=3, worker=1, began=4.0, status="skipped"))

    def units(self, worker):
        features = parse(MIXED, MIXED)
        chosen = RunOptions(replay=self.path, replay_worker=worker)
        runner = SimpleNamespace(
            config=Configuration([], load_config=False), step_registry=Registry()
        )
        units = choose_units(
            features, runner, chosen=chosen, history=history(), seed=None, workers=1
        )
        return [(unit.feature, unit.places) for unit in units]

    def test_order(self):
        """A worker's scenarios come in its order, features renumbered by path."""
        self.assertEqual(self.units(1), [(1, (1, 5)), (0, (1,)), (1, (8,))])
        self.assertEqual(self.units(2), [(1, (3,))])

    def test_unknown_worker(self):
        """A worker that ran nothing is refused, with those that did."""
        with self.assertRaisesRegex(UsageError, r"--replay-worker one of \[1, 2\]"):
            self.units(3)

    def test_paths(self):
        """The record says what to load; paths beside it are refused."""
        found = replayed_paths(self.path, given=[])
        self.assertEqual(found, ["f1.feature", "gone.feature", "f0.feature"])
        with self.assertRaisesRegex(UsageError, "paths a.feature say so too"):
            replayed_paths(self.path, given=["a.feature"])

    def test_no_record(self):
        """A file that is not there or is something else is refused by name."""
        with self.assertRaisesRegex(UsageError, "There is no record at .*missing"):
            replayed_paths(self.place / "missing", given=[])
        other = self.place / "other.jsonl"
        other.write_text("{}\nno json\n")
        with self.assertRaisesRegex(UsageError, "other.jsonl is no record of a run"):
            replayed_paths(other, given=[])
