"""Columns, words, colours and cutting."""

from django.test import SimpleTestCase

from testing.bdd.console_text import (
    Ink,
    clean,
    counted,
    cut_lines,
    indented,
    one_line,
    word_of,
)
from testing.tests.bdd.console_facts import scenario


class InkTests(SimpleTestCase):
    def test_without_color(self):
        """Without colour text stays as it is, and words are as wide."""
        self.assertEqual(Ink()("text", "bad"), "text")
        self.assertEqual(Ink().word("PASS"), "        PASS")

    def test_with_color(self):
        """Colour never covers the blanks of a column, and ends with the word."""
        self.assertEqual(Ink(color=True).word("FAIL", 6), "  \x1b[1;31mFAIL\x1b[0m")
        self.assertEqual(Ink(color=True)("", "bad"), "")


class TextTests(SimpleTestCase):
    def test_counted(self):
        """A noun follows its number, and thousands are set apart."""
        self.assertEqual(counted(1, "feature"), "1 feature")
        self.assertEqual(counted(0, "feature"), "0 features")
        self.assertEqual(counted(1234, "feature"), "1,234 features")

    def test_clean(self):
        """Nothing that a terminal would obey is left."""
        for raw, expected in (
            ("a\x1b[31mred\x1b[0m", "ared"),
            ("\x1b]0;title\x07text", "text"),
            ("\x1b]8;;http://x\x1b\\link", "link"),
            ("\x1b[?25l\x1bc\x1b", ""),
            ("bell\x07 back\x08 null\x00", "bell back null"),
            ("a\tb\r\nc\rd", "a    b\ncd"),
            ("\x9b31m\u2028", "31m"),
            ("ü 舞 💃", "ü 舞 💃"),
        ):
            with self.subTest(raw=raw):
                self.assertEqual(clean(raw), expected)

    def test_one_line(self):
        """A name of several lines becomes one."""
        self.assertEqual(one_line(" a\n  b\x1b[2J\tc "), "a b c")

    def test_short_text(self):
        """Text within the limit, or one line above, stays whole."""
        self.assertEqual(cut_lines("\n1\n2 \n3\n4\n", 3), ["1", "2", "3", "4"])

    def test_long_text(self):
        """The middle of a long text is left out and counted."""
        text = "\n".join(map(str, range(1, 10)))
        note = "… 6 lines left out, shown with -v 3 …"
        self.assertEqual(cut_lines(text, 3), ["1", note, "8", "9"])

    def test_no_limit(self):
        """Without a limit nothing is cut, neither lines nor their length."""
        text = "\n".join(["x" * 2000] * 100)
        self.assertEqual(cut_lines(text, None), text.split("\n"))

    def test_long_line(self):
        """The middle of a long line is left out and counted."""
        (line,) = cut_lines("a" * 300 + "b" * 1000 + "c" * 300, 3)
        expected = f"{'a' * 250} … 1,100 characters left out … {'c' * 250}"
        self.assertEqual(line, expected)

    def test_indented(self):
        """Empty lines get no trailing blanks."""
        self.assertEqual(indented(["a", "", "b"], 2), ["  a", "", "  b"])


class WordTests(SimpleTestCase):
    def test_words(self):
        """Each way to end has a word of its own."""
        for word, changed in (
            ("PASS", {}),
            ("SLOW", {"seconds": 10.0}),
            ("FLAKY", {"attempt": 2, "seconds": 11.0}),
            ("FAIL", {"status": "failed"}),
            ("FAIL", {"status": "hook_error"}),
            ("FAIL", {"status": "undefined", "attempt": 2}),
            ("LOST", {"status": "lost"}),
            ("TIMEOUT", {"status": "timed out"}),
            ("SKIP", {"status": "skipped", "attempt": 2}),
            ("SKIP", {"status": "untested"}),
            ("SKIP", {"status": "pending_warn"}),
        ):
            with self.subTest(changed=changed):
                self.assertEqual(word_of(scenario(**changed)), word)
