"""Whole runs of ``manage.py test``: what each worker has of its own, and what not."""

import json
import tempfile
from pathlib import Path

from django.test import SimpleTestCase

from testing.tests.probe import drop_probes, prefix
from testing.tests.project import run, write_tree

SETTINGS = """
import os

IMPORTED_BY = os.environ.get("TEST_WORKER_ID", "nobody")
DATABASES = __import__("dancecoach.settings").settings.DATABASES
SECRET_KEY = "of-this-test"
INSTALLED_APPS = ["testing"]
TEST_RUNNER = "testing.runner.SchemaRunner"
USE_TZ = True
CACHES = {{
    "default": {{
        "BACKEND": "testing.tests.test_surroundings.SharedCache", "KEY_PREFIX": "shop"
    }}
}}
MEDIA_ROOT = "{place}/media"
TESTING = {{
    "SLOT_PREFIX": "{prefix}",
    "EXTENSIONS_SCHEMA": "{prefix}_extensions",
    "CACHE_DIR": "{place}/cache",
    "START_METHOD": os.environ.get("START", "auto"),
    "WORKER_SETUP": ["worlds.hooks.open_world"],
}}
if "SURROUNDINGS" in os.environ:
    TESTING["SURROUNDINGS"] = os.environ["SURROUNDINGS"].split()
"""

HOOKS = """
import json
import os
import time
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.db import connection

HERE = Path(__file__).parent


def note(kind, **facts):
    with open(HERE / "notes.jsonl", "a") as notes:
        notes.write(json.dumps({"kind": kind, **facts}) + "\\n")


def open_world(*, worker_id, slot):
    note("opened", worker=worker_id, slot=slot, imported_by=settings.IMPORTED_BY)
    return lambda: note("closed", worker=worker_id, slot=slot)


def meet(names):
    # The other test has begun, so it has a worker of its own.
    occasion = os.environ.get("MEET")
    if occasion is None:
        return
    (HERE / f"{occasion}-{names[0]}").touch()
    deadline = time.monotonic() + 60
    while not (HERE / f"{occasion}-{names[1]}").exists():
        assert time.monotonic() < deadline, "the other worker has nothing to do"
        time.sleep(0.01)


def look(name):
    note(
        name,
        worker=int(os.environ["TEST_WORKER_ID"]),
        media=settings.MEDIA_ROOT,
        prefix=caches["default"].key_prefix,
    )
"""

TESTS = """
from django.test import SimpleTestCase, TestCase
from worlds.hooks import look, meet


class One(TestCase):
    def test(self):
        meet(("one", "two"))
        look("one")


class Two(TestCase):
    def test(self):
        meet(("two", "one"))
        look("two")


class Pure(SimpleTestCase):
    def test(self):
        look("pure")


class PureToo(SimpleTestCase):
    def test(self):
        look("pure too")
"""


class RunTests(SimpleTestCase):
    databases = {"default"}

    def setUp(self):
        self.place = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.addCleanup(drop_probes)
        settings = SETTINGS.format(prefix=prefix(), place=self.place)
        write_tree(
            self.place,
            {
                "world_settings.py": settings,
                "worlds/__init__.py": "",
                "worlds/hooks.py": HOOKS,
                "worlds/tests.py": TESTS,
            },
        )

    def notes(self, *arguments, labels=("worlds.tests",), **variables):
        """Run the tests; returns what they noted, by kind."""
        status, out, error = run(
            "test",
            *labels,
            *arguments,
            PYTHONPATH=str(self.place),
            DJANGO_SETTINGS_MODULE="world_settings",
            TMPDIR=str(self.place),
            **variables,
        )
        self.assertEqual(status, 0, out + error)
        lines = (self.place / "worlds" / "notes.jsonl").read_text().splitlines()
        (self.place / "worlds" / "notes.jsonl").unlink()
        self.assertEqual(list(self.place.glob("schema-testing-*")), [])
        found = {}
        for line in map(json.loads, lines):
            found.setdefault(line.pop("kind"), []).append(line)
        return found

    def test_workers(self):
        """With each start method each worker has its keys; media stay in place."""
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method=method):
                notes = self.notes("--parallel", "2", START=method, MEET=method)
                opened = sorted(notes["opened"], key=lambda note: note["worker"])
                self.assertEqual([note["worker"] for note in opened], [1, 2])
                slots = {note["worker"]: note["slot"] for note in opened}
                # The free ones: the first may be looked at by a run that tidies up.
                # With its process in the name it is that of a worker which came to
                # no test with a database, since the other one was quicker.
                self.assertEqual(len(set(slots.values())), 2)
                for slot in slots.values():
                    self.assertRegex(slot, rf"\A{prefix()}_w\d+(_\d+)?\Z")
                self.assertEqual(len(notes["closed"]), 2)
                for name in ("one", "two", "pure", "pure too"):
                    [seen] = notes[name]
                    slot = slots[seen["worker"]]
                    self.assertRegex(seen["prefix"], rf"\Ashop_{slot}_[0-9a-f]{{8}}\Z")
                    self.assertEqual(seen["media"], f"{self.place}/media")
                if method != "fork":
                    # Settings could read the number when they were imported.
                    self.assertEqual(
                        [note["imported_by"] for note in opened], ["1", "2"]
                    )

    def test_one_process(self):
        """One process is worker 1, in the same settings as under Django's runner."""
        notes = self.notes()
        [opened] = notes["opened"]
        self.assertEqual(opened["worker"], 1)
        self.assertRegex(opened["slot"], rf"\A{prefix()}_w\d+(_\d+)?\Z")
        [seen] = notes["one"]
        expected = {"worker": 1, "media": f"{self.place}/media", "prefix": "shop"}
        self.assertEqual(seen, expected)
        self.assertEqual(len(notes["closed"]), 1)

    def test_no_database(self):
        """A run without databases has a world, too."""
        notes = self.notes(labels=["worlds.tests.Pure"])
        self.assertEqual(len(notes["opened"]), 1)
        self.assertEqual(len(notes["closed"]), 1)
        self.assertEqual(notes["pure"][0]["worker"], 1)

    def test_media_asked_for(self):
        """Named in the settings, media are the worker's own, in one process as well."""
        for options in ((), ("--parallel", "2")):
            with self.subTest(options=options):
                notes = self.notes(*options, SURROUNDINGS="media")
                slots = {note["worker"]: note["slot"] for note in notes["opened"]}
                for name in ("one", "two"):
                    [seen] = notes[name]
                    self.assertIn(f"{slots[seen['worker']]}-", seen["media"])
                    self.assertTrue(
                        seen["media"].startswith(f"{self.place}/schema-testing-")
                    )
                    self.assertEqual(seen["prefix"], "shop")
