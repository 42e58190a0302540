"""Who sent a statement and during which test, read off the stack of calls."""

import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from unittest import IsolatedAsyncioTestCase, TestCase
from unittest.mock import patch

from django.test import tag

from testing import call_stack
from testing.call_stack import Test, present_test, sender_of

PROJECT = Path(__file__).parents[2]
HERE = "testing/tests/test_call_stack.py"


def frame_in(*filenames):
    """Return a frame of a function in the last file, called from the one before."""
    function = sys._getframe
    for filename in reversed(filenames):
        space = {"function": function}
        # Only code that says it is of a file has a frame of that file.
        exec(compile("def call(): return function()", filename, "exec"), space)
        function = space["call"]
    return function()


DJANGO = call_stack.DJANGO
LIBRARY = "/x/lib/python3.12/site-packages/library/core.py"


class SenderTests(TestCase):
    def sender(self, *filenames):
        names = [str(name) for name in filenames]
        return sender_of(frame_in(*names), project=PROJECT)

    def test_project(self):
        """It is the nearest line that is not Django's, the driver's or Python's."""
        sender = self.sender(
            DJANGO / "db/models/query.py",
            DJANGO / "db/backends/utils.py",
            "/x/site-packages/psycopg/cursor.py",
            threading.__file__,
            "<string>",
        )
        self.assertEqual(sender.path, HERE)
        self.assertEqual(sender.package, "")
        sender = self.sender("/elsewhere/app.py", DJANGO / "db/models/query.py")
        self.assertEqual((sender.path, sender.line), ("/elsewhere/app.py", 1))

    def test_package(self):
        """A package is named beside the line that called it, or for lack of one."""
        sender = self.sender("/elsewhere/app.py", LIBRARY, DJANGO / "db/x.py")
        self.assertEqual(sender.path, "/elsewhere/app.py")
        self.assertEqual(sender.package, "library/core.py:1")
        exchanges = call_stack.ENGINE / "exchanges.py"
        sender = self.sender("/elsewhere/app.py", exchanges, LIBRARY)
        self.assertEqual((sender.path, sender.package), ("library/core.py", ""))

    def test_own_statements(self):
        """What Django and the engine send of themselves has no sender."""
        for name in (
            "core/management/commands/flush.py",
            "db/migrations/executor.py",
            "db/backends/postgresql/introspection.py",
        ):
            self.assertIsNone(self.sender("/elsewhere/app.py", DJANGO / name), name)
        self.assertIsNone(
            self.sender("/elsewhere/app.py", call_stack.ENGINE / "preparation.py")
        )

    def test_apps_of_django(self):
        """An app of Django's that is installed is a package like any other."""
        app = DJANGO / "contrib/contenttypes/models.py"
        sender = self.sender("/elsewhere/app.py", app, DJANGO / "db/x.py")
        self.assertEqual(sender.path, "/elsewhere/app.py")
        self.assertIn("contenttypes/models.py:1", sender.package)
        other = DJANGO / "contrib/flatpages/models.py"
        self.assertEqual(self.sender("/elsewhere/app.py", other).package, "")

    def test_nobody(self):
        """A stack of Django's and Python's code alone has no sender."""
        stack = SimpleNamespace(f_back=None, f_code=SimpleNamespace())
        stack.f_code.co_filename = threading.__file__
        self.assertIsNone(sender_of(stack, project=PROJECT))
        self.assertIsNone(sender_of(None, project=PROJECT))

    def test_migrations_of_the_project(self):
        """What a migration's own function sends is the project's."""
        sender = self.sender(DJANGO / "db/migrations/executor.py", "/p/0001_x.py")
        self.assertEqual(sender.path, "/p/0001_x.py")


@tag("serial")
class SerialTests(TestCase):
    def test_class(self):
        """A class may have the tag."""
        self.assertEqual(present_test(), Test(self.id(), is_serial=True))


class PresentTestTests(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.in_set_up = present_test()

    def test_name(self):
        """The running test is known by its name, in any thread."""
        self.assertEqual(present_test(), Test(self.id()))
        found = []
        thread = threading.Thread(target=lambda: found.append(present_test()))
        thread.start()
        thread.join()
        self.assertEqual(found, [Test(self.id())])

    @tag("serial", "other")
    def test_method(self):
        """A test may have the tag."""
        self.assertEqual(present_test(), Test(self.id(), is_serial=True))

    def test_class_set_up(self):
        """A class's set-up is known by the class."""
        name = f"{type(self).__module__}.PresentTestTests.setUpClass"
        self.assertEqual(self.in_set_up, Test(name))

    def test_none(self):
        """Without a test nothing is claimed."""
        with patch.object(sys, "_current_frames", dict):
            self.assertEqual(present_test(), call_stack.NO_TEST)


class AsyncTests(IsolatedAsyncioTestCase):
    async def test_async(self):
        """A coroutine belongs to its test."""
        self.assertEqual(present_test(), Test(self.id()))
