"""What a process does not do any more when it ends."""

import gc
import subprocess
import sys
from unittest import TestCase

from testing.process_end import spare_last_collections

ENDING = """
import atexit, gc
from testing.process_end import spare_last_collections

class Circle:
    def __del__(self):
        print("finalized")

# Some interpreters start with objects that are frozen already.
at_start = gc.get_freeze_count()
# The last one registered runs first.
atexit.register(lambda: print("frozen at the end:", gc.get_freeze_count() > at_start))
atexit.register(lambda: print("nothing to collect:", gc.collect() == 0))
spare_last_collections()
spare_last_collections()
atexit.register(lambda: print("frozen:", gc.get_freeze_count() - at_start))
circle = Circle()
circle.itself = circle
"""


class ProcessEndTests(TestCase):
    def test_end(self):
        """Nothing is frozen before the end, and nothing searched for after it."""
        ended = subprocess.run(
            [sys.executable, "-c", ENDING], capture_output=True, text=True, check=True
        )
        self.assertEqual(
            ended.stdout.splitlines(),
            ["frozen: 0", "nothing to collect: True", "frozen at the end: True"],
        )
        self.assertEqual(ended.stderr, "")

    def test_this_process(self):
        """A process that goes on collects as ever."""
        # Another test may have frozen this process to fork warm interpreters from it.
        frozen = gc.get_freeze_count()
        spare_last_collections()
        self.assertLessEqual(gc.get_freeze_count(), frozen)
