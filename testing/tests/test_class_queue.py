"""Test classes: which may run beside which, and how long they are expected to take."""

import tempfile
from pathlib import Path
from unittest import TestCase

from testing.class_queue import ClassHistory, ClassJob, ClassQueue


class QueueTests(TestCase):
    def test_order(self):
        """Classes go out in order; what is tried again waits, and runs alone."""
        first, second = ClassJob(0, (0, 1)), ClassJob(1, (0,))
        again = first.again(1)
        queue = ClassQueue([first, second], [again])
        self.assertIs(queue.take([]), first)
        self.assertIs(queue.take([first]), second)
        self.assertIsNone(queue.take([second]))
        self.assertIs(queue.is_empty(), False)
        self.assertIs(queue.take([]), again)
        self.assertIs(queue.is_empty(), True)
        queue = ClassQueue([first], [again])
        self.assertIsNone(queue.take([again]))
        queue.clear()
        self.assertIsNone(queue.take([]))

    def test_parts(self):
        """What is tried again is marked; what is left to do keeps everything else."""
        job = ClassJob(3, (0, 1, 2), wants_database=False, seconds=1.5)
        again = job.again(1)
        self.assertEqual(
            (again.tests, again.is_alone, again.is_retry), ((1,), True, True)
        )
        self.assertEqual(
            job.rest((2,)), ClassJob(3, (2,), wants_database=False, seconds=1.5)
        )


class HistoryTests(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "below" / "classes.json"

    def test_round_trip(self):
        """What one run learned the next one knows."""
        history = ClassHistory.load(self.path)
        self.assertIs(bool(history), False)
        history.learn("a.A", tests=4, seconds=2.0)
        history.learn("a.Empty", tests=0, seconds=9.0)
        history.save()
        again = ClassHistory.load(self.path)
        self.assertEqual(again.seconds, {"a.A": 0.5})
        self.assertEqual(again.estimate("a.A", tests=2), 1.0)

    def test_unknown_class(self):
        """A class that never ran is like the middle one, not for free."""
        history = ClassHistory(self.path, {"a": 1.0, "b": 2.0, "c": 9.0})
        self.assertEqual(history.estimate("new", tests=3), 6.0)
        self.assertEqual(ClassHistory(self.path, {}).estimate("new", tests=3), 0.0)

    def test_unreadable(self):
        """A file that is cut off or something else counts as none."""
        self.path.parent.mkdir()
        for text in ('{"a.A": 0.', "[1]", '{"a": "x"}', "null"):
            with self.subTest(text=text):
                self.path.write_text(text)
                self.assertEqual(ClassHistory.load(self.path).seconds, {})


class AloneTests(TestCase):
    def test_classes_that_run_alone(self):
        """They come when nothing else runs, and so does what is left of one."""
        queue = ClassQueue.of(
            [ClassJob(0, (0, 1), is_alone=True), ClassJob(1, (0,)), ClassJob(2, (0,))]
        )
        running = [queue.take([]), queue.take([])]
        self.assertEqual([job.subsuite for job in running], [1, 2])
        self.assertIsNone(queue.take(running))
        alone = queue.take([])
        self.assertEqual(alone.subsuite, 0)
        queue.put_first(alone.rest((1,)))
        queue.put_first(running[0].rest((0,)))
        self.assertEqual(queue.take([]).subsuite, 1)
        self.assertEqual(queue.take([]), ClassJob(0, (1,), is_alone=True))
        self.assertIs(queue.is_empty(), True)
