"""The HTTP exchanges of a scenario, as the live server sees them.

For each request: method, path, status, time, number of SQL statements, and the
beginnings of both bodies with secrets masked.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from io import BytesIO
from typing import Any

from django.db import connections

from testing.errors import SetupFailure
from testing.statement_count import StatementCount

__all__ = ["ExchangeLog", "masked"]

# How much of a body is kept, in characters, and read at most, in bytes.
BODY_KEPT = 2000
BODY_READ = 64 * 1024
# How long a request may outlive its scenario, in seconds.
LONGEST_STRAGGLER = 5.0

SECRET = re.compile(
    r"pass|secret|token|api_?key|authori[sz]ation|cookie|session|csrf", re.IGNORECASE
)
PAIR = re.compile(
    r"(?P<name>(?:pass|secret|token|api_?key|session|csrf)[\w.-]{0,40})"
    r"(?P<between>\"?\s{0,3}[=:]\s{0,3}\"?)(?P<value>[^&\s\"<]+)",
    re.IGNORECASE,
)
MASK = "***"


class ExchangeLog:
    """Notes requests as they come and go; knows which are open at this moment."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: dict[int, str] = {}
        self._count = 0
        self._done: list[dict[str, Any]] = []
        # Index of the step that runs now; set by who runs steps.
        self.step = -1

    def wrap(self, application: Any) -> Any:
        """Return a WSGI application that notes what passes through it."""

        def noted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            exchange = _Noted(self, environ)
            try:
                body = application(environ, exchange.start_with(start_response))
            except BaseException:
                exchange.finish()
                raise
            return _NotedBody(body, exchange)

        return noted

    def take(self) -> list[dict[str, Any]]:
        """Return the exchanges since the last call."""
        with self._changed:
            done, self._done = self._done, []
        return done

    def open_requests(self) -> list[str]:
        """Return the requests that are being answered, ``GET /path``."""
        with self._changed:
            return list(self._open.values())

    def drain(self) -> None:
        """Wait until no request is open.

        Raises:
            SetupFailure: one goes on too long; it would write into the data of
                the next scenario.

        """
        with self._changed:
            if self._changed.wait_for(lambda: not self._open, LONGEST_STRAGGLER):
                return
            what = ", ".join(self._open.values())
        raise SetupFailure(
            f"The live server still answers {what} {LONGEST_STRAGGLER:.0f} s after "
            "the scenario that asked, and would write into the next one's data. "
            "Next: wait for the answer in the step, or find what that view waits for."
        )

    def enter(self, what: str) -> int:
        """Note a request that has begun; returns its number."""
        with self._changed:
            self._count += 1
            self._open[self._count] = what
            return self._count

    def leave(self, number: int, exchange: dict[str, Any]) -> None:
        """Note that a request is over."""
        with self._changed:
            self._open.pop(number, None)
            self._done.append(exchange)
            self._changed.notify_all()


class _Noted:
    """One exchange while it goes on; all of it in the thread that answers."""

    def __init__(self, log: ExchangeLog, environ: dict[str, Any]) -> None:
        self.log = log
        self.method = environ["REQUEST_METHOD"]
        query = environ.get("QUERY_STRING", "")
        self.path = environ.get("PATH_INFO", "") + (f"?{query}" if query else "")
        self.step = log.step
        self.status = 0
        self.statements = StatementCount()
        self.answer = bytearray()
        self.request = _peek(environ)
        self.number = log.enter(f"{self.method} {self.path}")
        self.began = time.perf_counter()
        self.counting = ExitStack()
        for connection in connections.all():
            self.counting.enter_context(connection.execute_wrapper(self.statements))

    def start_with(self, start_response: Any) -> Callable[..., Any]:
        def started(status: str, headers: Any, *rest: Any) -> Any:
            self.status = int(status.split(None, 1)[0])
            return start_response(status, headers, *rest)

        return started

    def finish(self) -> None:
        self.counting.close()
        self.log.leave(
            self.number,
            {
                "step": self.step,
                "method": self.method,
                "path": masked(self.path),
                "status": self.status,
                "seconds": time.perf_counter() - self.began,
                "statements": self.statements.total,
                "request_body": masked(self.request.decode(errors="replace")),
                "response_body": masked(self.answer.decode(errors="replace")),
            },
        )


class _NotedBody:
    """A WSGI response that says when it is over."""

    def __init__(self, body: Iterable[bytes], exchange: _Noted) -> None:
        self._body = body
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        for part in self._body:
            if len(self._exchange.answer) < BODY_READ:
                self._exchange.answer += part
            yield part

    def close(self) -> None:
        """Close the response; Django closes its connections here."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._exchange.finish()


def _peek(environ: dict[str, Any]) -> bytes:
    """Return a request's body and leave it to be read again; long ones are left."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or not 0 < int(length[:9]) <= BODY_READ:
        return b""
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return body


def masked(text: str) -> str:
    """Return a text with the values of secrets masked, cut off where it is long.

    JSON is masked by its keys, anything else by what looks like ``name=value``.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        # A little more than is shown, so that a secret is not cut in two.
        beginning = text[: 2 * BODY_KEPT]
        clean = PAIR.sub(rf"\g<name>\g<between>{MASK}", beginning)
        clean += text[2 * BODY_KEPT :]
    else:
        clean = json.dumps(_masked_values(content), ensure_ascii=False)
    left = len(clean) - BODY_KEPT
    return clean if left <= 0 else f"{clean[:BODY_KEPT]}… ({left} more characters)"


def _masked_values(content: Any) -> Any:
    if isinstance(content, dict):
        return {
            key: MASK
            if SECRET.search(str(key)) and isinstance(value, str)
            else _masked_values(value)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [_masked_values(value) for value in content]
    return content
