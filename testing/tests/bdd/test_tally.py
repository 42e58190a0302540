"""The bill adds up each worker's time, and what is left is idle."""

from unittest import TestCase

from testing.bdd.tally import bill_of
from testing.tests.bdd.console_facts import record_of, scenario, worker_fact


class BillTests(TestCase):
    def test_bill(self):
        """Times add up by worker, replacements included."""
        record = record_of(
            worker_fact(seconds=0.25),
            worker_fact(seconds=0.25),
            worker_fact(worker=2, seconds=0.5),
            scenario(worker=1),
            scenario(worker=1, attempt=2),
        )
        bill = bill_of(record, seconds=4.0)
        self.assertEqual(list(bill), ["1", "2"])
        self.assertEqual(bill["1"]["build"], 0.5)
        self.assertEqual(bill["1"]["scenarios"], 1.0)
        self.assertEqual(bill["1"]["steps"], 0.8)
        self.assertEqual(bill["1"]["http"], 0.6)
        self.assertEqual(bill["1"]["reset"], 0.1)
        self.assertEqual(bill["1"]["idle"], 2.5)
        self.assertEqual(bill["2"]["idle"], 3.5)
        self.assertEqual(bill["2"]["scenarios"], 0.0)

    def test_never_below_zero(self):
        """Clocks that disagree do not make time negative; a worker may be new."""
        bill = bill_of(record_of(scenario(worker=7, seconds=3.0)), seconds=1.0)
        self.assertEqual((bill["7"]["idle"], bill["7"]["build"]), (0.0, 0.0))
        self.assertEqual(bill_of(record_of(), seconds=1.0), {})
