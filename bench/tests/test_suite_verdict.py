"""Verdicts on a suite: what differs, what is unsteady anyway, what is left out."""

from unittest import TestCase

from bench.suite_catalog import Suite
from bench.suite_verdict import Run, Verdict


def run(side, *, wall=1.0, **outcomes):
    found = {name: [outcome] for name, outcome in outcomes.items()}
    return Run(side, wall, 0.5, 0, ran=len(found), outcomes=found)


class VerdictTests(TestCase):
    def verdict(self, *runs, trouble="", **by_order):
        suite = Suite(name="x", version="1", settings="", by_order=by_order)
        return Verdict(suite, list(runs), trouble)

    def test_equal(self):
        verdict = self.verdict(run("stock", a="passed"), run("ours", a="passed"))
        self.assertIs(verdict.is_equal, True)
        self.assertEqual(verdict.differences, {})

    def test_one_side_alone_proves_nothing(self):
        self.assertIs(self.verdict(run("ours", a="passed")).is_equal, False)

    def test_differences(self):
        runs = run("stock", a="passed", b="passed"), run("ours", a="failed")
        verdict = self.verdict(*runs)
        self.assertIs(verdict.is_equal, False)
        self.assertEqual(
            verdict.differences,
            {
                "a": {"stock 1": ["passed"], "ours 1": ["failed"]},
                "b": {"stock 1": ["passed"], "ours 1": ["missing"]},
            },
        )
        self.assertIs(self.verdict(*runs, a="after b", b="after a").is_equal, True)

    def test_unsteady(self):
        verdict = self.verdict(
            run("stock", a="passed"),
            run("ours", a="failed"),
            run("stock", a="failed"),
            run("ours", a="failed"),
        )
        self.assertEqual(verdict.unsteady, ["a"])
        self.assertIs(verdict.is_equal, True)

    def test_trouble(self):
        runs = run("stock", a="passed"), run("ours")
        verdict = self.verdict(*runs, trouble="ours hung")
        self.assertIs(verdict.is_equal, False)
        self.assertEqual(verdict.differences, {})

    def test_medians(self):
        runs = [run("stock", wall=wall) for wall in (9.0, 1.0, 2.0)]
        verdict = self.verdict(*runs)
        self.assertEqual((verdict.wall("stock"), verdict.wall("ours")), (2.0, 0.0))
        facts = verdict.as_dict()
        self.assertEqual(facts["cpu"], {"stock": 0.5, "ours": 0.0})
        self.assertNotIn("outcomes", facts["runs"][0])
