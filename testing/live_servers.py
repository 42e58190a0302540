"""Django's live server with a quick stop and small answers sent at once.

Stopping Django's own takes up to half a second, since its loop looks up that
often.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import LiveServerTestCase, LiveServerThread

__all__ = ["QuickLiveServerThread", "QuickServer", "quick_live_servers"]

# How often a server that was asked to stop looks up, in seconds. A request
# wakes it at once.
POLL_INTERVAL = 0.02


class QuickServer(ThreadedWSGIServer):
    """Django's threaded server, which stops when it is asked to."""

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection whose small answers are sent at once.

        Headers and body go out in two writes; on a connection that is kept
        alive the second would wait 40 ms for the client's delayed ACK.
        """
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address

    def serve_forever(self, poll_interval: float = POLL_INTERVAL) -> None:
        """Serve until :meth:`shutdown`, which then returns at once."""
        super().serve_forever(poll_interval)


class QuickLiveServerThread(LiveServerThread):
    """Django's live server thread with such a server."""

    server_class = QuickServer


@contextmanager
def quick_live_servers(classes: Iterable[type]) -> Iterator[None]:
    """Let live-server test cases use the quick server while this is in force.

    Only classes that have Django's own ``server_thread_class`` are concerned;
    one of the project's choice stays. The attribute is Django's seam for it; it
    is set on the project's classes for the time of the run, not on Django's.
    """
    with ExitStack() as stack:
        for test_class in classes:
            if (
                issubclass(test_class, LiveServerTestCase)
                and test_class.server_thread_class is LiveServerThread
            ):
                stack.enter_context(
                    mock.patch.object(
                        test_class, "server_thread_class", QuickLiveServerThread
                    )
                )
        yield
