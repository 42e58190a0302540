"""Records read back from their files: the same facts, merged by path."""

import json
import tempfile
from pathlib import Path
from unittest import TestCase

from testing.bdd.record import Lost, RunRecord
from testing.bdd.record_file import read_record
from testing.errors import UsageError
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


class RecordFileTests(TestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)

    def write(self, name, *facts):
        path = self.place / name
        record = RunRecord()
        with path.open("w") as record.stream:
            for fact in facts:
                record.add(fact)
        return path

    def test_round_trip(self):
        """What was written is read, every kind of it."""
        facts = (
            run_fact(),
            feature(),
            worker_fact(),
            failure(attachments=[["image/png", "AAAA"]], events=[["eof", None, []]]),
            unit(segments={"1": [["scenario", 1, []]]}, states=[[0, {"name": "x"}]]),
            Lost(worker=1, feature=None, place=None, reason="gone ü", at=1.0),
            Lost(worker=1, feature=0, place=1, reason="gone", at=2.0),
            run_end(),
        )
        path = self.write("a.jsonl", *facts)
        self.assertEqual(read_record([path]), record_of(*facts))

    def test_merged(self):
        """Features are known by path; scenarios and units follow their numbers."""
        first = self.write(
            "1",
            run_fact(shard="1/2"),
            feature(),
            feature(feature=1, path="features/b.feature"),
            scenario(feature=1),
        )
        second = self.write(
            "2",
            run_fact(shard="2/2"),
            feature(path="features/b.feature"),
            feature(feature=1, path="features/c.feature"),
            feature(feature=2),
            scenario(feature=0, place=5),
            unit(feature=1),
            failure(feature=2, place=9),
        )
        merged = read_record([first, second])
        self.assertEqual([run.shard for run in merged.runs], ["1/2", "2/2"])
        names = [(one.feature, Path(one.path).stem) for one in merged.features]
        self.assertEqual(names, [(0, "login"), (1, "b"), (2, "c")])
        places = [(s.feature, s.place) for s in merged.final_scenarios()]
        self.assertEqual(places, [(0, 9), (1, 1), (1, 5)])
        self.assertEqual([one.feature for one in merged.units], [2])

    def test_cut_off(self):
        """A last line that was cut off, and unknown kinds and fields, are left out."""
        path = self.write("a", run_fact(), feature(), scenario())
        text = path.read_text()
        strange = json.dumps({"kind": "strange", "x": 1})
        newer = json.dumps(
            {
                "kind": "lost",
                "worker": 1,
                "feature": None,
                "place": None,
                "reason": "r",
                "at": 1.0,
                "newer": True,
            }
        )
        path.write_text(f"{text}{strange}\n{newer}\n{text[:300]}")
        record = read_record([path])
        self.assertEqual(record.scenarios, [scenario()])
        self.assertEqual(record.losses[0].reason, "r")

    def test_refused(self):
        """Another version, and what is no record at all, are refused by name."""
        old = self.write("old", run_fact(format=0))
        with self.assertRaisesRegex(UsageError, "old was written by another version"):
            read_record([old])
        good = self.write("good", run_fact())
        empty = self.write("empty")
        for path in (empty, self.write("headless", feature())):
            with self.assertRaisesRegex(UsageError, f"{path.name} is no record"):
                read_record([good, path])
