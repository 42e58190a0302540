"""What earlier runs took: learnt, kept, lost without harm, and used to estimate."""

import json
import tempfile
from pathlib import Path
from types import SimpleNamespace
from unittest import TestCase, mock

from testing.bdd.history import REMEMBERED, UNKNOWN_STEP, History, key_of
from testing.tests.bdd.console_facts import failure, record_of, scenario, step

KEY = "features/login.feature::A dancer logs in"


class HistoryCase(TestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "new" / "history.json"
        self.history = History(self.path)


class LearnTests(HistoryCase):
    def test_passed(self):
        """A scenario that passed is remembered, and the times of its steps."""
        steps = [step(seconds=0.25), step(location="", seconds=9)]
        self.history.learn(record_of(scenario(steps=steps, seconds=1.5)))
        self.assertEqual(self.history.scenarios, {KEY: [1.5]})
        self.assertEqual(self.history.steps, {"features/steps/accounts.py:12": [0.25]})
        self.assertEqual(self.history.failed, [])

    def test_failed_and_mended(self):
        """A failure is noted until the scenario is run again and passes."""
        self.history.learn(record_of(failure()))
        self.assertEqual(self.history.failed, [KEY])
        self.assertEqual(self.history.failed_locations, ["features/login.feature:14"])
        self.assertEqual((self.history.scenarios, self.history.steps), ({}, {}))
        other = scenario(place=9, name="Other", line=40)
        self.history.learn(record_of(other))
        self.assertEqual(self.history.failed, [KEY])
        self.history.learn(record_of(scenario()))
        self.assertEqual(self.history.failed, [])
        self.assertEqual(self.history.failed_locations, [])

    def test_flaky_and_skipped(self):
        """The last attempt counts; what was skipped teaches nothing."""
        attempts = record_of(failure(is_final=False), scenario(attempt=2, seconds=2.0))
        self.history.learn(attempts)
        self.assertEqual(self.history.failed, [])
        self.assertEqual(self.history.scenarios, {KEY: [2.0]})
        self.history.learn(record_of(scenario(status="skipped", seconds=0.0)))
        self.assertEqual(self.history.scenarios, {KEY: [2.0]})

    def test_latest_ones(self):
        """Only the latest durations are kept."""
        for number in range(REMEMBERED + 3):
            self.history.learn(record_of(scenario(seconds=float(number))))
        kept = self.history.scenarios[KEY]
        self.assertEqual(kept, [float(n) for n in range(3, REMEMBERED + 3)])


class FileTests(HistoryCase):
    def test_round_trip(self):
        """What is saved is loaded; git does not see it, nothing else is left."""
        self.history.learn(record_of(failure(), scenario(place=3, name="Other")))
        self.history.save()
        self.assertEqual(History.load(self.path), self.history)
        names = sorted(path.name for path in self.path.parent.iterdir())
        self.assertEqual(names, [".gitignore", "history.json"])

    def test_damaged(self):
        """A history that is missing, damaged or of another version is empty."""
        self.assertEqual(History.load(self.path), History(self.path))
        self.path.parent.mkdir()
        good = {"format": 1, "scenarios": {}, "steps": {}}
        for text in (
            "",
            "{",
            "[]",
            json.dumps({"scenarios": {}}),
            json.dumps({**good, "format": 99}),
            json.dumps({**good, "unknown": 1}),
        ):
            with self.subTest(text=text):
                self.path.write_text(text)
                self.assertEqual(History.load(self.path), History(self.path))

    def test_failed_write(self):
        """A history that cannot be put in place leaves the old one as it was."""
        self.history.learn(record_of(scenario()))
        self.history.save()
        before = self.path.read_text()
        self.history.learn(record_of(failure()))
        with (
            mock.patch.object(Path, "replace", side_effect=OSError("full")),
            self.assertRaises(OSError),
        ):
            self.history.save()
        self.assertEqual(self.path.read_text(), before)


class EstimateTests(HistoryCase):
    def estimate(self, *locations, name="New"):
        one = SimpleNamespace(filename="a.feature", name=name)
        return self.history.estimate(one, locations=lambda _: locations)

    def test_known(self):
        """A known scenario is estimated by its median; its steps are not asked."""
        self.history.scenarios = {key_of(path="a.feature", name="Old"): [9, 1, 2]}
        one = SimpleNamespace(filename="a.feature", name="Old")
        with mock.MagicMock() as locations:
            self.assertEqual(self.history.estimate(one, locations=locations), 2)
            locations.assert_not_called()

    def test_unknown(self):
        """An unknown one is the sum of its steps' medians, unknown steps as usual."""
        self.history.steps = {"s.py:1": [1.0, 5.0, 2.0], "s.py:2": [4.0]}
        self.assertEqual(self.estimate("s.py:1", "s.py:2"), 6.0)
        self.assertEqual(self.estimate("s.py:1", "", "s.py:99"), 2.0 + 3.0 + 3.0)

    def test_never_zero(self):
        """Without any history, without steps and with steps of no time: above 0."""
        self.assertEqual(self.estimate("s.py:1", "s.py:2"), 2 * UNKNOWN_STEP)
        self.assertEqual(self.estimate(), UNKNOWN_STEP)
        self.history.steps = {"s.py:1": [0.0]}
        self.assertEqual(self.estimate("s.py:1"), UNKNOWN_STEP)
