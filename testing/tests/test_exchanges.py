"""Exchanges: what is noted of a request and its answer, and what is masked."""

import io
import json
import threading
import urllib.parse
from unittest import mock

from django.db import connection
from django.test import SimpleTestCase, TestCase

from testing import exchanges
from testing.errors import SetupFailure
from testing.exchanges import BODY_KEPT, BODY_READ, ExchangeLog, masked


class MaskedTests(SimpleTestCase):
    def test_json(self):
        """Secrets are masked by their keys, at any depth; all else is kept."""
        content = {
            "user": "ann",
            "password": "p1",
            "nested": [
                {"access_token": "p2", "rows": [{"Api-Key": "k", "apiKey": "p3"}]}
            ],
            "Authorization": "Bearer p4",
            "token_count": 3,
            "sessionid": "p5",
            "ünïcode": "ü",
        }
        text = masked(json.dumps(content))
        for secret in ("p1", "p2", "p3", "p4", "p5"):
            self.assertNotIn(f'"{secret}"', text)
            self.assertNotIn(f" {secret}", text)
        found = json.loads(text)
        self.assertEqual(found["user"], "ann")
        self.assertEqual(found["nested"][0]["access_token"], "***")
        self.assertEqual(found["token_count"], 3)
        self.assertIn("ü", text)

    def test_forms_and_queries(self):
        """`name=value` is masked wherever it stands."""
        for text, expected in (
            ("user=ann&password=p1&next=/", "user=ann&password=***&next=/"),
            ("/reset/?token=p1&page=2", "/reset/?token=***&page=2"),
            (
                "new_password1=p1&new_password2=p2",
                "new_password1=***&new_password2=***",
            ),
            ('{"password": "p1", broken', '{"password": "***", broken'),
            ("csrfmiddlewaretoken=p1", "csrfmiddlewaretoken=***"),
            ("nothing to hide", "nothing to hide"),
            ("", ""),
        ):
            with self.subTest(text=text):
                self.assertEqual(masked(text), expected)

    def test_long_ones(self):
        """A long body is cut and says how much is missing; a short one is not."""
        text = "x " * (BODY_KEPT // 2)
        self.assertEqual(masked(f"{text}12345"), f"{text}… (5 more characters)")
        self.assertEqual(masked(text), text)

    def test_deep_ones(self):
        """A body that is nested beyond reason is taken as text."""
        text = "[" * 100_000
        self.assertTrue(masked(text).startswith("[[["))


def exchange(application, *, method="GET", path="/", body=b"", **environ):
    """Pass one request through; returns the answer, its status and the exchange."""
    log = ExchangeLog()
    answered = {}

    def start_response(status, headers, *rest):
        answered["status"] = status

    given = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    response = log.wrap(application)(given, start_response)
    parts = list(response)
    response.close()
    (noted,) = log.take()
    return b"".join(parts), answered["status"], noted


class Closing(list):
    closed = False

    def close(self):
        self.closed = True


class ExchangeTests(TestCase):
    def test_request_body(self):
        """The view reads the whole body; what is noted of it is masked."""
        seen = []

        def application(environ, start_response):
            seen.append(environ["wsgi.input"].read())
            start_response("201 Created", [])
            return [b'{"token": ', b'"p2", "id": 1}']

        form = urllib.parse.urlencode({"password": "p1", "a": "b"}).encode()
        body, status, noted = exchange(
            application, method="POST", path="/users/", body=form, QUERY_STRING="key=1"
        )
        self.assertEqual(seen, [form])
        self.assertEqual((body, status), (b'{"token": "p2", "id": 1}', "201 Created"))
        self.assertEqual(
            (noted["method"], noted["path"], noted["status"], noted["step"]),
            ("POST", "/users/?key=1", 201, -1),
        )
        self.assertEqual(noted["request_body"], "password=***&a=b")
        self.assertEqual(noted["response_body"], '{"token": "***", "id": 1}')
        self.assertGreaterEqual(noted["seconds"], 0)

    def test_odd_lengths(self):
        """Without a length, with nonsense and with too much the body is left alone."""

        def application(environ, start_response):
            start_response("200 OK", [])
            return [environ["wsgi.input"].read()]

        for length in ("", "x", "-5", "0", str(BODY_READ + 1), "9" * 30, None):
            with self.subTest(length=length):
                body, _, noted = exchange(
                    application, body=b"kept", CONTENT_LENGTH=length
                )
                self.assertEqual(body, b"kept")
                self.assertEqual(noted["request_body"], "")

    def test_long_answer(self):
        """A long answer reaches the client whole; only its beginning is noted."""

        def application(environ, start_response):
            start_response("200 OK", [])
            return [b"x " * (BODY_READ // 2), b"y" * 10, b"z"]

        body, _, noted = exchange(application)
        self.assertEqual(len(body), BODY_READ + 11)
        self.assertLess(len(noted["response_body"]), BODY_KEPT + 50)
        self.assertNotIn("y", noted["response_body"])

    def test_no_body(self):
        """Answers to HEAD and with status 204 are noted, and closed."""
        for method, answer in (("HEAD", "200 OK"), ("DELETE", "204 No Content")):
            response = Closing()

            def application(environ, start_response, answer=answer, response=response):
                start_response(answer, [])
                return response

            with self.subTest(method=method):
                body, status, noted = exchange(application, method=method)
                self.assertEqual((body, status), (b"", answer))
                self.assertEqual(noted["status"], int(answer[:3]))
                self.assertEqual(noted["response_body"], "")
                self.assertIs(response.closed, True)

    def test_statements(self):
        """SQL statements of this request are counted, up to the end of its answer."""
        connection.ensure_connection()
        before = list(connection.execute_wrappers)

        def ask():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

        def application(environ, start_response):
            ask()
            ask()
            start_response("200 OK", [])

            def answer():
                ask()
                yield b"x"

            return answer()

        _, _, noted = exchange(application)
        self.assertEqual(noted["statements"], 3)
        self.assertEqual(connection.execute_wrappers, before)

    def test_errors(self):
        """A view that raises is noted, its error goes on, no request stays open."""
        log = ExchangeLog()
        before = list(connection.execute_wrappers)

        def application(environ, start_response):
            raise ValueError("of the view")

        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/x/"}
        with self.assertRaisesMessage(ValueError, "of the view"):
            log.wrap(application)(environ, None)
        (noted,) = log.take()
        self.assertEqual((noted["status"], noted["path"]), (0, "/x/"))
        self.assertEqual((log.take(), log.open_requests()), ([], []))
        self.assertEqual(connection.execute_wrappers, before)

    def test_close_that_raises(self):
        """A response whose close breaks is noted as over all the same."""
        log = ExchangeLog()
        response = mock.Mock(__iter__=lambda self: iter(()))
        response.close.side_effect = ValueError("in close")

        def application(environ, start_response):
            start_response("200 OK", [])
            return response

        body = log.wrap(application)(
            {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None
        )
        with self.assertRaisesMessage(ValueError, "in close"):
            body.close()
        self.assertEqual(log.open_requests(), [])
        self.assertEqual(len(log.take()), 1)


class DrainTests(SimpleTestCase):
    def test_open_requests(self):
        """A request is open until its answer is closed; then nobody waits any more."""
        log = ExchangeLog()
        number = log.enter("GET /slow/")
        self.assertEqual(log.open_requests(), ["GET /slow/"])
        waiter = threading.Thread(target=log.drain)
        waiter.start()
        log.leave(number, {"path": "/slow/"})
        waiter.join(5)
        self.assertIs(waiter.is_alive(), False)
        self.assertEqual(log.take(), [{"path": "/slow/"}])

    def test_endless_one(self):
        """A request without an end is named, with what to do."""
        log = ExchangeLog()
        log.enter("GET /endless/")
        with (
            mock.patch.object(exchanges, "LONGEST_STRAGGLER", 0.01),
            self.assertRaisesMessage(SetupFailure, "still answers GET /endless/"),
        ):
            log.drain()
