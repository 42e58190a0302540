"""The published page: what the committed figures give, and nothing else."""

import re
from unittest import TestCase

from bench.findings import FINDINGS
from bench.report import PAGE, markdown, page
from bench.tables import PUBLISHED, Row, Table


class PageTests(TestCase):
    def test_the_committed_page_is_what_the_committed_figures_give(self):
        self.assertEqual(
            PAGE.read_text(),
            page(),
            "Next: make it anew, `.venv/bin/python bench/report.py`.",
        )

    def test_every_table_is_there_with_its_plot(self):
        for name in FINDINGS:
            with self.subTest(name):
                self.assertTrue((PUBLISHED / f"{name}.json").is_file())
                self.assertIn(f"](benchmarks/{name}.svg)", PAGE.read_text())

    def test_plots_have_no_background_and_colours_for_light_and_dark(self):
        for path in sorted(PUBLISHED.glob("*.svg")):
            text = path.read_text()
            found = set(re.findall(r"#[0-9a-f]{6}", text))
            with self.subTest(path.name):
                self.assertTrue(found)
                for colour in found:
                    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
                    # Neither near to black nor near to white.
                    self.assertTrue(60 < sum(parts) / 3 < 190, colour)


class FindingTests(TestCase):
    def test_a_table_says_its_own_ratios(self):
        table = Table("growth", "", {}, [Row({"scenarios": n}) for n in (50, 100, 900)])
        for row, cost in zip(table.rows, (9.0, 10.0, 10.5), strict=True):
            row.note(scenario_ms=cost)
        (said,) = FINDINGS["growth"](table)
        self.assertEqual(
            said, "Time of a scenario at 900 to 100 scenarios: **1.05** (bar: 1.1)."
        )

    def test_efficiency_is_of_the_steps_phase(self):
        stock = Row({"runner": "stock behave-django", "workers": 1})
        stock.note(wall_s=100.0, cpu_s=20.0)
        rows = [stock]
        for workers, seconds in ((1, 9.0), (2, 5.0)):
            rows.append(Row({"runner": "ours", "workers": workers}))
            rows[-1].note(wall_s=seconds + 1, cpu_s=10.0, steps_s=seconds)
        said = FINDINGS["suite"](Table("suite", "", {}, rows))
        self.assertIn("**16.7 times** as fast as stock", said[0])
        self.assertIn("waits for 80% of its time", said[1])
        self.assertIn("it would be about 10 times", said[1])
        self.assertIn("**0.90** (bar: 0.9)", said[2])
        with self.subTest("a quick table, whose steps' phase is short"):
            said = FINDINGS["suite"](Table("suite", "", {}, rows, quick=True))
            self.assertIn("are 1.0 s of the 6.0 s of ours", said[2])


class MarkdownTests(TestCase):
    def test_figures_stand_to_the_right(self):
        row = Row({"way": "ours"})
        row.note(wall_s=1.5)
        self.assertEqual(
            markdown([row]).splitlines(),
            [
                "| way | rounds | wall s |",
                "| --- | ---: | ---: |",
                "| ours | 1 | 1.5 |",
            ],
        )
