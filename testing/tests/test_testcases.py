"""The test case behind ``context.test``, and Django's names that it stands on."""

import socket

from behave_django.testcase import BehaviorDrivenTestCase
from django.conf import settings
from django.test import SimpleTestCase, override_settings
from django.test.testcases import LiveServerTestCase, TransactionTestCase

from testing.errors import SetupFailure
from testing.testcases import ScenarioTestCase, start_live_server
from testing.tests.bdd.engine_case import EngineCase, feature

HOST = """
import urllib.request


@step("the service answers")
def answers(context):
    with urllib.request.urlopen(context.get_url("/api/healthz")) as response:
        assert response.status == 200, response.status
"""


class ScenarioTestCaseTests(SimpleTestCase):
    def test_names(self):
        """Canary: Django has the names that are overridden and called."""
        self.assertTrue(issubclass(ScenarioTestCase, BehaviorDrivenTestCase))
        self.assertTrue(issubclass(ScenarioTestCase, LiveServerTestCase))
        self.assertIs(hasattr(TransactionTestCase, "_fixture_teardown"), True)
        self.assertEqual(LiveServerTestCase.allowed_host, "localhost")

    @override_settings(ALLOWED_HOSTS=["example.com"])
    def test_host(self):
        """The live server's host is allowed while a scenario runs, as in Django."""
        ScenarioTestCase.setUpClass()
        try:
            self.assertEqual(settings.ALLOWED_HOSTS, ["example.com", "localhost"])
        finally:
            ScenarioTestCase.tearDownClass()
            ScenarioTestCase.doClassCleanups()
        self.assertEqual(settings.ALLOWED_HOSTS, ["example.com"])


class ServerTests(SimpleTestCase):
    def served(self, **given):
        """Start a server as a worker does, on a class of the project's."""
        project_class = type("Theirs", (ScenarioTestCase,), given)
        self.assertIs(issubclass(project_class, ScenarioTestCase), True)
        return start_live_server(project_class)

    def test_port_that_is_taken(self):
        """A fixed port that somebody listens on is refused, and named."""
        with socket.create_server(("localhost", 0)) as taken:
            port = taken.getsockname()[1]
            with self.assertRaises(SetupFailure) as caught:
                self.served(port=port)
        self.assertIn(f"port {port} (", str(caught.exception))
        self.assertIn("Theirs.port fixes. Next: end", str(caught.exception))

    def test_host_that_is_not_here(self):
        """What else keeps a server from listening is the system's own error."""
        # An address that RFC 5737 keeps for documents.
        with self.assertRaises(OSError):
            self.served(host="192.0.2.1")


class HostTests(EngineCase):
    def test_project_without_hosts(self):
        """A project that allows no host is served, as by stock behave-django."""
        with (self.place / "engine_settings.py").open("a") as stream:
            stream.write("\nALLOWED_HOSTS = []\n")
        with (self.features / "steps" / "s.py").open("a") as stream:
            stream.write(HOST)
        self.write({"a.feature": feature("A", "the service answers")})
        status, out, error = self.behave()
        self.assertEqual(status, 0, out + error)
