"""The sums of a run."""

from django.test import SimpleTestCase

from testing.bdd.record import RunRecord
from testing.bdd.reports.cases import cases_of
from testing.bdd.reports.totals import Totals
from testing.tests.bdd.reports.sample_record import (
    SIGN_UP,
    SampleRun,
    login_run,
    sign_up_run,
)


class TotalsTests(SimpleTestCase):
    def totals(self, record: RunRecord) -> Totals:
        return Totals(record, cases_of(record))

    def test_verdicts(self):
        """A run is green only if it came to its end and all of it passed."""
        for record, verdict in (
            (login_run(), "failed"),
            (login_run(red=False), "passed"),
            (sign_up_run(), "passed"),
            (SampleRun().end(1), "failed"),
            (SampleRun().end(2), "failed"),
            (SampleRun().end(130), "interrupted"),
            (SampleRun().record, "incomplete"),
        ):
            with self.subTest(verdict):
                self.assertEqual(self.totals(record).verdict, verdict)

    def test_counts(self):
        """Each scenario counts once."""
        counts = self.totals(login_run()).counts
        self.assertEqual(counts, {"passed": 1, "failed": 1, "flaky": 1, "skipped": 1})

    def test_problems(self):
        """What the run said and which workers it lost, each once."""
        record = login_run()
        record.losses *= 2
        self.assertEqual(self.totals(record).problems, ["Worker 2: killed by SIGKILL"])

    def test_failed_features(self):
        """A unit whose scenarios failed is explained; one without is a hook's."""
        self.assertEqual(self.totals(login_run()).failed_features, [])
        self.assertEqual(self.totals(sign_up_run(passes=False)).failed_features, [])
        run = SampleRun()
        feature = run.feature("features/auth/sign_up.feature", SIGN_UP)
        run.unit(feature, failed=True)
        self.assertEqual(self.totals(run.end(1)).failed_features, [feature])

    def test_nothing(self):
        """A record of nothing has no time."""
        self.assertEqual(self.totals(RunRecord()).wall, 0.0)
