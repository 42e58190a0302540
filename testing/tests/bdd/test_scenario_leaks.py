"""Leaks are told with the scenario or the hooks that left something behind."""

from types import SimpleNamespace
from unittest import TestCase, mock

from testing.bdd.scenario_leaks import ScenarioLeaks
from testing.leaks import LeakWatch

SCENARIO = SimpleNamespace(filename="a.feature", line=3, name="A 1")


class ScenarioLeaksTests(TestCase):
    def setUp(self):
        super().setUp()
        self.watch = mock.create_autospec(LeakWatch, instance=True)
        self.watch.workplace = self.home = object()
        self.watch.begin.return_value = ["The cache 'x' cannot be looked at."]
        self.leaks = ScenarioLeaks(self.watch)
        self.runner = SimpleNamespace(feature=SimpleNamespace(filename="a.feature"))

    def test_scenario(self):
        """Each thing has its scenario before it."""
        self.watch.found.return_value = ["threads: left behind t", "rows: gone r"]
        self.assertEqual(
            self.leaks.of(SCENARIO),
            [
                "a.feature:3 A 1 leaks: threads: left behind t",
                "a.feature:3 A 1 leaks: rows: gone r",
            ],
        )

    def test_hooks(self):
        """What the hooks of a feature left has the file before it."""
        said = self.leaks.begin(self.runner)
        self.assertEqual(said, ["The cache 'x' cannot be looked at."])
        self.assertEqual(self.runner.on_scope_open, self.watch.open_scope)
        self.watch.close_scope.return_value = ["rows: left behind r"]
        self.runner.on_scope_close()
        self.runner.feature.filename = "b.feature"
        self.runner.on_scope_close()
        self.assertEqual(
            self.leaks.of_hooks,
            [
                "a.feature, its hooks, leaks: rows: left behind r",
                "b.feature, its hooks, leaks: rows: left behind r",
            ],
        )

    def test_moving(self):
        """It goes back to the workplace that it came from."""
        other = object()
        self.leaks.move(other)
        self.leaks.move_back()
        calls = [mock.call(other), mock.call(self.home)]
        self.assertEqual(self.watch.move.mock_calls, calls)

    def test_without_watch(self):
        """Where nothing is looked for, the runner is left as it is."""
        leaks = ScenarioLeaks()
        self.assertEqual(leaks.begin(self.runner), [])
        leaks.settle()
        leaks.move(object())
        leaks.move_back()
        self.assertEqual((leaks.of(SCENARIO), leaks.of_hooks), ([], []))
        self.assertEqual(set(vars(self.runner)), {"feature"})
