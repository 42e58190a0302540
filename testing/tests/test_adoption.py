"""Adoption: what a class has made stays for its tests, and no longer."""

from unittest import TextTestResult
from unittest.mock import Mock, patch

from django.test import SimpleTestCase, TestCase, TransactionTestCase

from testing.adoption import adopting
from testing.baseline import BaselineLost
from testing.tests.baseline_case import BaselineCase


class BaselineTests(BaselineCase):
    statements = (
        "CREATE TABLE t (id serial PRIMARY KEY, x int)",
        "INSERT INTO t (x) VALUES (1)",
    )

    def setUp(self):
        super().setUp()
        self.start()
        self.execute("CREATE TABLE raw (id serial PRIMARY KEY)")
        self.execute("INSERT INTO raw DEFAULT VALUES")
        self.execute("CREATE TABLE model (x int REFERENCES t)")
        self.execute("INSERT INTO model VALUES (1)")

    def rows(self):
        names = ("t", "raw", "model")
        return [self.value(f"SELECT count(*) FROM {name}") for name in names]

    def exists(self, name):
        return self.value(f"SELECT to_regclass('{name}') IS NOT NULL")

    def adopt(self):
        self.baseline.adopt(emptied=frozenset({"model", "t"}))

    def test_rows(self):
        """Tables of models are emptied, the rows of others and sequences stay."""
        self.adopt()
        self.assertEqual(self.rows(), [1, 1, 1])
        for _ in range(2):
            self.execute("INSERT INTO raw DEFAULT VALUES")
            self.execute("INSERT INTO t (x) VALUES (2)")
            self.execute("CREATE TABLE of_a_test (x int)")
            self.baseline.reset()
            self.assertEqual(self.rows(), [1, 1, 0])
            self.assertIs(self.exists("of_a_test"), False)
        self.assertEqual(self.value("INSERT INTO raw DEFAULT VALUES RETURNING id"), 2)

    def test_nothing_new(self):
        """Where nothing was made nothing is put on."""
        self.adopt()
        levels = list(self.baseline.levels)
        self.adopt()
        self.assertEqual(self.baseline.levels, levels)

    def test_dropped_by_its_class(self):
        """Once dropped, all is as before the class."""
        self.adopt()
        self.execute("DROP TABLE raw, model")
        self.adopt()
        self.assertReset()
        self.assertEqual(len(self.baseline.levels), 1)

    def test_dropped_in_part(self):
        """What the next class still finds stays."""
        self.adopt()
        self.execute("DROP TABLE model")
        self.execute("CREATE TABLE later (x int)")
        self.adopt()
        self.baseline.reset()
        found = [self.exists(name) for name in ("raw", "model", "later")]
        self.assertEqual(found, [True, False, True])

    def test_dropped_by_a_test(self):
        """A reset goes on without what a test has dropped."""
        self.adopt()
        self.execute("INSERT INTO raw DEFAULT VALUES")
        self.execute("DROP TABLE model")
        self.baseline.reset()
        self.assertIs(self.exists("raw"), True)
        self.execute("DROP TABLE t CASCADE")
        with self.assertRaises(BaselineLost):
            self.baseline.reset()

    def test_popped(self):
        """A schema that is kept for another run is kept without it."""
        self.adopt()
        self.baseline.pop()
        self.assertEqual(self.look(), self.remembered)
        self.assertEqual(self.baseline.adopted, 0)


class ResultTests(SimpleTestCase):
    def begin(self, *classes):
        """Return how often a result has baselines adopt as tests begin."""
        baseline, workplace = Mock(), Mock()
        workplace.plan.databases = [Mock()]
        workplace.baseline_of.return_value = baseline
        tables = workplace.plan.databases[0].connection.introspection
        tables.django_table_names.return_value = ["model"]
        result = adopting(TextTestResult)(Mock(), descriptions=False, verbosity=0)
        with patch("testing.adoption.present_workplace", return_value=workplace):
            for one in classes:
                result.startTest(one("run"))
        for call in baseline.adopt.call_args_list:
            self.assertEqual(call.kwargs, {"emptied": {"model"}})
        return baseline.adopt.call_count

    def test_classes(self):
        """Once for each class whose tests commit, and for no other."""

        class One(TransactionTestCase):
            pass

        class Two(TransactionTestCase):
            pass

        self.assertEqual(self.begin(One, One, Two, Two), 2)
        self.assertEqual(self.begin(TestCase, SimpleTestCase), 0)

    def test_no_schema(self):
        """Where no schema is leased nothing happens."""
        bare = Mock()
        bare.plan.databases = [Mock()]
        bare.baseline_of.return_value = None
        for workplace in (None, bare):
            result = adopting(TextTestResult)(Mock(), descriptions=False, verbosity=0)
            with patch("testing.adoption.present_workplace", return_value=workplace):
                result.startTest(TransactionTestCase("run"))
            self.assertEqual(result.testsRun, 1)
        introspection = bare.plan.databases[0].connection.introspection
        introspection.django_table_names.assert_not_called()
