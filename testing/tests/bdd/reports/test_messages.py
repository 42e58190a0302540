"""Cucumber messages."""

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import cucumber_messages as m
from django.test import SimpleTestCase

from testing.bdd.record import RunRecord
from testing.bdd.reports import messages
from testing.bdd.reports.shards import merge_shards
from testing.tests.bdd.reports.sample_record import (
    LOGIN,
    SampleRun,
    background,
    login_run,
    sign_up_run,
    step,
    write_record,
)

DEFINING = (
    "hook",
    "pickle",
    "stepDefinition",
    "testCase",
    "testCaseStarted",
    "testRunStarted",
)


def envelopes_of(record: RunRecord) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "new", "messages.ndjson")
        messages.write(record, path=path)
        return [json.loads(line) for line in path.read_text().splitlines()]


def of_kind(envelopes: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [envelope[kind] for envelope in envelopes if kind in envelope]


def walk(value: Any):
    """Yield every object within a message."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


class MessagesTests(SimpleTestCase):
    def sample_runs(self):
        yield "everything", login_run()
        yield "passed", sign_up_run()
        yield "error", sign_up_run(passes=False)
        yield "empty", SampleRun().end()
        with tempfile.TemporaryDirectory() as folder:
            paths = [
                write_record(login_run(shard="1/2"), Path(folder, "1.jsonl")),
                write_record(sign_up_run(shard="2/2"), Path(folder, "2.jsonl")),
            ]
            yield "merged", merge_shards(paths).record

    def test_round_trip(self):
        """Each envelope is what the package's classes read and write."""
        for name, record in self.sample_runs():
            for envelope in envelopes_of(record):
                with self.subTest(name, envelope=envelope):
                    self.assertEqual(len(envelope), 1)
                    read = m.message_converter.from_dict(envelope, m.Envelope)
                    self.assertEqual(m.message_converter.to_dict(read), envelope)

    def test_references(self):
        """Whatever is referred to has been defined in an earlier envelope, once."""
        for name, record in self.sample_runs():
            with self.subTest(name):
                known: set[str] = set()
                for envelope in envelopes_of(record):
                    own = [one["id"] for one in walk(envelope) if "id" in one]
                    self.assertEqual(len(own), len(set(own)))
                    self.assertTrue(known.isdisjoint(own))
                    known.update(own)
                    for one in walk(envelope):
                        for key, value in one.items():
                            if key.endswith("Id") and key != "workerId":
                                self.assertIn(value, known, key)
                            elif key.endswith("Ids"):
                                self.assertLessEqual(set(value), known, key)

    def test_order_of_a_run(self):
        """A run begins and ends once; what it needs comes before."""
        kinds = [next(iter(envelope)) for envelope in envelopes_of(login_run())]
        self.assertEqual(kinds[0], "meta")
        self.assertEqual(kinds[-1], "testRunFinished")
        counts = Counter(kinds)
        self.assertEqual(counts["testRunStarted"], 1)
        self.assertEqual(counts["pickle"], 4)
        self.assertEqual(counts["testCase"], 4)
        self.assertEqual(counts["testCaseStarted"], 6)
        self.assertEqual(counts["testCaseFinished"], 6)
        self.assertEqual(counts["testStepStarted"], counts["testStepFinished"])
        begun = kinds.index("testRunStarted")
        for kind in ("source", "gherkinDocument", "pickle", "stepDefinition", "hook"):
            self.assertLess(max(i for i, k in enumerate(kinds) if k == kind), begun)

    def test_pickles_are_matched_by_line(self):
        """Rows of an outline and scenarios of a rule have pickles of their own."""
        pickles = of_kind(envelopes_of(login_run()), "pickle")
        self.assertEqual(
            [(pickle["name"], pickle["location"]["line"]) for pickle in pickles],
            [
                ("The right password", 9),
                ("The wrong password", 13),
                ("DELETE is refused", 28),
                ("PUT is refused", 29),
            ],
        )
        [pickle] = of_kind(envelopes_of(sign_up_run()), "pickle")
        self.assertEqual(len(pickle["steps"]), 2)

    def test_attempts(self):
        """Attempts of one test case say which comes and whether another does."""
        envelopes = envelopes_of(login_run())
        started = {one["id"]: one for one in of_kind(envelopes, "testCaseStarted")}
        retried = [
            (started[one["testCaseStartedId"]]["attempt"], one["willBeRetried"])
            for one in of_kind(envelopes, "testCaseFinished")
        ]
        self.assertEqual(Counter(retried), {(0, False): 2, (0, True): 2, (1, False): 2})
        self.assertEqual({one["workerId"] for one in started.values()}, {"1", "2"})

    def test_step_results(self):
        """A step's result has its status, duration and what was raised."""
        envelopes = envelopes_of(login_run())
        results = [
            one["testStepResult"] for one in of_kind(envelopes, "testStepFinished")
        ]
        failed = [one for one in results if one["status"] == "FAILED"]
        self.assertEqual(
            [one["exception"]["type"] for one in failed],
            ["lost", "AssertionError", "AssertionError"],
        )
        self.assertEqual(failed[1]["exception"]["message"], "403 is not 401")
        self.assertEqual(failed[1]["duration"], {"seconds": 0, "nanos": 20_000_000})
        self.assertIn("line 40", failed[1]["message"])

    def test_what_no_step_did_is_a_hook(self):
        """A lost worker fails a hook; steps that were not reached are skipped."""
        envelopes = envelopes_of(login_run())
        [hook] = of_kind(envelopes, "hook")
        [case] = [
            case
            for case in of_kind(envelopes, "testCase")
            if any(one.get("hookId") == hook["id"] for one in case["testSteps"])
        ]
        ids = [one["id"] for one in case["testSteps"]]
        statuses = [
            one["testStepResult"]["status"]
            for one in of_kind(envelopes, "testStepFinished")
            if one["testStepId"] in ids
        ]
        self.assertEqual(
            statuses,
            [*("PASSED", "PASSED", "SKIPPED", "FAILED"), *("PASSED",) * 4],
        )
        self.assertEqual(of_kind(envelopes_of(sign_up_run()), "hook"), [])

    def test_times(self):
        """Moments are those of the run's beginning and the facts' offsets."""
        envelopes = envelopes_of(sign_up_run())
        [run] = of_kind(envelopes, "testRunStarted")
        [case] = of_kind(envelopes, "testCaseStarted")
        [ended] = of_kind(envelopes, "testRunFinished")
        self.assertEqual(run["timestamp"]["nanos"], 250_000_000)
        self.assertEqual(case["timestamp"]["nanos"], 750_000_000)
        self.assertEqual(case["timestamp"]["seconds"], run["timestamp"]["seconds"])
        self.assertEqual(ended["timestamp"]["seconds"], run["timestamp"]["seconds"] + 1)

    def test_success(self):
        """A run is a success if it passed, flaky or not."""
        for record, success in (
            (login_run(), False),
            (login_run(red=False), True),
            (SampleRun().end(1), False),
        ):
            [finished] = of_kind(envelopes_of(record), "testRunFinished")
            self.assertIs(finished["success"], success)

    def test_attachments(self):
        """Attachments and captured output belong to the attempt they were made in."""
        attachments = of_kind(envelopes_of(login_run()), "attachment")
        self.assertEqual(
            [(one["mediaType"], one["contentEncoding"]) for one in attachments[:3]],
            [
                ("image/png", "BASE64"),
                ("text/plain", "BASE64"),
                ("text/x.cucumber.log+plain", "IDENTITY"),
            ],
        )
        self.assertIn("red <script>", attachments[2]["body"])

    def test_text_that_only_behave_can_read(self):
        """A feature that Cucumber's parser refuses has a document of what ran."""
        run = SampleRun()
        feature = run.feature("features/odd.feature", f"Nonsense first\n{LOGIN}")
        steps = [
            background(),
            step("When", "I log in with", 14, table=[["name"], ["Ada"]]),
            step("Then", "the answer is 401", 17, text="{}", status="undefined"),
        ]
        run.scenario(feature, 2, 13, "A", steps, status="undefined", tags=["x"])
        envelopes = envelopes_of(run.end(1))
        [pickle] = of_kind(envelopes, "pickle")
        self.assertEqual(
            [one["text"] for one in pickle["steps"]], [one.name for one in steps]
        )
        for envelope in envelopes:
            read = m.message_converter.from_dict(envelope, m.Envelope)
            self.assertEqual(m.message_converter.to_dict(read), envelope)
        statuses = [
            one["testStepResult"]["status"]
            for one in of_kind(envelopes, "testStepFinished")
        ]
        self.assertEqual(statuses, ["PASSED", "PASSED", "UNDEFINED"])

    def test_scenario_that_the_text_does_not_have(self):
        """A scenario at a line without a pickle makes no message fail."""
        run = SampleRun()
        feature = run.feature("features/auth/login.feature", LOGIN)
        run.scenario(feature, 2, 99, "Elsewhere", [background()])
        [pickle] = of_kind(envelopes_of(run.end()), "pickle")
        self.assertEqual(pickle["name"], "Elsewhere")
