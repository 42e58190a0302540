"""The test case behind ``context.test``, and Django's names that it stands on."""

from behave_django.testcase import BehaviorDrivenTestCase
from django.conf import settings
from django.test import SimpleTestCase, override_settings
from django.test.testcases import LiveServerTestCase, TransactionTestCase

from testing.testcases import ScenarioTestCase
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
