"""Runs that are forked from a warm interpreter are as those that begin with nothing."""

import signal
import tempfile
from unittest import TestCase

from django.conf import settings

from testing.tests.project import clean_environment, run, start, write_tree
from testing.tests.warm_interpreter import WarmInterpreter

# All that a command may ask about its process, but for numbers of processes.
ASK = """
import multiprocessing, os, signal, sys, warnings
import found_by_path
print(sys.argv, sys.path, sys.warnoptions, os.getcwd(), sorted(os.environ.items()))
print(multiprocessing.parent_process(), multiprocessing.current_process().name)
print(signal.getsignal(signal.SIGINT), sys.modules["__main__"].__spec__)
print(os.path.abspath(sys.modules["__main__"].__file__))
print(sys.stdin.read(), sys.stdout.isatty(), found_by_path.__file__)
print("an error", file=sys.stderr)
warnings.warn("is an error, too")
"""


class WarmInterpreterTests(TestCase):
    def test_same_as_cold(self):
        """What a command finds, says and ends with is the same."""
        with tempfile.TemporaryDirectory() as folder:
            write_tree(folder, {"found_by_path.py": ""})
            asked = ["shell", "-v", "0", "-c", ASK]
            variables = {"PYTHONPATH": folder, "GIVEN": "a 'value'"}
            warm = run(*asked, **variables)
            cold = start(*asked, **variables)
            out, error = cold.communicate()
        self.assertEqual(warm[:2], (cold.returncode, out))
        self.assertIn("a 'value'", out)
        self.assertIn(f"{settings.BASE_DIR}/manage.py\n", out)
        for said in (warm[2], error):
            self.assertTrue(said.startswith("an error\n"), said)
            self.assertIn("UserWarning: is an error, too", said)

    def test_nothing_stays(self):
        """A run leaves nothing behind for the next one, however it ends."""
        code = "import os, sys; sys.left = 1; os.environ['LEFT'] = '1'"
        status, _, error = run("shell", "-c", f"{code}; os.kill(os.getpid(), 9)")
        self.assertEqual(status, -signal.SIGKILL, error)
        code = "import os, sys; print(hasattr(sys, 'left'), 'LEFT' in os.environ)"
        status, out, error = run("shell", "-v", "0", "-c", code)
        self.assertEqual((status, out), (0, "False False\n"), error)

    def test_end(self):
        """It ends when it is let go, and says nothing."""
        interpreter = WarmInterpreter(settings.BASE_DIR)
        interpreter.close()
        self.assertEqual(interpreter.process.returncode, 0)

    def test_gone(self):
        """Who asks an interpreter that was killed is told so."""
        interpreter = WarmInterpreter(settings.BASE_DIR)
        self.addCleanup(interpreter.close)
        interpreter.process.kill()
        with self.assertRaises((EOFError, OSError)):
            interpreter.run(["check"], clean_environment())
