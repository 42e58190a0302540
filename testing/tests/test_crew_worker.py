"""A worker's side of a crew: what it says, and what it says no more."""

import multiprocessing
import threading
from unittest import TestCase, mock

from testing.crew_worker import Line, _finish_quietly


class LineTests(TestCase):
    def test_words(self):
        """Messages arrive in their order, whole, whichever thread speaks."""
        here, there = multiprocessing.Pipe()
        self.addCleanup(here.close)
        self.addCleanup(there.close)
        line = Line(there)
        threads = [
            threading.Thread(target=line.report, args=(str(number) * 500,))
            for number in range(8)
        ]
        for thread in threads:
            thread.start()
        heard = [here.recv() for _ in threads]
        for thread in threads:
            thread.join()
        self.assertEqual(
            sorted(heard), [("report", str(number) * 500) for number in range(8)]
        )

    def test_nobody_there(self):
        """Last words to a parent that is gone are dropped; others raise."""
        here, there = multiprocessing.Pipe()
        self.addCleanup(there.close)
        here.close()
        line = Line(there)
        self.assertIsNone(line.try_to_say("fault", "x"))
        with self.assertRaises(OSError):
            line.say("done", None)


class FinishTests(TestCase):
    def test_second_failure(self):
        """A failure while cleaning up does not hide the first one."""
        role = mock.Mock()
        role.finish.side_effect = ValueError("again")
        self.assertIsNone(_finish_quietly(role))
        role.finish.assert_called_once_with()
