"""Leaks: what a scenario leaves behind is named with the scenario."""

from unittest import TestCase

from testing.leaks import Picture
from testing.tests.bdd.engine_case import EngineCase, feature

STEPS = """
import os
import tempfile
import threading
from pathlib import Path

from behave import step
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.db import connection


@step("a thread stays")
def thread(context):
    threading.Thread(
        target=threading.Event().wait, name="left over", daemon=True
    ).start()


@step("a media file stays")
def media(context):
    place = Path(settings.MEDIA_ROOT) / "deep" / "left.txt"
    place.parent.mkdir(parents=True)
    place.write_text("x")


@step("a variable stays")
def variable(context):
    os.environ["LEFT_OVER"] = "1"


@step("the folder is changed")
def folder(context):
    os.chdir(settings.MEDIA_ROOT)


@step("I am tidy")
def tidy(context):
    Group.objects.create(name="x")
    mail.send_mail("s", "t", "a@example.org", ["b@example.org"])
    cache.set("x", 1)
"""


class PictureTests(TestCase):
    def test_differences(self):
        """What has come and gone is told by kind, in order."""
        before = Picture({"threads": frozenset({"a"}), "old": frozenset({"x"})})
        after = Picture({"threads": frozenset({"b", "c"}), "new": frozenset({"y"})})
        self.assertEqual(
            before.differences(after),
            [
                "new: left behind y",
                "old: gone x",
                "threads: left behind b",
                "threads: left behind c",
            ],
        )
        self.assertEqual(before.differences(before), [])


class CheckLeaksTests(EngineCase):
    def setUp(self):
        super().setUp()
        (self.place / "media").mkdir()
        self.write({"steps/leaks.py": STEPS})

    def test_leaks(self):
        """Each leak is named once, with its scenario; the run fails."""
        self.write(
            {
                "a.feature": feature(
                    "A",
                    "a thread stays",
                    "I am tidy",
                    "a media file stays",
                    "a variable stays",
                    "the folder is changed",
                    "I am tidy",
                )
            }
        )
        status, out, error = self.behave("-j", "1", "--check-leaks")
        self.assertEqual(status, 1, error)
        self.assertIn("6 scenarios passed, 0 failed", out)
        for name, what in (
            ("A 1", "threads: left behind left over"),
            ("A 3", "media files: left behind deep/left.txt"),
            ("A 4", "environment: left behind LEFT_OVER"),
            ("A 5", "working directory: left behind "),
        ):
            self.assertRegex(error, rf"(?m)a.feature:\d+ {name} leaks: {what}")
        self.assertNotIn("A 2 leaks", error)
        self.assertNotIn("A 6 leaks", error)

    def test_tidy(self):
        """A suite that leaves nothing passes."""
        self.write({"a.feature": feature("A", "I am tidy", "I am tidy; all is well")})
        status, _, error = self.behave("--check-leaks")
        self.assertEqual(status, 0, error)
        self.assertNotIn("leaks", error)
