"""The frame at the foot of a terminal and the text that scrolls over it."""

import io
import os
import termios

from django.test import SimpleTestCase

from testing.bdd.screen import Screen
from testing.tests.bdd.fake_terminal import FakeTerminal


class ScreenTests(SimpleTestCase):
    def setUp(self):
        self.terminal = FakeTerminal(columns=20, rows=6)
        self.screen = Screen(
            self.terminal, size=lambda: (self.terminal.columns, self.terminal.height)
        )

    def test_text_above_frame(self):
        """Text scrolls over the frame, which stays below it."""
        self.screen.show(["bar", "worker"])
        self.screen.write("one\n")
        self.assertEqual(self.terminal.text, "one\n\nbar\nworker")
        self.screen.write("two\nthree\nfour\nfive\n")
        self.assertEqual(
            self.terminal.text, "one\ntwo\nthree\nfour\nfive\n\nbar\nworker"
        )

    def test_new_frame(self):
        """A shorter frame leaves nothing of the longer one."""
        self.screen.show(["a long line", "another", "third"])
        self.screen.show(["short"])
        self.assertEqual(self.terminal.text, "\nshort")

    def test_clear(self):
        """After clearing, the cursor is where text goes on."""
        self.screen.write("one\n")
        self.screen.show(["bar"])
        self.screen.clear()
        self.terminal.write("prompt")
        self.assertEqual(self.terminal.text, "one\nprompt")

    def test_clear_nothing(self):
        """Without a frame clearing writes nothing."""
        self.screen.clear()
        self.assertEqual(self.terminal.getvalue(), "")

    def test_partial_line(self):
        """Dots that a formatter writes go on where they were, frame or not."""
        self.screen.show(["bar"])
        for _ in range(3):
            with self.screen.pause():
                self.terminal.write("..")
        self.assertEqual(self.terminal.text, "......\nbar")

    def test_text_after_partial_line(self):
        """Text begins on a line of its own, and leaves no empty one."""
        self.screen.show(["bar"])
        with self.screen.pause():
            self.terminal.write("...")
        self.screen.write("FAIL\n")
        self.screen.write("more\n")
        self.assertEqual(self.terminal.text, "...\nFAIL\nmore\n\nbar")

    def test_pause_at_the_foot(self):
        """At the last row the frame makes room for itself by scrolling."""
        self.screen.write("1\n2\n3\n4\n5\n")
        self.screen.show(["bar", "worker"])
        with self.screen.pause():
            self.assertEqual(self.terminal.text, "1\n2\n3\n4\n5")
            self.terminal.write("..")
        self.assertEqual(self.terminal.text, "1\n2\n3\n4\n5\n..\nbar\nworker")

    def test_write_while_paused(self):
        """In a pause text is written and no frame is drawn."""
        self.screen.show(["bar"])
        with self.screen.pause():
            self.screen.write("problem\n")
            self.screen.show(["new bar"])
            with self.screen.pause():
                pass
            self.assertEqual(self.terminal.text, "problem")
        self.assertEqual(self.terminal.text, "problem\n\nnew bar")

    def test_exception_in_pause(self):
        """The frame comes back after an exception too."""
        self.screen.show(["bar"])
        with self.assertRaises(KeyboardInterrupt), self.screen.pause():
            raise KeyboardInterrupt
        self.assertEqual(self.terminal.text, "\nbar")

    def test_low_terminal(self):
        """A frame that is too high is cut, and one row is left for text."""
        self.screen.show([str(number) for number in range(9)])
        self.assertEqual(self.terminal.text, "\n0\n1\n2\n3\n4")

    def test_narrowed_terminal(self):
        """A frame that got too wide meanwhile does not wrap."""
        self.screen.show(["x" * 30, "next"])
        self.assertEqual(self.terminal.text, f"\n{'x' * 20}\nnext")

    def test_no_mode_stays(self):
        """Every write ends what it began: wrapping and synchronizing are as before."""
        self.screen.show(["bar"])
        self.screen.write("one\n")
        with self.screen.pause():
            pass
        self.screen.clear()
        written = self.terminal.getvalue()
        self.assertIs(self.terminal.wraps, True)
        self.assertGreater(written.rfind("\x1b[?2026l"), written.rfind("\x1b[?2026h"))
        self.assertNotIn("\x1b[?25", written)

    def test_size_of_a_terminal(self):
        """A terminal is asked for its size; one that does not know it says zero."""
        ours, theirs = os.openpty()
        self.addCleanup(os.close, ours)
        with os.fdopen(theirs, "w") as stream:
            screen = Screen(stream)
            self.assertEqual(screen.size, (80, 24))
            termios.tcsetwinsize(theirs, (50, 132))
            self.assertEqual(screen.size, (132, 50))

    def test_size_of_no_terminal(self):
        """A stream without a size counts as 80 columns and 24 rows."""
        self.assertEqual(Screen(io.StringIO()).size, (80, 24))
