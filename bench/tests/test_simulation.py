"""Runs on paper: orders, bounds, and a parent that serves one after the other."""

from unittest import TestCase

from bench.simulation import ORDERS, Piece, bound, grown, makespan


def pieces(*seconds, package="a"):
    return [Piece(package, one, one, 1.0) for one in seconds]


class MakespanTests(TestCase):
    def test_each_goes_to_whoever_is_free_first(self):
        self.assertEqual(makespan([3, 1, 1, 1], workers=2), 3)
        self.assertEqual(makespan([1, 1, 1, 3], workers=2), 4)
        self.assertEqual(makespan([1, 1, 1, 3], workers=1), 6)

    def test_the_parent_serves_one_after_the_other(self):
        # Ten workers ask at once; the last one waits for ten answers.
        self.assertEqual(makespan([5] * 10, workers=10, seconds_to_hand_out=1), 15)

    def test_more_workers_than_units_wait_for_the_longest(self):
        self.assertEqual(makespan([2, 7, 1], workers=1000), 7)


class BoundTests(TestCase):
    def test_it_is_the_longest_unit_the_work_or_the_parent(self):
        suite = [4, 1, 1]
        for workers, parent, expected in ((1, 0, 6), (8, 0, 4), (8, 2, 6)):
            with self.subTest(workers=workers, parent=parent):
                least = bound(suite, workers=workers, seconds_to_hand_out=parent)
                self.assertEqual(least, expected)

    def test_no_order_is_quicker(self):
        suite = grown(pieces(5, 0.2, 1, 3, 0.7), count=300, seed=3)
        for workers in (1, 3, 50):
            for name, order in ORDERS.items():
                with self.subTest(workers=workers, order=name):
                    least = bound(
                        order(suite), workers=workers, seconds_to_hand_out=0.01
                    )
                    seconds = makespan(
                        order(suite), workers=workers, seconds_to_hand_out=0.01
                    )
                    # Sums in another order differ in their last digits.
                    self.assertGreaterEqual(seconds, least - 1e-9)


class OrderTests(TestCase):
    def test_only_a_history_tells_what_is_long(self):
        suite = [Piece("a", 1, 1, 9), Piece("a", 5, 5, 2), Piece("b", 3, 3, 4)]
        found = {name: order(suite) for name, order in ORDERS.items()}
        self.assertEqual(found["longest first, history"], [5, 3, 1])
        self.assertEqual(found["longest first, no history"], [1, 3, 5])
        self.assertEqual(found["as in the files"], [1, 5, 3])
        self.assertEqual(found["package by package"], [6, 3])

    def test_a_drawn_suite_is_the_same_each_time(self):
        suite = pieces(1, 2) + pieces(3, package="b")
        self.assertEqual(grown(suite, count=50, seed=1), grown(suite, count=50, seed=1))
        self.assertEqual(len(grown(suite, count=50, seed=1)), 50)
