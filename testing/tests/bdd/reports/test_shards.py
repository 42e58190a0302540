"""Records of several machines as one run."""

import dataclasses
import tempfile
from pathlib import Path

from django.test import SimpleTestCase

from testing.bdd.record import RunRecord
from testing.bdd.reports.cases import cases_of
from testing.bdd.reports.shards import MergedRun, merge_shards, run_of_worker
from testing.bdd.reports.totals import Totals
from testing.errors import UsageError
from testing.tests.bdd.reports.sample_record import (
    LOGIN,
    SIGN_UP,
    SampleRun,
    background,
    login_run,
    sign_up_run,
    step,
    write_record,
)


class MergeShardsTests(SimpleTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def merge(self, *records: RunRecord) -> MergedRun:
        paths = [
            write_record(record, self.folder / f"{number}.jsonl")
            for number, record in enumerate(records, 1)
        ]
        return merge_shards(paths)

    def assertRefused(self, *records: RunRecord, text: str) -> None:
        with self.assertRaises(UsageError) as raised:
            self.merge(*records)
        self.assertIn(text, str(raised.exception))
        for number, _ in enumerate(records, 1):
            self.assertIn(f"{number}.jsonl", str(raised.exception))

    def test_workers_are_numbered_through(self):
        """Workers of the second shard come after those of the first, everywhere."""
        merged = self.merge(login_run(shard="1/2"), login_run_elsewhere("2/2")).record
        self.assertEqual(sorted({fact.worker for fact in merged.workers}), [1, 2, 3, 4])
        self.assertEqual({fact.worker for fact in merged.scenarios}, {1, 2, 3})
        self.assertEqual(
            [sorted(e.bill) for e in merged.ends], [["1", "2"], ["3", "4"]]
        )
        self.assertEqual([fact.worker for fact in merged.losses], [2])
        self.assertEqual({unit.worker for unit in merged.units}, {1, 3})
        runs = [run_of_worker(merged, worker) for worker in (1, 2, 3, 4)]
        self.assertEqual(runs, [0, 0, 1, 1])
        self.assertEqual(run_of_worker(merged, 9), 1)

    def test_order_of_naming_means_nothing(self):
        """Whatever order files are named in, the merged run is the same."""
        one = self.merge(login_run(shard="1/2"), sign_up_run(shard="2/2")).record
        other = self.merge(sign_up_run(shard="2/2"), login_run(shard="1/2")).record
        self.assertEqual(one, other)

    def test_features_in_behaves_order(self):
        """Features are numbered as behave finds them: files before folders."""
        run = SampleRun(shard="1/2")
        for path in ("features/z/a.feature", "features/b.feature"):
            run.feature(path, SIGN_UP)
        merged = self.merge(run.end(), login_run(shard="2/2")).record
        self.assertEqual(
            [(fact.feature, fact.path) for fact in merged.features],
            [
                (0, "features/b.feature"),
                (1, "features/auth/login.feature"),
                (2, "features/z/a.feature"),
            ],
        )
        self.assertEqual({fact.feature for fact in merged.scenarios}, {1})
        self.assertEqual({fact.feature for fact in merged.losses}, {1})

    def test_scenarios_of_one_feature(self):
        """Scenarios that shards shared among them are one feature again."""
        one, two = SampleRun(shard="1/2"), SampleRun(shard="2/2")
        for run, place in ((one, 2), (two, 6)):
            feature = run.feature("features/auth/login.feature", LOGIN)
            run.scenario(feature, place, 9, "A", [background()])
        merged = self.merge(one.end(), two.end()).record
        self.assertEqual(len(merged.features), 1)
        self.assertEqual([s.place for s in merged.final_scenarios()], [2, 6])

    def test_skipped_elsewhere(self):
        """What one shard ran does not count as skipped because others left it out."""
        one, two = SampleRun(shard="1/2"), SampleRun(shard="2/2")
        for run, statuses in ((one, ("failed", "skipped")), (two, ("skipped",) * 2)):
            feature = run.feature("features/auth/login.feature", LOGIN)
            for place, status in enumerate(statuses):
                run.scenario(feature, place, 9 + place, "A", [], status=status)
        merged = self.merge(one.end(1), two.end()).record
        self.assertEqual([s.status for s in merged.scenarios], ["failed", "skipped"])

    def test_wall_is_the_longest(self):
        """Shards run side by side, so their walls are not added; seconds are."""
        one = login_run(shard="1/2")
        two = sign_up_run(shard="2/2", wall=9.5)
        merged = self.merge(one, two).record
        totals = Totals(merged, cases_of(merged))
        self.assertEqual(totals.wall, 9.5)
        self.assertEqual(totals.walls, [one.ends[0].seconds, 9.5])
        added = sum(s.seconds for record in (one, two) for s in record.scenarios)
        self.assertAlmostEqual(totals.bill.scenario_seconds, added)
        self.assertEqual(totals.bill.workers, 3)

    def test_empty_shard(self):
        """A shard that had nothing to do belongs to the run."""
        merged = self.merge(sign_up_run(shard="1/2"), SampleRun(0, "2/2").end())
        self.assertEqual(merged.missing, [])
        self.assertEqual(len(merged.record.runs), 2)
        self.assertEqual(run_of_worker(merged.record, 1), 0)

    def test_missing_and_unfinished(self):
        """Shards that are not there and records without an end are named."""
        run = SampleRun(shard="3/4")
        feature = run.feature("features/auth/login.feature", LOGIN)
        run.scenario(feature, 2, 9, "A", [background()], seconds=2.0)
        merged = self.merge(sign_up_run(shard="1/4"), run.record)
        self.assertEqual(merged.missing, ["2/4", "4/4"])
        self.assertEqual(merged.unfinished, [self.folder / "2.jsonl"])
        totals = Totals(merged.record, cases_of(merged.record))
        self.assertEqual(totals.walls, [0.75, 2.5])
        self.assertEqual(totals.verdict, "incomplete")

    def test_runs_without_shards(self):
        """Runs of different features can be merged without having been shards."""
        one, two = login_run(), sign_up_run()
        two.runs[0] = dataclasses.replace(two.runs[0], host="elsewhere")
        self.assertEqual(len(self.merge(one, two).record.features), 2)

    def test_same_shard_twice(self):
        """A shard that is named twice would count twice."""
        self.assertRefused(
            sign_up_run(shard="1/2"), sign_up_run(shard="1/2"), text="shard 1/2"
        )
        self.assertRefused(sign_up_run(), sign_up_run(), text="run of 2026-03-01")

    def test_different_runs(self):
        """Shards of a run of 2 and of a run of 3, or of none, are not one run."""
        text = "not parts of one run"
        self.assertRefused(sign_up_run(shard="1/2"), login_run(shard="1/3"), text=text)
        self.assertRefused(sign_up_run(), login_run(shard="1/3"), text=text)

    def test_different_sources(self):
        """Records of different texts of a feature are refused, with its path."""
        other = sign_up_run(shard="2/2")
        other.features[0] = dataclasses.replace(other.features[0], source="Feature: x")
        self.assertRefused(
            sign_up_run(shard="1/2"), other, text="texts of features/auth/sign_up"
        )

    def test_scenario_twice(self):
        """A scenario that two shards ran is refused, with its place."""
        self.assertRefused(
            sign_up_run(shard="1/2"),
            sign_up_run(shard="2/2"),
            text="both ran features/auth/sign_up.feature:3",
        )


def login_run_elsewhere(shard: str) -> RunRecord:
    """Make a run of two workers, of another feature."""
    run = SampleRun(shard=shard)
    feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
    run.scenario(feature, 2, 3, "A", [step("When", "I sign up as Ada", 4)])
    run.unit(feature)
    return run.end()
