from io import BytesIO

from django.conf import settings
from django.test import SimpleTestCase

from dancecoach.wsgi import with_chunked_bodies


class ChunkedBodyTests(SimpleTestCase):
    def seen(self, body=b"{}", **environ):
        """Return the environment as the wrapped application sees it."""
        seen = {}

        def inner(environ, _start_response):
            seen.update(environ)
            return []

        environ["wsgi.input"] = BytesIO(body)
        with_chunked_bodies(inner)(environ, None)
        return seen

    def test_decoded_body_gets_its_length(self):
        """A chunked body that the server decodes is read and measured."""
        seen = self.seen(
            **{"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        )
        self.assertEqual(seen["CONTENT_LENGTH"], "2")
        self.assertEqual(seen["wsgi.input"].read(), b"{}")

    def test_long_body_is_cut(self):
        """Of a long one just enough is read to see that it is too long."""
        limit = settings.REQUEST_BODY_LIMIT
        seen = self.seen(
            b"x" * limit * 2,
            **{"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
        )
        self.assertEqual(seen["CONTENT_LENGTH"], str(limit + 1))

    def test_others_are_left_alone(self):
        """Bodies with a length, or that the server does not decode, stay."""
        for environ in (
            {"CONTENT_LENGTH": "1", "wsgi.input_terminated": True},
            {"HTTP_TRANSFER_ENCODING": "chunked"},
        ):
            with self.subTest(environ=environ):
                seen = self.seen(**environ)
                self.assertEqual(
                    seen.get("CONTENT_LENGTH"), environ.get("CONTENT_LENGTH")
                )
                self.assertEqual(seen["wsgi.input"].tell(), 0)
