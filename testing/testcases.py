"""The live server of a worker, and the test case behind ``context.test``.

Stock behave-django starts a server for each scenario and waits half a second
for it to stop. Here a worker has one for its whole life.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from behave_django.testcase import PreventTestExecutionMixin
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import LiveServerTestCase, LiveServerThread

from testing.errors import SetupFailure

__all__ = ["LiveServer", "ScenarioTestCase", "start_live_server"]

# How often a server that was asked to stop looks up, in seconds. A request
# wakes it at once.
POLL_INTERVAL = 0.02
# How long a request may outlive its scenario, in seconds.
LONGEST_STRAGGLER = 5.0


class RequestLedger:
    """The requests that are being answered at this moment."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: dict[int, str] = {}
        self._count = 0

    def enter(self, what: str) -> int:
        """Note a request that has begun; returns its number."""
        with self._changed:
            self._count += 1
            self._open[self._count] = what
            return self._count

    def leave(self, number: int) -> None:
        """Note that a request is over."""
        with self._changed:
            self._open.pop(number, None)
            self._changed.notify_all()

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


class CountedResponse:
    """A WSGI response that says when it is over."""

    def __init__(self, body: Iterable[bytes], leave: Callable[[], None]) -> None:
        self._body = body
        self._leave = leave

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Close the response; Django closes its connections here."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._leave()


class CountingServer(ThreadedWSGIServer):
    """Django's threaded server, with a ledger and a quick stop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ledger = RequestLedger()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection whose small answers are sent at once.

        Headers and body go out in two writes; on a connection that is kept
        alive the second would wait 40 ms for the client's delayed ACK.
        """
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address

    def set_app(self, application: Any) -> None:
        """Serve ``application``, keeping the ledger."""
        ledger = self.ledger

        def counted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            number = ledger.enter(
                f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"
            )
            try:
                body = application(environ, start_response)
            except BaseException:
                ledger.leave(number)
                raise
            return CountedResponse(body, lambda: ledger.leave(number))

        super().set_app(counted)

    def serve_forever(self, poll_interval: float = POLL_INTERVAL) -> None:
        """Serve until :meth:`shutdown`, which then returns at once."""
        super().serve_forever(poll_interval)


class LiveServer(LiveServerThread):
    """Django's live server thread, for the whole life of a worker."""

    server_class = CountingServer

    def drain(self) -> None:
        """Wait until every request is answered."""
        server: Any = self.httpd
        server.ledger.drain()


class ScenarioTestCase(
    PreventTestExecutionMixin,  # type: ignore[misc]
    StaticLiveServerTestCase,
):
    """What ``context.test`` is: a live server test case on the worker's own server.

    Fixtures are loaded as ever. Neither does it start a server nor flush: the
    worker has one, and resets after the scenario's last cleanup.
    """

    server_thread_class = LiveServer

    @classmethod
    def setUpClass(cls) -> None:
        """Set up all but the server, which runs already."""
        super(LiveServerTestCase, cls).setUpClass()

    def _fixture_teardown(self) -> None:
        """Leave the data alone; test_testcases.py pins this name of Django's."""


def start_live_server(testcase_class: type[LiveServerTestCase]) -> LiveServer:
    """Start the server that all instances of ``testcase_class`` share.

    The caller stops it with ``terminate()``.
    """
    server = LiveServer(testcase_class.host, testcase_class.static_handler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    testcase_class.server_thread = server
    return server
