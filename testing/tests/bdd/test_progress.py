"""How long a run will take."""

from django.test import SimpleTestCase

from testing.bdd.progress import Progress, time_left


class TimeLeftTests(SimpleTestCase):
    def test_nothing_known(self):
        """Without history and before the first scenario ends nothing is said."""
        self.assertIsNone(
            time_left(done=0, total=5, elapsed=3, running=2, estimate=None)
        )

    def test_history_at_the_beginning(self):
        """Before the first scenario ends history alone counts."""
        left = time_left(done=0, total=5, elapsed=3, running=2, estimate=10)
        self.assertEqual(left, 7)

    def test_pace_without_history(self):
        """Without history it goes on at the pace of what is done."""
        left = time_left(done=2, total=5, elapsed=9, running=4, estimate=None)
        self.assertEqual(left, 6)

    def test_pace_gains_weight(self):
        """The more is done, the more the pace of this run counts."""
        left = time_left(done=5, total=10, elapsed=8, running=6, estimate=10)
        self.assertEqual(left, 4)

    def test_history_is_overdue(self):
        """A run that takes longer than ever is never predicted to end in the past."""
        left = time_left(done=0, total=10, elapsed=80, running=6, estimate=10)
        self.assertEqual(left, 0)


class ProgressTests(SimpleTestCase):
    def test_before_the_first_scenario(self):
        """While workers are set up, only history says something."""
        self.assertEqual(Progress(total=5, began=1, estimate=9).time_left(4), 6)

    def test_done(self):
        """At the end nothing is left, also where more was done than announced."""
        progress = Progress(total=1, done=2, began=1, first_began=2, estimate=9)
        self.assertEqual(progress.time_left(4), 0)
