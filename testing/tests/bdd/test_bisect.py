"""Bisecting: the smallest pair is found with few tries, whatever the order."""

from contextlib import contextmanager
from types import SimpleNamespace
from unittest import TestCase

from testing.bdd.bisect import bisect
from testing.bdd.record import Lost
from testing.bdd.units import Unit
from testing.errors import SetupFailure, UsageError
from testing.tests.bdd.console_facts import record_of, scenario


class Session:
    """Fails the target whenever all the culprits ran before it."""

    def __init__(self, culprits, *, count=9):
        self.culprits = set(culprits)
        self.tries = []
        self.hook_passes = True
        self.units = [Unit(feature=0, places=tuple(range(count)))]
        lines = [SimpleNamespace(filename="f.feature", line=n) for n in range(count)]
        self.features = [SimpleNamespace(statements=lines)]

    @contextmanager
    def parent_hooks(self, *, jobs):
        yield self.hook_passes

    def run_quietly(self, units, console):
        places = [unit.places[0] for unit in units]
        self.tries.append(places)
        is_bad = self.culprits <= set(places)
        status = "failed" if is_bad else "passed"
        facts = [scenario(place=place) for place in places[:-1]]
        return record_of(*facts, scenario(place=places[-1], status=status))


class BisectTests(TestCase):
    def bisect(self, *culprits, target="f.feature:8", **options):
        self.session = Session(culprits, **options)
        lines = []
        console = SimpleNamespace(problem=lines.append)
        code = bisect(self.session, target=target, console=console)
        return code, "\n".join(lines)

    def test_every_culprit(self):
        """Each possible culprit is found, with a command that repeats the pair."""
        for culprit in range(8):
            with self.subTest(culprit=culprit):
                code, text = self.bisect(culprit)
                self.assertEqual(code, 1)
                command = f"manage.py behave -j 1 f.feature:{culprit} f.feature:8"
                self.assertIn(f"f.feature:8 fails after f.feature:{culprit}.", text)
                self.assertIn(command, text)
                self.assertLessEqual(len(self.session.tries), 2 + 2 * 3)

    def test_target_in_the_middle(self):
        """A culprit after the target in the order of the run is found too."""
        code, text = self.bisect(7, target="./f.feature:2")
        self.assertEqual(code, 1)
        self.assertIn("./f.feature:2 fails after f.feature:7.", text)
        command = "manage.py behave --bisect ./f.feature:2 f.feature:7 ./f.feature:2"
        self.assertIn(command, text)

    def test_worker_that_is_lost(self):
        """What a try would tell without its worker is wrong: it is refused."""
        session = Session([1])
        lost = Lost(worker=1, feature=0, place=3, reason="was killed", at=1.0)
        session.run_quietly = lambda units, console: record_of(lost)
        console = SimpleNamespace(problem=self.fail)
        with self.assertRaisesRegex(SetupFailure, "lost while .* [(]was killed[)]"):
            bisect(session, target="f.feature:8", console=console)

    def test_hook(self):
        """Without what before_parallel shares, nothing is tried."""
        session = Session([1])
        session.hook_passes = False
        with self.assertRaisesRegex(SetupFailure, "before_parallel failed"):
            bisect(session, target="f.feature:8", console=None)
        self.assertEqual(session.tries, [])

    def test_alone(self):
        """A target that fails by itself has no culprit."""
        code, text = self.bisect()
        self.assertEqual((code, len(self.session.tries)), (1, 1))
        self.assertIn("fails by itself: nothing before it is to blame", text)

    def test_order_not_to_blame(self):
        """A target that passes after all others passes."""
        code, text = self.bisect(99)
        self.assertEqual(code, 0)
        self.assertIn("passes after all 8 others: the order is not to blame", text)
        code, _ = self.bisect(99, target="f.feature:0", count=1)
        self.assertEqual(code, 0)

    def test_several_together(self):
        """Where it takes several, those that are left are named."""
        code, text = self.bisect(1, 6)
        self.assertEqual(code, 1)
        self.assertIn("f.feature:8 fails only after several together: ", text)
        for number in (1, 6):
            self.assertIn(f"f.feature:{number}", text)

    def test_unknown_target(self):
        """A target that is not selected is refused with what to give."""
        for target in ("f.feature:99", "other.feature:1", "f.feature", ""):
            with (
                self.subTest(target=target),
                self.assertRaisesRegex(UsageError, "not among the selected scenarios"),
            ):
                self.bisect(1, target=target)
