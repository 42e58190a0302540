"""The live server of a worker, and the test case behind ``context.test``.

Stock behave-django starts a server for each scenario and waits half a second
for it to stop. Here a worker has one for its whole life.
"""

from __future__ import annotations

import os
from typing import Any

from behave_django.testcase import BehaviorDrivenTestCase
from django.test.testcases import LiveServerTestCase, LiveServerThread
from django.test.utils import modify_settings

from testing.errors import SetupFailure, UsageError
from testing.exchanges import ExchangeLog
from testing.live_servers import QuickServer

__all__ = [
    "LiveServer",
    "ScenarioTestCase",
    "refuse_shared_port",
    "start_live_server",
]


class NotingServer(QuickServer):
    """A live server with a log of its exchanges."""

    def __init__(self, address: tuple[str, int], *args: Any, **kwargs: Any) -> None:
        if address[1] and os.name == "posix":
            # A port that a project fixes was in use a moment ago: connections of
            # the run before may linger there, and do no harm.
            kwargs["allow_reuse_address"] = True
        super().__init__(address, *args, **kwargs)
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


class ScenarioTestCase(BehaviorDrivenTestCase):  # type: ignore[misc]
    """What ``context.test`` is: a live server test case on the worker's own server.

    Fixtures are loaded as ever. Neither does it start a server nor flush: the
    worker has one, and resets after the scenario's last cleanup. A host or port
    that a project sets on behave-django's class is this one's, too.
    """

    server_thread_class = LiveServer

    @classmethod
    def setUpClass(cls) -> None:
        """Set up all but the server, which runs already."""
        super(LiveServerTestCase, cls).setUpClass()  # type: ignore[misc]
        cls.enterClassContext(
            modify_settings(ALLOWED_HOSTS={"append": cls.allowed_host})
        )

    def _fixture_teardown(self) -> None:
        """Leave the data alone; test_testcases.py pins this name of Django's."""


def start_live_server(testcase_class: type[LiveServerTestCase]) -> LiveServer:
    """Start the server that all instances of ``testcase_class`` share.

    The caller stops it with ``terminate()``.

    Raises:
        SetupFailure: another process listens on the port that the project fixes.

    """
    host, port = testcase_class.host, testcase_class.port
    server = LiveServer(host, testcase_class.static_handler, port=port)
    server.daemon = True
    server.name = "live server"
    server.start()
    server.is_ready.wait()
    if server.error and port:
        raise SetupFailure(
            f"The live server cannot listen on {host}, port {port} "
            f"({server.error}), which {_named(testcase_class)}.port fixes. Next: end "
            f"the process that listens there (`lsof -i :{port}`), or leave the port "
            "to the system with `port = 0`."
        ) from server.error
    if server.error:
        raise server.error
    testcase_class.server_thread = server
    return server


def refuse_shared_port(testcase_class: type, *, workers: int) -> None:
    """Refuse a fixed port where several workers would have to share it.

    Moving the others is no way out: an address that is written into a step would
    lead from one worker into another one's data.

    Raises:
        UsageError: ``port`` is set and there is more than one worker.

    """
    port = getattr(testcase_class, "port", 0)
    if port and workers > 1:
        raise UsageError(
            f"{_named(testcase_class)}.port is {port}, and {workers} workers would "
            "all have to listen there; a step that names the port would reach "
            "another worker's data. Next: run with `--parallel 1`, or leave the port "
            "to the system and use context.base_url and context.get_url()."
        )


def _named(testcase_class: type) -> str:
    return f"{testcase_class.__module__}.{testcase_class.__qualname__}"
