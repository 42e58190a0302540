"""Where a run's seconds went."""

from django.test import SimpleTestCase

from testing.bdd.bill import Bill
from testing.bdd.console_text import Ink
from testing.tests.bdd.console_facts import (
    bill_row,
    feature,
    record_of,
    run_end,
    run_fact,
    scenario,
    unit,
)

TABLE = """\
        Bill     build scenarios     steps      HTTP     reset      idle
          w2    0.250s    1.500s    1.250s    1.000s    0.125s    0.250s
         w10    0.250s    1.500s    1.250s    1.000s    0.125s    0.250s
         all    0.500s    3.000s    2.500s    2.000s    0.250s    0.500s"""


class BillTests(SimpleTestCase):
    def bill(self, *facts):
        return Bill.of(record_of(*facts), wall=4.0)

    def test_table(self):
        """One row for each worker in order of their numbers, and one for all."""
        rows = {number: bill_row() for number in ("10", "2")}
        bill = self.bill(
            run_fact(), feature(), scenario(seconds=3.0), unit(), run_end(bill=rows)
        )
        *table, speed_up, bound = bill.lines(is_detailed=True, ink=Ink())
        self.assertEqual("\n".join(table), TABLE)
        self.assertEqual(speed_up, "    Speed-up  1.50 on 2 workers, efficiency 75%")
        self.assertEqual(
            bound, "       Bound  1.500s, the longest unit, features/login.feature"
        )

    def test_sum_alone(self):
        """In short there is one row for all workers."""
        lines = self.bill(run_end()).lines(is_detailed=False, ink=Ink())
        self.assertEqual(
            [line.split()[0] for line in lines], ["Bill", "all", "Speed-up"]
        )

    def test_bound_by_the_total(self):
        """When no unit is too long, all of them over the workers bound."""
        bill = self.bill(run_fact(), unit(), unit(seconds=2.5), unit(seconds=2.0))
        self.assertEqual(bill.bound, "3.000s, all units over 2 workers")

    def test_bound_of_one_worker(self):
        """One worker does everything, so no unit bounds it."""
        self.assertEqual(
            self.bill(run_fact(workers=1), unit()).bound,
            "1.500s, all units over 1 worker",
        )

    def test_bound_by_a_scenario(self):
        """A unit of one scenario among several of a file has the line."""
        several = (scenario(), scenario(place=5, line=30))
        bill = self.bill(run_fact(), *several, unit(places=[5]))
        self.assertEqual(bill.longest, "features/login.feature:30")

    def test_unknown_place(self):
        """A unit whose scenario told nothing is still named."""
        several = (scenario(), scenario(place=5))
        self.assertEqual(self.bill(*several, unit(places=[9])).longest, "?")
        self.assertEqual(self.bill(unit()).longest, "?")

    def test_without_units(self):
        """Without units the longest scenario counts."""
        bill = self.bill(run_fact(), scenario(), scenario(line=20, seconds=5.0))
        self.assertEqual(bill.longest, "features/login.feature:20")

    def test_without_an_end(self):
        """A run that has no end yet has the wall time given."""
        bill = self.bill(run_fact(), scenario(seconds=2.0))
        self.assertEqual((bill.wall, bill.speed_up, bill.efficiency), (4.0, 0.5, 0.25))

    def test_nothing(self):
        """A run that did nothing divides by nothing."""
        bill = Bill.of(record_of(), wall=0.0)
        self.assertEqual(
            bill.lines(is_detailed=True, ink=Ink()),
            ["    Speed-up  0.00 on 0 workers, efficiency 0%"],
        )
        self.assertEqual(bill.bound, "0.000s, all units over 0 workers")

    def test_merged(self):
        """Merged runs are as long as the longest, and have all workers."""
        end = run_end(seconds=5.0, bill={"1": bill_row()})
        bill = self.bill(run_fact(), run_fact(), run_end(), end)
        self.assertEqual((bill.wall, bill.workers), (5.0, 4))
        self.assertEqual(list(bill.rows), ["1/w1", "1/w2", "2/w1"])
