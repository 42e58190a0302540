"""What a command took: the clock, processors, and the memory of all its processes."""

import os
import sys
from pathlib import Path
from unittest import TestCase, skipUnless

from bench.processes import PROC, run

# A child that holds 60 MB while its parent waits, and uses a little time.
HOLDS = """
import subprocess, sys
code = "import time; held = b'x' * 60_000_000; time.sleep(1.3)"
code += "; print(sum(range(10**6)))"
subprocess.run([sys.executable, "-c", code], check=True)
"""


def measured(code, **options):
    return run(
        [sys.executable, "-c", code], cwd=Path(), environment=os.environ, **options
    )


class RunTests(TestCase):
    @skipUnless(PROC.is_dir(), "memory is read from /proc")
    def test_children_count_with_the_parent(self):
        done = measured(HOLDS)
        self.assertEqual(done.output.strip(), "499999500000")
        self.assertGreater(done.memory.child, 60)
        self.assertGreater(done.memory.total, 60)
        self.assertLess(done.memory.parent, 60)
        self.assertGreater(done.wall, 1.3)
        self.assertGreater(done.cpu, 0)

    def test_compiled_modules_are_kept(self):
        asks = "import sys; print(sys.dont_write_bytecode)"
        done = run(
            [sys.executable, "-c", asks],
            cwd=Path(),
            environment={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self.assertEqual(done.output.strip(), "False")

    def test_a_command_that_fails_is_no_measurement(self):
        with self.assertRaisesRegex(SystemExit, "ended with status 3"):
            measured("raise SystemExit(3)")

    def test_a_status_that_is_expected_is_measured(self):
        self.assertEqual(measured("raise SystemExit(3)", statuses=(0, 3)).status, 3)
