"""What each worker of a BDD run has of its own, hooks and live server included."""

import json

from testing.tests.bdd.engine_case import EngineCase, feature
from testing.tests.project import write_tree

MORE_SETTINGS = """
ROOT_URLCONF = "engine_urls"
CACHES = {"default": {"BACKEND": "testing.tests.test_surroundings.SharedCache"}}
TESTING["WORKER_SETUP"] = ["engine_urls.open_world"]
"""

URLS = """
from django.conf import settings
from django.core.cache import caches
from django.http import JsonResponse
from django.urls import path

OPENED = []


def open_world(*, worker_id, slot):
    OPENED.append([worker_id, slot])


def world():
    return {
        "media": settings.MEDIA_ROOT,
        "prefix": caches["default"].key_prefix,
        "opened": OPENED,
    }


urlpatterns = [path("world", lambda request: JsonResponse(world()))]
"""

STEPS = """
import json
import os
import urllib.request

from behave import step
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from engine_urls import world


@step("it looks around")
def look(context):
    own = world()
    with urllib.request.urlopen(context.get_url("/world")) as answer:
        assert json.load(answer) == own, own
    assert context.at_start == own, (context.at_start, own)
    own["worker"] = context.worker_id
    own["variable"] = os.environ["TEST_WORKER_ID"]
    own["name"] = default_storage.save(f"{context.feature.name}.txt", ContentFile(b"x"))
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(json.dumps(own) + "\\n")
"""

HOOKS = """
from engine_urls import world


def before_all(context):
    context.at_start = world()
"""


class SurroundingsTests(EngineCase):
    def setUp(self):
        super().setUp()
        settings = (self.place / "engine_settings.py").read_text()
        write_tree(
            self.place,
            {
                "engine_settings.py": settings + MORE_SETTINGS,
                "engine_urls.py": URLS,
                # Of a run before, under the names that steps will use.
                "media/a.txt": "old",
                "media/b.txt": "old",
            },
        )
        self.write(
            {
                "steps/more.py": STEPS,
                "environment.py": HOOKS,
                "a.feature": feature("a", "it looks around"),
                "b.feature": feature("b", "it looks around"),
            }
        )

    def worlds(self, *options, **variables):
        """Run both features; returns what each saw."""
        path = self.place / "notes.jsonl"
        path.unlink(missing_ok=True)
        status, out, error = self.behave(
            *options, NOTES=str(path), TMPDIR=str(self.place), **variables
        )
        self.assertEqual(status, 0, out + error)
        self.assertEqual(list(self.place.glob("schema-testing-*")), [])
        return [json.loads(line) for line in path.read_text().splitlines()]

    def check(self, world):
        """Assert that one worker's world is its own."""
        [[worker, slot]] = world["opened"]
        self.assertEqual(world["worker"], worker)
        self.assertEqual(world["variable"], str(worker))
        self.assertIn(f"schema-testing-{slot}-", world["media"])
        self.assertRegex(world["prefix"], rf"\A{slot}_[0-9a-f]{{8}}\Z")
        # What was left over is not in the way.
        self.assertIn(world["name"], ("a.txt", "b.txt"))

    def test_two_workers(self):
        """Settings are the worker's in hooks, steps and the live server's threads."""
        worlds = self.worlds()
        self.assertEqual(len(worlds), 2)
        for world in worlds:
            self.check(world)
        kept = sorted(path.name for path in (self.place / "media").iterdir())
        self.assertEqual(kept, ["a.txt", "b.txt"])

    def test_one_worker(self):
        """One worker has a world of its own as well, and left-over media are hidden."""
        one, other = self.worlds("-j", "1")
        self.check(one)
        self.assertEqual(one["media"], other["media"])

    def test_old_way(self):
        """Without isolation settings are the project's; its functions are called."""
        worlds = self.worlds("-j", "1", BDD_SCHEMA_ISOLATION="false")
        for world in worlds:
            self.assertEqual(world["media"], f"{self.place}/media")
            self.assertEqual(world["prefix"], "")
            self.assertEqual(len(world["opened"]), 1)
            self.assertNotIn(world["name"], ("a.txt", "b.txt"))
