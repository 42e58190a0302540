"""The common shape: what is kept of each round, and how it is shown."""

import tempfile
from pathlib import Path
from unittest import TestCase

from bench.tables import Row, Table, grid, short


def table():
    quick, slow = Row({"way": "quick", "tables": 1000}), Row({"way": "slow"})
    for seconds in (3.0, 1.0, 2.0):
        quick.note(wall_s=seconds)
    slow.note(wall_s=20.0, cpu_s=0.123456789)
    return Table("waiting", "Ways to wait", {"processors": "2"}, [quick, slow])


class TableTests(TestCase):
    def test_a_figure_is_its_median_with_its_spread(self):
        heading, quick, slow = grid(table().rows)
        self.assertEqual(heading, ["way", "tables", "rounds", "wall s", "cpu s"])
        self.assertEqual(quick, ["quick", "1,000", "3", "2 (1 - 3)", "-"])
        self.assertEqual(slow, ["slow", "", "1", "20", "0.123"])

    def test_every_sample_survives_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = table().save(Path(folder))
            again = Table.load(path)
        self.assertEqual(path.name, "waiting.json")
        self.assertEqual(again.row(way="quick").samples, {"wall s": [3.0, 1.0, 2.0]})
        self.assertEqual(again.row(way="slow").samples["cpu s"], [0.12346])
        self.assertEqual(again.text(), table().text())

    def test_a_row_that_is_asked_for_is_the_only_one(self):
        self.assertEqual(table().row(way="slow").median("wall s"), 20.0)
        with self.assertRaises(ValueError):
            table().row(way="other")

    def test_numbers_have_three_digits_that_matter(self):
        said = [short(figure) for figure in (0, 0.00004, 0.01234, 9.876, 99.96, 12345)]
        self.assertEqual(said, ["0", "4e-05", "0.0123", "9.88", "100", "12,345"])
