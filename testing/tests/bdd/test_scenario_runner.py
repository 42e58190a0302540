"""The contract of a scenario: what it finds, and what is put back after it."""

import json
import tempfile
import threading
from pathlib import Path
from unittest import mock

from behave.capture import CaptureController
from behave.configuration import Configuration
from behave.formatter._registry import make_formatters
from behave.model import Rule, Scenario
from behave.runner import Context, ModelRunner
from django.test import SimpleTestCase

from testing.bdd.scenario_runner import ScenarioRunner
from testing.tests.bdd.contract_features import FILES, SIMPLE
from testing.tests.project import run, write_tree

SETTINGS = """
globals().update(
    {{
        name: value
        for name, value in vars(__import__("dancecoach.settings").settings).items()
        if name.isupper()
    }}
)
FIXTURE_DIRS = [{!r}]
TESTING = {{**TESTING, "SETTING_TAGS": "testing.bdd.setting_tags.override"}}
"""


class ContractTests(SimpleTestCase):
    databases = {"default"}

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)
        write_tree(self.place, FILES)
        settings = SETTINGS.format(str(self.place / "fixtures"))
        write_tree(self.place, {"contract_settings.py": settings})

    def run_features(self, *options, **variables):
        report = self.place / "report.json"
        status, out, error = run(
            "behave",
            *options,
            "-f",
            "json",
            "-o",
            report,
            "-f",
            "plain",
            self.place / "features",
            PYTHONPATH=str(self.place),
            DJANGO_SETTINGS_MODULE="contract_settings",
            **variables,
        )
        features = json.loads(report.read_text()) if report.exists() else []
        return status, out, error, features

    def scenarios(self, features):
        """Yield all scenarios of a report."""
        for feature in features:
            for element in feature["elements"]:
                inner = element.get("elements", [])
                yield from inner or [element]

    def test_contract(self):
        """All promises hold, in every order of scenarios that workers see."""
        status, out, error, features = self.run_features("--parallel", "2")
        found = {}
        for scenario in self.scenarios(features):
            if scenario["type"] != "background":
                found.setdefault(scenario["status"], []).append(scenario["name"])
        refused = ["Settings that do not exist are refused"] * 2
        self.assertEqual(found.pop("hook_error", []), refused, out)
        self.assertEqual(list(found), ["passed"], out + error)
        self.assertEqual(len(found["passed"]), 24)
        self.assertEqual(status, 1)
        self.assertIn("A tag sets CONN_HEALTH", out)
        durations = [
            step["result"]["duration"]
            for scenario in self.scenarios(features)
            for step in scenario["steps"]
            if "result" in step
        ]
        self.assertGreater(len(durations), 30)
        self.assertLess(max(durations), 60)
        self.assertGreaterEqual(min(durations), 0)

    def test_simple(self):
        """With --simple there is no server, and each scenario is rolled back."""
        for path in (self.place / "features").glob("*.feature"):
            path.unlink()
        write_tree(self.place, {"features/simple.feature": SIMPLE})
        status, out, error, _ = self.run_features("--simple")
        self.assertEqual(status, 0, out + error)
        self.assertIn("2 scenarios passed", out)


class AbortedTests(SimpleTestCase):
    def test_aborted(self):
        """A run is aborted by behave's own word, or by the parent's."""
        config = Configuration(["-f", "null"], load_config=False)
        runner = ScenarioRunner(config)
        runner.context = Context(runner)
        self.assertIs(runner.aborted, False)
        runner.aborted = True
        self.assertIs(runner.aborted, True)
        self.assertIs(runner.context.aborted, True)
        runner.aborted = False
        runner.halt = threading.Event()
        self.assertIs(runner.aborted, False)
        runner.halt.set()
        self.assertIs(runner.aborted, True)
        self.assertIs(runner.context.aborted, False)


class ScopeTests(SimpleTestCase):
    def runner(self, *, loads):
        config = Configuration(["-f", "null"], load_config=False)
        runner = ScenarioRunner(config)
        runner.context = Context(runner)
        runner.hooks = dict.fromkeys(("before_rule", "after_rule"), mock.Mock())
        runner.loads_for_scopes = loads
        runner.isolation = mock.Mock()
        return runner

    def pass_through_rule(self, runner):
        """Return what became of the baseline at a rule's begin and end."""
        rule = Rule("a.feature", 1, "Rule", "x")
        for hook in ("before_rule", "after_rule"):
            self.assertIs(runner.run_hook(hook, rule), True)
        return runner.isolation.method_calls

    def test_hooks_that_load(self):
        """What a hook may load for a rule is kept to the rule's end."""
        calls = self.pass_through_rule(self.runner(loads=True))
        self.assertEqual(calls, [mock.call.push(), mock.call.pop()])

    def test_no_hooks_that_load(self):
        """Where no hook loads, a rule that ends takes nothing away."""
        self.assertEqual(self.pass_through_rule(self.runner(loads=False)), [])


class CanaryTests(SimpleTestCase):
    def test_capture_ends_last(self):
        """Canary: behave tears capturing down after a scenario's last cleanup."""
        calls = []
        config = Configuration(["--no-color", "-f", "null"], load_config=False)
        runner = ModelRunner(config, features=[])
        runner.context = Context(runner)
        runner.hooks = {
            "after_scenario": lambda context, scenario: calls.append("hook")
        }
        end = runner.teardown_capture

        def teardown_capture():
            calls.append("capture")
            end()

        def before(context, scenario):
            context.add_cleanup(calls.append, "cleanup")

        runner.hooks["before_scenario"] = before
        runner.teardown_capture = teardown_capture
        runner.formatters = []
        Scenario("a.feature", 1, "Scenario", "x").run(runner)
        self.assertEqual(calls, ["hook", "cleanup", "capture"])

    def test_private_names(self):
        """Canary: the private names of behave that are relied on exist."""
        self.assertIs(callable(Context._do_remaining_cleanups), True)
        self.assertIs(callable(make_formatters), True)
        self.assertIs(hasattr(CaptureController, "teardown_capture"), True)
        self.assertEqual(ScenarioRunner.DEFAULT_DIRECTORY, "features")
