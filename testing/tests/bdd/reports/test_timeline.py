"""Lanes and axis of the timeline."""

from django.test import SimpleTestCase

from testing.bdd.record import RunRecord
from testing.bdd.reports.cases import cases_of
from testing.bdd.reports.timeline import Lane, lanes_of, ticks_of
from testing.bdd.reports.totals import Totals
from testing.tests.bdd.reports.sample_record import LOGIN, SampleRun, background


def lanes(record: RunRecord) -> list[Lane]:
    return lanes_of(Totals(record, cases_of(record)))


class LanesTests(SimpleTestCase):
    def test_places(self):
        """Blocks stand where their time is in the wall time, resets at their end."""
        run = SampleRun(workers=1)
        feature = run.feature("features/auth/login.feature", LOGIN)
        run.scenario(feature, 2, 9, "A", [background()], seconds=0.5, reset_seconds=0.1)
        [lane] = lanes(run.end(wall=2.0))
        self.assertEqual((lane.name, lane.host, lane.end), ("w1", "runner-1", "100"))
        build, block = lane.blocks
        self.assertEqual((build.kind, build.left, build.width), ("build", "5", "20"))
        self.assertEqual((block.left, block.width, block.reset), ("25", "25", "20"))
        self.assertEqual(block.anchor, "scenario-0-2")

    def test_clocks_that_disagree(self):
        """Nothing stands outside of the axis, whatever was measured."""
        run = SampleRun(workers=1)
        feature = run.feature("features/auth/login.feature", LOGIN)
        run.scenario(feature, 2, 9, "A", [], seconds=5.0, reset_seconds=9.0)
        [lane] = lanes(run.end(wall=1.0))
        self.assertEqual((lane.blocks[1].width, lane.blocks[1].reset), ("100", "100"))

    def test_no_time_at_all(self):
        """A record without any time has blocks of no width."""
        record = SampleRun(workers=1).record
        record.workers.clear()
        self.assertEqual(lanes(record), [])
        self.assertEqual(ticks_of(0.0), [])


class TicksTests(SimpleTestCase):
    def test_round_numbers(self):
        """An axis has at most nine round numbers, whatever its length."""
        for wall, last in (
            (0.03, "0.030 s"),
            (1.38, "1.2 s"),
            (8.0, "8 s"),
            (15.6, "14 s"),
            (3600.0, "3500 s"),
        ):
            with self.subTest(wall=wall):
                ticks = ticks_of(wall)
                self.assertEqual(ticks[0][0], "0")
                self.assertEqual(ticks[-1][1], last)
                self.assertLessEqual(len(ticks), 9)
