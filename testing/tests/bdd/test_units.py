"""Units: which may run at the same time, and in which order they are handed out."""

from unittest import TestCase

from testing.bdd.units import Unit, UnitQueue, magnitude, resources_of


def unit(feature, *, reads="", writes="", is_alone=False):
    return Unit(
        feature=feature,
        places=(1,),
        reads=frozenset(reads.split()),
        writes=frozenset(writes.split()),
        is_alone=is_alone,
    )


class ResourcesTests(TestCase):
    def test_tags(self):
        """Tags name what is read and written, and who wants to be alone."""
        tags = ["serial", "reads.mail", "reads.files", "writes.clock", "other", "reads"]
        self.assertEqual(
            resources_of(tags),
            (True, frozenset({"mail", "files"}), frozenset({"clock"})),
        )
        self.assertEqual(
            resources_of(["serialised"]), (False, frozenset(), frozenset())
        )


class MagnitudeTests(TestCase):
    def test_alike_and_different(self):
        """A tenth more or less is chance, a half is not; nothing takes no time."""
        self.assertEqual(magnitude(1.0), magnitude(1.1))
        self.assertEqual(magnitude(1.0), magnitude(0.9))
        self.assertGreater(magnitude(1.5), magnitude(1.0))
        self.assertGreater(magnitude(0.015), magnitude(0.01))
        self.assertEqual(magnitude(0), magnitude(0.00001))


class CompanyTests(TestCase):
    def test_readers_and_writers(self):
        """A writer keeps away readers and writers of the same thing, no others."""
        cases = (
            ({"writes": "a"}, {"writes": "a"}, False),
            ({"writes": "a"}, {"reads": "a"}, False),
            ({"reads": "a"}, {"reads": "a"}, True),
            ({"writes": "a"}, {"writes": "b", "reads": "b"}, True),
            ({"reads": "a", "writes": "b"}, {"reads": "b", "writes": "c"}, False),
            ({}, {"writes": "a"}, True),
            ({"is_alone": True}, {}, False),
            ({"is_alone": True}, {"is_alone": True}, False),
        )
        for first, second, expected in cases:
            with self.subTest(first=first, second=second):
                one, other = unit(1, **first), unit(2, **second)
                self.assertIs(one.goes_with(other), expected)
                self.assertIs(other.goes_with(one), expected)


class CopiesTests(TestCase):
    def test_again_and_rest(self):
        """What is tried again runs alone; a rest keeps its company and attempt."""
        whole = Unit(feature=3, places=(1, 4, 7), reads=frozenset("a"), active=3)
        again = whole.again(4)
        self.assertEqual((again.places, again.attempt, again.active), ((4,), 2, 1))
        self.assertIs(again.is_alone, True)
        self.assertEqual(again.died().deaths, 1)
        rest = whole.rest([7])
        self.assertEqual((rest.places, rest.attempt, rest.reads), ((7,), 1, {"a"}))
        self.assertIs(rest.is_alone, False)
        self.assertEqual(whole.deaths, 0)


class QueueTests(TestCase):
    def test_order_and_clashes(self):
        """Units go out in their order; one that clashes waits, others pass it."""
        writer, reader, free = unit(1, writes="a"), unit(2, reads="a"), unit(3)
        queue = UnitQueue([writer, reader, free])
        self.assertIs(queue.take([]), writer)
        self.assertIs(queue.take([writer]), free)
        self.assertIsNone(queue.take([writer, free]))
        self.assertIs(queue.is_empty(), False)
        self.assertIs(queue.take([free]), reader)
        self.assertIs(queue.is_empty(), True)
        self.assertIsNone(queue.take([]))

    def test_alone_at_the_end(self):
        """Serial units wait for everything else, then run one by one in order."""
        first, second = unit(1, is_alone=True), unit(2, is_alone=True)
        other = unit(3)
        queue = UnitQueue([first, other, second])
        self.assertIs(queue.take([]), other)
        self.assertIsNone(queue.take([other]))
        self.assertIs(queue.take([]), first)
        self.assertIsNone(queue.take([first]))
        self.assertIs(queue.take([]), second)

    def test_nothing_beside_one_that_is_alone(self):
        """What comes up while a serial unit runs waits for its end."""
        alone, late = unit(1, is_alone=True), unit(2)
        queue = UnitQueue([alone])
        self.assertIs(queue.take([]), alone)
        queue.put(late)
        self.assertIsNone(queue.take([alone]))
        self.assertIs(queue.take([]), late)

    def test_put(self):
        """What comes up goes before those waiting; alone, after those alone."""
        waiting, late = unit(1), unit(2)
        alone, late_alone = unit(3, is_alone=True), unit(4, is_alone=True)
        queue = UnitQueue([waiting, alone])
        queue.put(late)
        queue.put(late_alone)
        taken = [queue.take([]) for _ in range(4)]
        self.assertEqual(taken, [late, waiting, alone, late_alone])

    def test_holds(self):
        """A scenario waits as long as one of the units it is in does."""
        whole = Unit(feature=1, places=(1, 4))
        queue = UnitQueue([whole, unit(2, is_alone=True)])
        queue.put(whole.again(4))
        self.assertIs(queue.take([]), whole)
        self.assertIs(queue.holds(1, 1), False)
        self.assertIs(queue.holds(1, 4), True)
        self.assertIs(queue.holds(2, 1), True)
        self.assertIs(queue.holds(2, 4), False)
        queue.take([])
        queue.take([])
        self.assertIs(queue.holds(1, 4), False)

    def test_clear(self):
        """A queue that was cleared has nothing for anybody."""
        queue = UnitQueue([unit(1), unit(2, is_alone=True)])
        queue.clear()
        self.assertIs(queue.is_empty(), True)
        self.assertIs(queue.holds(1, 1), False)
        self.assertIsNone(queue.take([]))
