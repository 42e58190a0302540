"""What a scenario did, as plain data: sent as text, put back on the other side."""

import json
import traceback

from behave.capture import Captured
from behave.model_type import Status
from behave.parser import parse_feature
from django.test import SimpleTestCase

from testing.bdd.events import apply_state, state_of, statements_of
from testing.tests.bdd.colourful_features import FIRST, SECOND


class StatementsTests(SimpleTestCase):
    def test_order(self):
        """Both sides number the statements of a file alike, each one once."""
        for text in (FIRST, SECOND):
            one = statements_of(parse_feature(text, filename="a.feature"))
            other = statements_of(parse_feature(text, filename="a.feature"))
            self.assertEqual(
                [(type(s), s.line, s.name) for s in one],
                [(type(s), s.line, s.name) for s in other],
            )
            self.assertEqual(len({id(s) for s in one}), len(one))

    def test_everything_is_there(self):
        """Features, rules, outlines, rows, scenarios and all their steps count."""
        kinds = {
            type(s).__name__
            for text in (FIRST, SECOND)
            for s in statements_of(parse_feature(text, filename="a.feature"))
        }
        expected = {"Feature", "Rule", "Scenario", "ScenarioOutline", "Step"}
        self.assertEqual(kinds, expected)


class StateTests(SimpleTestCase):
    def pair(self):
        """Return two twins of a step, as worker and parent have them."""
        twins = []
        for _ in range(2):
            feature = parse_feature(FIRST, filename="a.feature")
            twins.append(feature.scenarios[0].steps[0])
        return twins

    def send(self, one, other, *, is_finished=True):
        apply_state(
            other, json.loads(json.dumps(state_of(one, is_finished=is_finished)))
        )

    def test_statuses(self):
        """Every status that behave knows arrives."""
        for status in Status:
            with self.subTest(status=status.name):
                one, other = self.pair()
                one.set_status(status)
                self.send(one, other)
                self.assertIs(other.status, status)

    def test_scenario(self):
        """Tags, reasons and failed hooks of a scenario arrive."""
        one, other = (
            parse_feature(FIRST, filename="a.feature").scenarios[0] for _ in range(2)
        )
        with self.assertLogs("behave"):
            one.skip("for a reason")
        one.hook_failed = True
        one.tags.append("added")
        one.set_status(Status.hook_error)
        self.send(one, other)
        self.assertIs(other.should_skip, True)
        self.assertEqual(other.skip_reason, "for a reason")
        self.assertIs(other.hook_failed, True)
        self.assertIn("added", other.tags)
        self.assertIs(other.status, Status.hook_error)

    def test_exception(self):
        """An exception arrives with its kind, its text and its traceback."""
        for kind in (AssertionError, ValueError, RuntimeError):
            with self.subTest(kind=kind.__name__):
                one, other = self.pair()
                try:
                    raise kind("broken ü 100 %")
                except kind as error:
                    one.store_exception_context(error)
                one.set_status(Status.error)
                self.send(one, other)
                self.assertEqual(type(other.exception).__name__, kind.__name__)
                self.assertEqual(str(other.exception), "broken ü 100 %")
                is_assertion = kind is AssertionError
                self.assertIs(isinstance(other.exception, AssertionError), is_assertion)
                text = "".join(traceback.format_tb(other.exc_traceback))
                self.assertIn("in test_exception", text)

    def test_captured_output(self):
        """What was captured arrives, stream by stream."""
        one, other = self.pair()
        part = Captured("out\n", "error\n", "log\n", name="step", failed=True)
        one.captured.add_captured(part, use_merge=False)
        self.send(one, other)
        (arrived,) = other.captured.captures
        self.assertEqual(
            (arrived.stdout, arrived.stderr, arrived.log), ("out\n", "error\n", "log\n")
        )
        self.assertEqual((arrived.name, arrived.failed), ("step", True))

    def test_status_that_is_not_certain(self):
        """Before a scenario's end its status is left to the other side."""
        one, _ = self.pair()
        scenario = parse_feature(FIRST, filename="a.feature").scenarios[0]
        self.assertNotIn("status", state_of(scenario, is_finished=False))
        self.assertIn("status", state_of(scenario, is_finished=True))
        self.assertIn("status", state_of(one, is_finished=False))
