"""The live server of a worker, and the test case behind ``context.test``.

Stock behave-django starts a server for each scenario and waits half a second
for it to stop. Here a worker has one for its whole life.
"""

from __future__ import annotations

from typing import Any

from behave_django.testcase import PreventTestExecutionMixin
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.test.testcases import LiveServerTestCase, LiveServerThread

from testing.exchanges import ExchangeLog
from testing.live_servers import QuickServer

__all__ = ["LiveServer", "ScenarioTestCase", "start_live_server"]


class NotingServer(QuickServer):
    """A live server with a log of its exchanges."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exchanges = ExchangeLog()

    def set_app(self, application: Any) -> None:
        """Serve ``application``, noting the exchanges."""
        super().set_app(self.exchanges.wrap(application))


class LiveServer(LiveServerThread):
    """Django's live server thread, for the whole life of a worker."""

    server_class = NotingServer

    @property
    def exchanges(self) -> ExchangeLog:
        """What was asked and answered."""
        server: Any = self.httpd
        log: ExchangeLog = server.exchanges
        return log


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
    server.name = "live server"
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    testcase_class.server_thread = server
    return server
