"""What a worker prints becomes events, as if it were a stream of the parent's."""

from unittest import TestCase

from testing.bdd.listener import NotedStream


class NotedStreamTests(TestCase):
    def setUp(self):
        self.events = []
        self.stream = NotedStream("stdout", self.events.append, tty=True)

    def test_text(self):
        """Text is noted as it comes; no text is no event."""
        self.assertEqual([self.stream.write(text) for text in ("grüße", "")], [5, 0])
        self.assertEqual(self.events, [["stdout", "grüße", []]])

    def test_what_others_ask_a_stream(self):
        """It can be written to, in UTF-8, and is a terminal where the parent's is."""
        self.assertIs(self.stream.writable(), True)
        self.assertEqual(self.stream.encoding, "utf-8")
        self.assertIs(self.stream.isatty(), True)
        self.assertIs(NotedStream("stderr", print, tty=False).isatty(), False)
