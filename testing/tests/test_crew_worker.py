"""A worker's side of a crew: what it says, and what it says no more."""

import multiprocessing
import os
import threading
from unittest import TestCase, mock

from testing.crew_worker import Line, _finish_quietly, be_worker


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

    def test_no_role(self):
        """A worker that could not even unpack its role has nothing to give back."""
        self.assertIsNone(_finish_quietly(None))


class LostParentTests(TestCase):
    def test_pipe_that_breaks(self):
        """A worker whose parent is gone gives back what it holds, and says nothing."""
        there = mock.Mock()
        there.recv.side_effect = EOFError
        role = mock.Mock()
        role.set_up.return_value = "ready"
        with (
            mock.patch("testing.crew_worker._end_with_parent"),
            mock.patch("testing.crew_worker.os.setsid"),
            mock.patch.dict(os.environ),
        ):
            be_worker(role, 1, there, [], None)
        there.send.assert_called_once_with(("ready", "ready"))
        role.set_up.assert_called_once()
        role.work.assert_not_called()
        role.finish.assert_called_once_with()

    def test_role_that_cannot_be_unpacked(self):
        """Why is told in full; there is nothing else to do."""
        here, there = multiprocessing.Pipe()
        self.addCleanup(here.close)
        self.addCleanup(there.close)
        with (
            mock.patch("testing.crew_worker._end_with_parent"),
            mock.patch("testing.crew_worker.os.setsid"),
            mock.patch.dict(os.environ),
        ):
            be_worker(b"no pickle", 1, there, [], None)
        kind, text = here.recv()
        self.assertEqual(kind, "refused")
        self.assertIn("UnpicklingError", text)
