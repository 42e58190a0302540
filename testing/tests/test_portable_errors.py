"""Errors that pickle travel as they are, all others as their text."""

import copyreg
import pickle
import sys
import threading
from types import TracebackType
from unittest import TestCase, mock

from testing.portable_errors import (
    ErrorOfWorker,
    FailureOfWorker,
    portable,
    portable_subtest,
)


class Stubborn(Exception):
    """Holds what belongs to its process."""

    def __init__(self, reason):
        super().__init__(reason)
        self.lock = threading.Lock()


def caught(function):
    try:
        function()
    except Exception:  # noqa: BLE001 - whatever it is
        return sys.exc_info()
    raise AssertionError("nothing was raised")


def fail():
    raise AssertionError("1 != 2")


def fail_stubbornly():
    try:
        fail()
    except AssertionError as error:
        raise Stubborn("no") from error


class PortableTests(TestCase):
    def without_tblib(self):
        table = {
            kind: function
            for kind, function in copyreg.dispatch_table.items()
            if kind is not TracebackType
        }
        return mock.patch.dict(copyreg.dispatch_table, table, clear=True)

    def test_unchanged(self):
        """With tblib an error stays what it is."""
        from tblib import pickling_support

        pickling_support.install()
        error = caught(fail)
        self.assertIs(portable(error), error)

    def test_nothing(self):
        """No error is no error."""
        nothing = (None, None, None)
        self.assertIs(portable(nothing), nothing)

    def test_text(self):
        """Without tblib the text travels, with the line; a failure remains one."""
        with self.without_tblib():
            kind, value, trace = portable(caught(fail))
            self.assertEqual((kind, trace), (FailureOfWorker, None))
            there = pickle.loads(pickle.dumps(value))
        self.assertIn('raise AssertionError("1 != 2")', str(there))
        self.assertIn("AssertionError: 1 != 2", str(there))

    def test_stubborn(self):
        """So does an exception that does not pickle, with what caused it."""
        kind, value, _ = portable(caught(fail_stubbornly))
        self.assertIs(kind, ErrorOfWorker)
        self.assertIn("Stubborn: no", str(value))
        self.assertIn("AssertionError: 1 != 2", str(value))
        self.assertIn("direct cause", str(value))

    def test_frames_of_unittest(self):
        """The text begins where the test does."""
        place = {"__unittest": True, "fail": fail}
        exec("def run(): fail()", place)
        with self.without_tblib():
            kind, error, trace = caught(place["run"])
            _, value, _ = portable((kind, error, trace.tb_next))
        self.assertIn("in fail", str(value))
        self.assertNotIn("in run", str(value))


class PortableSubtestTests(TestCase):
    def subtest(self, **params):
        """Return a subtest as a result gets it."""
        noted = []

        class Result:
            failfast = False

            def addSubTest(self, test, subtest, err):
                noted.append(subtest)

        with self.subTest(**params):
            noted.append(self._subtest)
        return noted[0]

    def test_name(self):
        """A subtest arrives by its name, whatever it and its test hold."""
        self.lock = threading.Lock()
        for params in ({"number": 1}, {"lock": self.lock}, {}):
            with self.subTest(names=list(params)):
                original = self.subtest(**params)
                plain = pickle.loads(pickle.dumps(portable_subtest(original)))
                self.assertEqual(plain.id(), original.id())
                self.assertEqual(str(plain), str(original))
        self.assertIsNone(plain.shortDescription())
        self.assertIs(plain.failureException, AssertionError)
        with self.assertRaises(NotImplementedError):
            plain.runTest()
