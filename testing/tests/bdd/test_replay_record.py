"""Records of shards, merged: what one run of everything would have reported."""

from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.project import normalised, run


class MergeTests(EngineCase):
    def test_shards(self):
        """Shards are disjoint and complete; merged they read like one run."""
        self.write(
            {
                "a.feature": feature("A", "all is well", "all is lost"),
                "b.feature": feature("B", "all is well", "all is new", tags="@b"),
                "c.feature": feature("C", "all is well", "all is well; all is well"),
            }
        )
        whole = self.place / "whole.txt"
        status, _, error = self.behave("-o", whole)
        self.assertEqual(status, 1, error)
        records = self.place / "records"
        names = []
        for number in (1, 2, 3, 4):
            options = (
                "--shard",
                f"{number}/4",
                "--events",
                records / f"{number}.jsonl",
            )
            status, out, error = self.behave(*options)
            if number == 4:
                self.assertEqual(status, 0, error)
                self.assertIn("Shard 4/4 is empty", error)
                continue
            self.assertIn(f"shard {number}/4", error)
            names += [line for line in out.splitlines() if line.startswith("Feature: ")]
        self.assertEqual(sorted(names), ["Feature: A", "Feature: B", "Feature: C"])
        merged = self.place / "merged.txt"
        given = [records / f"{number}.jsonl" for number in (2, 3, 1)]
        options = ("-f", "plain", "-o", merged, "--no-color")
        status, _, error = run("behave_merge", *given, *options, **self.variables)
        self.assertEqual(status, 1, error)

        def features(path):
            text = normalised(path.read_text())
            return sorted(text.split("Feature: "))

        self.assertEqual(features(merged), features(whole))

    def test_one_record(self):
        """The record of a run replays to the same bytes."""
        self.write(
            {
                "a.feature": feature("A", "all is well", "all is lost", "it dies once"),
                "b.feature": feature("B", "all is well", "the process exits"),
            }
        )
        plain, merged = self.place / "plain.txt", self.place / "merged.txt"
        events = self.place / "events.jsonl"
        status, _, error = self.behave(
            "-o", plain, "--events", events, "--parallel-by", "scenario"
        )
        self.assertEqual(status, 1, error)
        status, _, error = run(
            "behave_merge", events, "-f", "plain", "-o", merged, "--no-color",
            **self.variables,
        )  # fmt: skip
        self.assertEqual(status, 1, error)
        self.assertEqual(normalised(merged.read_text()), normalised(plain.read_text()))
