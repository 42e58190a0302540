"""The record: facts by kind, written as they come, and asked what came of it."""

import io
import json
from dataclasses import fields, replace
from unittest import TestCase

from testing.bdd.record import KINDS, NAMES, Lost, RunRecord, line_of
from testing.hazard_report import Finding
from testing.tests.bdd.console_facts import (
    failure,
    feature,
    record_of,
    run_end,
    run_fact,
    scenario,
    unit,
    worker_fact,
)


class RecordTests(TestCase):
    def test_kinds(self):
        """Each kind of fact has a name, and a list of its own."""
        lost = Lost(worker=1, feature=None, place=None, reason="gone", at=1.0)
        hazard = Finding("role", "DROP ROLE x", path="x.py", line=1, test="a")
        facts = (
            run_fact(),
            feature(),
            worker_fact(),
            scenario(),
            unit(),
            lost,
            hazard,
            run_end(),
        )
        self.assertEqual([NAMES[type(fact)] for fact in facts], list(KINDS))
        record = record_of(*facts)
        lists = (
            record.runs,
            record.features,
            record.workers,
            record.scenarios,
            record.units,
            record.losses,
            record.hazards,
            record.ends,
        )
        self.assertEqual([list(one) for one in lists], [[fact] for fact in facts])

    def test_forgotten_events(self):
        """A record that keeps no events writes them all the same."""
        record = RunRecord(stream=io.StringIO(), keeps_events=False)
        told = scenario(events=[["scenario", 1, []]])
        record.add(told)
        record.add(unit(segments={"1": [["uri", "a", []]]}, states=[[0, {}]]))
        self.assertEqual(record.scenarios, [replace(told, events=[])])
        self.assertEqual((record.units[0].segments, record.units[0].states), ({}, []))
        lines = [json.loads(one) for one in record.stream.getvalue().splitlines()]
        self.assertEqual(lines[0]["events"], told.events)
        self.assertEqual(lines[1]["segments"], {"1": [["uri", "a", []]]})

    def test_written_at_once(self):
        """Each fact is one line, there as soon as it is added."""
        record = RunRecord(stream=io.StringIO())
        for number, fact in enumerate((run_fact(), failure()), start=1):
            record.add(fact)
            lines = record.stream.getvalue().splitlines()
            self.assertEqual(len(lines), number)
        content = json.loads(lines[-1])
        self.assertEqual(content.pop("kind"), "scenario")
        names = {one.name for one in fields(failure())}
        self.assertEqual(set(content), names)
        self.assertEqual(content["steps"][1]["status"], "failed")

    def test_no_plain_data(self):
        """What JSON has no word for is refused, not written as something else."""
        with self.assertRaisesRegex(TypeError, "is no plain data"):
            line_of(scenario(events=[["match", object(), []]]))

    def test_final_scenarios(self):
        """The last attempt at each counts, in file order."""
        last = scenario(attempt=2)
        record = record_of(
            scenario(feature=1), failure(place=4), failure(is_final=False), last
        )
        final = record.final_scenarios()
        self.assertEqual(
            [(s.feature, s.place) for s in final], [(0, 1), (0, 4), (1, 1)]
        )
        self.assertIs(final[0], last)

    def test_flaky_scenarios(self):
        """Flaky is what passed after a failure; not what failed again."""
        record = record_of(
            failure(is_final=False),
            scenario(attempt=2),
            failure(place=4, is_final=False),
            failure(place=4, attempt=2),
            scenario(place=5),
        )
        self.assertEqual([s.place for s in record.flaky_scenarios()], [1])
