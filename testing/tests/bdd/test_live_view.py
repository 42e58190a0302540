"""What is shown while a run goes on, in any width and height."""

from django.test import SimpleTestCase
from rich.cells import cell_len

from testing.bdd.live_view import LiveView
from testing.bdd.progress import Doing, Progress

NAME = "A dancer logs in with a password"
PATH = "features/auth/login.feature:14"


class ViewTests(SimpleTestCase):
    maxDiff = None

    def setUp(self):
        self.progress = Progress(
            total=58, done=29, began=100.0, first_began=101.0, estimate=20.0
        )
        self.progress.words.update(PASS=26, FLAKY=1, FAIL=2)
        self.progress.workers.update(
            {
                1: Doing(109.7, NAME, PATH),
                2: Doing(98.0, NAME, "features/users/reset.feature:3"),
                3: Doing(105.0, "idle"),
            }
        )

    def shown(self, *, width=80, height=24, now=110.0, color=False):
        view = LiveView(self.progress, color=color, slow_after=10.0)
        return view.lines(width=width, height=height, now=now)

    def test_normal_width(self):
        """Bar, counts, and a line for each worker."""
        self.assertEqual(
            self.shown(),
            [
                f" {'━' * 30}{' ' * 30}  29/58  9.5s left",
                " 27 passed, 1 flaky, 2 failed in 10s",
                f" w1   0.3s  {PATH}  {NAME}",
                " w2    12s  SLOW features/users/reset.feature:3  "
                "A dancer logs in with a passw…",
                " w3   5.0s  idle",
            ],
        )

    def test_narrow(self):
        """Forty columns are enough: paths lose their beginning, names their end."""
        self.assertEqual(
            self.shown(width=40),
            [
                f" {'━' * 10}{' ' * 10}  29/58  9.5s left",
                " 27 passed, 1 flaky, 2 failed in 10s",
                " w1   0.3s  …gin.feature:14  A dancer …",
                " w2    12s  SLOW …t.feature:3  A dance…",
                " w3   5.0s  idle",
            ],
        )

    def test_any_size(self):
        """No line is wider than the terminal, and half of its height is left."""
        self.progress.workers[4] = Doing(
            0, "舞者使用正确的密码" * 9, "特徴/登录.feature:7"
        )
        self.progress.workers[5] = Doing(
            0, "Tänzer 💃🏽" * 20, f"{'長い' * 30}.feature:7"
        )
        for width in range(20, 130):
            for height in (2, 6, 10, 50):
                with self.subTest(width=width, height=height):
                    lines = self.shown(width=width, height=height)
                    self.assertLess(max(map(cell_len, lines)), width)
                    self.assertLessEqual(len(lines), max(3, height // 2))

    def test_many_workers(self):
        """Workers that there is no room for are counted."""
        self.progress.workers.update({n: Doing(100.0, "idle") for n in range(4, 65)})
        lines = self.shown(height=20)
        self.assertEqual(len(lines), 10)
        self.assertEqual(lines[-1], " and 57 more workers")
        self.assertEqual(lines[2][:12], " w1    0.3s ")

    def test_many_scenarios(self):
        """Thousands are set apart."""
        self.progress.total, self.progress.done = 12345, 1000
        self.assertIn("1,000/12,345", self.shown()[0])

    def test_no_room_for_a_bar(self):
        """Below some width there are numbers alone."""
        self.assertEqual(self.shown(width=20)[0], " 29/58  9.5s left")

    def test_begin(self):
        """Before anything has ended, and with nothing known, it says no time."""
        self.progress = Progress(total=5, began=110.0)
        self.assertEqual(self.shown(), [f" {' ' * 73}  0/5", " 0 passed in 0.0s"])

    def test_end(self):
        """When all is done no time is left to tell."""
        self.progress.done = 60
        self.assertEqual(self.shown()[0], f" {'━' * 71}  60/60")

    def test_all_counts(self):
        """What was lost, late or skipped is counted apart."""
        self.progress.words.update(TIMEOUT=1, LOST=1, SKIP=2)
        self.assertEqual(
            self.shown()[1],
            " 27 passed, 1 flaky, 2 failed, 1 timed out, 1 lost, 2 skipped in 10s",
        )

    def test_long_times(self):
        """Times get coarser as they grow."""
        for seconds, text in (
            (-1.0, "  0.0s"),
            (9.94, "  9.9s"),
            (9.96, "   10s"),
            (99.4, "   99s"),
            (125.0, " 2m05s"),
            (7500.0, " 2h05m"),
        ):
            with self.subTest(seconds=seconds):
                self.progress.workers = {1: Doing(110.0 - seconds, "idle")}
                self.assertEqual(self.shown()[2], f" w1 {text}  idle")

    def test_color(self):
        """With colour the bar is red once something failed, and has a rest."""
        bar, *_ = self.shown(color=True)
        self.assertIn("\x1b[31m━", bar)
        self.assertEqual(bar.count("━") + bar.count("╺"), 60)
        self.progress.words.clear()
        self.assertIn("\x1b[32m━", self.shown(color=True)[0])
        self.assertNotIn("\x1b", "".join(self.shown()))
