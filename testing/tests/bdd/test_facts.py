"""What a worker tells about a scenario that is over."""

from behave.model_type import Status
from django.test import SimpleTestCase

from testing.bdd.facts import BODIES_KEPT, scenario_fields, unfinished_steps
from testing.tests.bdd.unit_cases import parse

TEXT = '''@one
Feature: F
  Background:
    * step 0
  Rule: Of law
    @two
    Scenario: S
      * step 1
        | a | b |
        | 1 | 2 |
      * step 2
        """
        some text
        """
'''


def exchange(number):
    return {
        "step": 0,
        "method": "GET",
        "path": f"/{number}/",
        "status": 200,
        "seconds": 0.5,
        "statements": 1,
        "request_body": "asked",
        "response_body": "answered",
    }


class FieldsTests(SimpleTestCase):
    def setUp(self):
        super().setUp()
        statements = parse(TEXT)[0].statements
        self.scenario = next(s for s in statements if s.type == "scenario")
        self.steps = list(self.scenario.all_steps)

    def fields(self, *statuses, segment=(), count=0):
        for step, status in zip(self.steps, statuses, strict=True):
            step.set_status(Status.from_name(status))
            step.duration = 0.25
        exchanges = [exchange(number) for number in range(count)]
        return scenario_fields(self.scenario, segment=segment, exchanges=exchanges)

    def test_traceback(self):
        """Where behave left the traceback out it is added, and never told twice."""
        code = compile("assert False, 'lost'", "features/steps/own.py", "exec")
        try:
            exec(code, {})
        except AssertionError as caught:
            error = caught
        step = self.steps[1]
        step.exception, step.exc_traceback = error, error.__traceback__
        for message, frames in (
            ("ASSERT FAILED: lost", 1),
            ('Traceback (most recent call last):\n  File "features/steps/own.py"', 1),
        ):
            with self.subTest(message=message):
                step.error_message = message
                text = self.fields("passed", "failed", "skipped")["error"]
                self.assertTrue(text.startswith(message), text)
                self.assertEqual(text.count('File "features/steps/own.py"'), frames)

    def test_passed(self):
        """Names, tags of all levels, steps with their place, tables and texts."""
        segment = [
            ["match", [[], ["s.py", 3]], []],
            ["match", [[], None], []],
            ["embedding", ["image/png", "AAAA"], []],
        ]
        fields = self.fields("passed", "passed", "passed", segment=segment, count=2)
        self.assertEqual(fields["tags"], ["one", "two"])
        self.assertEqual((fields["rule"], fields["status"]), ("Of law", "passed"))
        self.assertEqual((fields["line"], fields["name"]), (7, "S"))
        self.assertEqual(fields["step_seconds"], 0.75)
        self.assertEqual(fields["http_seconds"], 1.0)
        self.assertEqual(fields["attachments"], [["image/png", "AAAA"]])
        first, second, third = fields["steps"]
        self.assertEqual((first["is_background"], first["location"]), (True, "s.py:3"))
        self.assertEqual(second["table"], [["a", "b"], ["1", "2"]])
        self.assertEqual((second["is_background"], second["location"]), (False, ""))
        self.assertEqual((third["text"], third["location"]), ("some text", ""))
        self.assertEqual((fields["error"], fields["output"]), ("", ""))

    def test_bodies(self):
        """Bodies are kept of the last exchanges of a failure alone."""
        passed = self.fields("passed", "passed", "passed", count=5)["exchanges"]
        self.assertEqual({one["response_body"] for one in passed}, {""})
        self.scenario.clear_status()
        failed = self.fields("passed", "failed", "untested", count=5)["exchanges"]
        bodies = [one["request_body"] for one in failed]
        self.assertEqual(bodies, [""] * (5 - BODIES_KEPT) + ["asked"] * BODIES_KEPT)

    def test_error(self):
        """Message and traceback of the step; steps that nobody knows by name."""
        self.steps[1].error_message = "ASSERT FAILED: one is not two"
        try:
            raise AssertionError("one is not two")
        except AssertionError as error:
            self.steps[1].exception = error
            self.steps[1].exc_traceback = error.__traceback__
        fields = self.fields("passed", "failed", "undefined")
        lines = fields["error"].splitlines()
        self.assertEqual(lines[0], "ASSERT FAILED: one is not two")
        self.assertEqual(lines[-1], "Undefined step: * step 2")
        self.assertEqual(fields["steps"][1]["error"], "ASSERT FAILED: one is not two")

    def test_unfinished(self):
        """The step that was matched and has no result is where time ran out."""
        match, result = ["match", [[], ["s.py", 3]], []], ["result", 2, []]
        self.fields("passed", "untested", "untested")
        for segment, statuses in (
            ([], ["passed", "untested", "untested"]),
            ([match], ["timed out", "untested", "untested"]),
            ([match, result], ["passed", "untested", "untested"]),
            ([match, result, match], ["passed", "timed out", "untested"]),
        ):
            with self.subTest(segment=segment):
                found = unfinished_steps(self.scenario, segment=segment, seconds=7.0)
                self.assertEqual([step["status"] for step in found], statuses)
                times = [step["seconds"] for step in found]
                hung = [status == "timed out" for status in statuses]
                self.assertEqual([time == 7.0 for time in times], hung)
