from io import BytesIO

from django.conf import settings
from django.http import UnreadablePostError
from django.test import SimpleTestCase
from rest_framework.exceptions import ParseError

from dancecoach.errors import PayloadTooLarge
from dancecoach.parsers import StrictJSONParser


def parse(raw):
    return StrictJSONParser().parse(BytesIO(raw))


class StrictJSONParserTests(SimpleTestCase):
    def test_utf_8(self):
        """A body is JSON in UTF-8."""
        self.assertEqual(parse('{"a": ["ü", 1, null]}'.encode()), {"a": ["ü", 1, None]})

    def test_refused(self):
        """What is not JSON is a parse error, whatever is wrong with it."""
        bodies = {
            "broken": b"{",
            "empty": b" ",
            "latin-1": '"ü"'.encode("latin-1"),
            "utf-16": '"x"'.encode("utf-16"),
            "nan": b'{"a": NaN}',
            "infinity": b"-Infinity",
            "deep": b"[" * 30000 + b"]" * 30000,
            "deep objects": b'{"a":' * 10000 + b"1" + b"}" * 10000,
            "long number": b"9" * 5000,
            "two values": b"{} {}",
        }
        for name, raw in bodies.items():
            with self.subTest(name=name), self.assertRaises(ParseError):
                parse(raw)

    def test_more_bytes_than_claimed(self):
        """The limit holds for the bytes that arrive, and no more are read."""
        stream = BytesIO(b'"' + b"x" * settings.REQUEST_BODY_LIMIT * 2 + b'"')
        with self.assertRaises(PayloadTooLarge):
            StrictJSONParser().parse(stream)
        self.assertEqual(stream.tell(), settings.REQUEST_BODY_LIMIT + 1)

    def test_limit_passes(self):
        """A body of exactly the limit is read."""
        text = "x" * (settings.REQUEST_BODY_LIMIT - 2)
        self.assertEqual(parse(f'"{text}"'.encode()), text)

    def test_client_goes_away(self):
        """A body that breaks off is the client's error."""

        class Broken:
            def read(self, _size):
                raise UnreadablePostError

        with self.assertRaisesMessage(ParseError, "ended too early"):
            StrictJSONParser().parse(Broken())
