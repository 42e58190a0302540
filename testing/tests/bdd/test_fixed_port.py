"""A live server's port that a project fixes: one worker serves there, two do not."""

import socket

from testing.tests.bdd.engine_case import EngineCase, feature

STEPS = """
from behave import step


@step("the server is at {port:d}")
def served(context, port):
    import urllib.error
    import urllib.request
    assert context.base_url == f"http://localhost:{port}", context.base_url
    assert context.test.live_server_url == context.base_url
    try:
        urllib.request.urlopen(f"http://localhost:{port}/no-such-page")
    except urllib.error.HTTPError as answer:
        assert answer.code == 404, answer.code
        answer.close()
"""

# Where projects of behave-django fix it.
AT_IMPORT = """
from behave_django.testcase import BehaviorDrivenTestCase
BehaviorDrivenTestCase.port = {port}
"""
IN_BEFORE_ALL = """
from behave_django.testcase import BehaviorDrivenTestCase
def before_all(context):
    BehaviorDrivenTestCase.port = {port}
"""
IN_BEFORE_SCENARIO = """
from behave_django.testcase import BehaviorDrivenTestCase
def before_scenario(context, scenario):
    BehaviorDrivenTestCase.port = {port}
"""
HOOKS = {
    "at import": AT_IMPORT,
    "before_all": IN_BEFORE_ALL,
    "before_scenario": IN_BEFORE_SCENARIO,
}


class FixedPortTests(EngineCase):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        well = feature("F", *[f"the server is at {self.port}"] * 2)
        self.write({"steps/more.py": STEPS, "a.feature": well, "b.feature": well})

    def hooks(self, text):
        self.write({"environment.py": text.format(port=self.port)})

    def test_one_worker(self):
        """One worker serves on the port, wherever the project fixes it."""
        for place, text in HOOKS.items():
            with self.subTest(place=place):
                self.hooks(text)
                status, out, error = self.behave("-j", "1")
                self.assertEqual(status, 0, out + error)
                self.assertIn("4 scenarios passed", out)

    def test_two_workers(self):
        """Several would share it: refused before a scenario runs, with a way out."""
        for place in ("at import", "before_all"):
            with self.subTest(place=place):
                self.hooks(HOOKS[place])
                status, out, error = self.behave()
                self.assertEqual(status, 2, out + error)
                self.assertIn(f".port is {self.port}, and 2 workers would", error)
                self.assertIn("Next: run with `--parallel 1`", error)
                self.assertNotIn("passed", out)

    def test_late_hook(self):
        """A port fixed in before_scenario fails each scenario with the same words."""
        self.hooks(IN_BEFORE_SCENARIO)
        status, out, error = self.behave()
        self.assertEqual(status, 1, out + error)
        self.assertIn("Next: run with `--parallel 1`", out + error)
        self.assertIn("0 scenarios passed", out)

    def test_class_of_the_project(self):
        """A runner of the project's own with a fixed port is refused as well."""
        (self.place / "own_runner.py").write_text(
            "from behave_django.runner import BehaviorDrivenTestRunner\n"
            "from behave_django.testcase import BehaviorDrivenTestCase\n"
            "class Case(BehaviorDrivenTestCase):\n"
            f"    port = {self.port}\n"
            "class Runner(BehaviorDrivenTestRunner):\n"
            "    testcase_class = Case\n"
        )
        runner = ("--runner", "own_runner:Runner")
        status, out, error = self.behave(*runner)
        self.assertEqual(status, 2, out + error)
        self.assertIn(f"own_runner.Case.port is {self.port}", error)
        # One scenario: a server that stops leaves its port unusable for a minute, and
        # Django's own starts anew for each.
        self.write({"c.feature": feature("C", f"the server is at {self.port}")})
        only = [self.features / "c.feature"]
        status, out, error = self.behave(*runner, "-j", "1", paths=only)
        self.assertEqual(status, 0, out + error)

    def test_taken(self):
        """A port that somebody listens on is named."""
        self.hooks(AT_IMPORT)
        with socket.create_server(("localhost", self.port)):
            status, out, error = self.behave("-j", "1")
        self.assertEqual(status, 2, out + error)
        self.assertIn(f"cannot listen on localhost, port {self.port}", error)
        self.assertNotIn("Traceback", error)


def free_port():
    """Return a port that nobody listens on at this moment."""
    with socket.create_server(("localhost", 0)) as server:
        return server.getsockname()[1]
