"""Whole runs on features of a test's own, with a history and slots of their own."""

import tempfile
import time
from pathlib import Path

from django.test import SimpleTestCase

from testing.bdd.record_file import read_record
from testing.tests.probe import drop_probes, prefix
from testing.tests.project import run, start_interruptible, write_tree

SETTINGS = """
import os

globals().update(
    {{
        name: value
        for name, value in vars(__import__("dancecoach.settings").settings).items()
        if name.isupper()
    }}
)
# Tests have no business in the project's own database.
NAME = DATABASES["default"]["NAME"]
DATABASES["default"] = {{
    **DATABASES["default"],
    "NAME": "no_such_database",
    "TEST": {{"NAME": f"test_{{NAME}}"}},
}}
TESTING = {{
    "RESET": [],
    "START_METHOD": os.environ.get("START", "auto"),
    "SLOT_PREFIX": "{prefix}",
    "EXTENSIONS_SCHEMA": "{prefix}_extensions",
    "CACHE_DIR": "{place}/cache",
}}
MEDIA_ROOT = "{place}/media"
"""

STEPS = '''
import os
import signal
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

from behave import step

HERE = Path(__file__).resolve().parent.parent


@step("all is well")
def well(context):
    pass


@step("all is lost")
def lost(context):
    assert False, "lost"


@step("the process dies by {name:w}")
def dies(context, name):
    os.kill(os.getpid(), getattr(signal, name))


@step("the process exits")
def exits(context):
    os._exit(3)


@step("the step wants to exit")
def wants_to_exit(context):
    raise SystemExit(3)


def is_first(name):
    """Tell whether this is the first time, whatever process asks."""
    try:
        (HERE / f"{name}.once").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@step("it dies once")
def dies_once(context):
    if is_first("death"):
        os.kill(os.getpid(), signal.SIGKILL)


@step("it fails once as {name:w}")
def fails_once(context, name):
    assert not is_first(name), "for the first time"


@step("it waits")
def waits(context):
    threading.Event().wait()


@step("it waits for {word:w}")
def waits_for(context, word):
    (HERE / f"{os.getpid()}.pid").touch()
    deadline = time.monotonic() + 60
    while not (HERE / word).exists() and time.monotonic() < deadline:
        time.sleep(0.02)


@step("a program runs")
def program_runs(context):
    context.program = subprocess.Popen(["sleep", "60"])
    (HERE / f"{context.program.pid}.pid").touch()


@step("the program still runs")
def still_runs(context):
    assert context.program.poll() is None
    context.program.kill()
    context.program.wait()


@step("I note {word:w}")
def note(context, word):
    with open(HERE / "notes.txt", "a") as notes:
        notes.write(f"{word} {context.worker_id}\\n")
'''


def feature(name, *scenarios, tags=""):
    """Return a feature; each scenario is its steps, tags before a colon."""
    lines = [tags, f"Feature: {name}"]
    for number, text in enumerate(scenarios, start=1):
        own, colon, steps = text.rpartition(": ")
        lines += ["", f"  {own}"] if colon else [""]
        lines.append(f"  Scenario: {name} {number}")
        lines += [f"    * {one}" for one in steps.split("; ")]
    return "\n".join(lines).lstrip() + "\n"


class EngineCase(SimpleTestCase):
    """Gives tests a folder for features and ``manage.py behave`` on it."""

    databases = {"default"}
    maxDiff = None

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(drop_probes)
        self.place = Path(folder.name)
        self.features = self.place / "features"
        settings = SETTINGS.format(prefix=prefix(), place=self.place)
        write_tree(self.place, {"engine_settings.py": settings})
        self.write({"steps/s.py": STEPS, "environment.py": ""})

    @property
    def variables(self):
        """Return the environment of the project's commands."""
        return {
            "PYTHONPATH": str(self.place),
            "DJANGO_SETTINGS_MODULE": "engine_settings",
        }

    def write(self, files):
        """Write files below the folder of features."""
        write_tree(self.features, files)

    def behave(self, *options, paths=None, **variables):
        """Run behave; returns status, standard output and standard error."""
        return run(*self.command(*options, paths=paths), **self.variables, **variables)

    def start(self, *options):
        """Start behave in a process that the caller waits for."""
        return start_interruptible(*self.command(*options), **self.variables)

    def command(self, *options, paths=None):
        if paths is None:
            paths = [self.features]
        given = ("--parallel", "2") if {"-j", "--replay"}.isdisjoint(options) else ()
        return "behave", *given, "--no-color", "-f", "plain", *options, *paths

    def record(self, *options, **more):
        """Run behave; returns status, the record and standard error."""
        path = self.place / "events.jsonl"
        path.unlink(missing_ok=True)
        status, out, error = self.behave("--events", path, *options, **more)
        self.assertTrue(path.exists(), out + error)
        return status, read_record([path]), error

    def pids(self, count):
        """Return the processes that wait for a word, once there are so many."""
        # Patience with a busy machine, not a promise.
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            found = [int(path.stem) for path in self.features.glob("*.pid")]
            if len(found) == count:
                return found
            time.sleep(0.02)
        raise AssertionError("the workers did not begin")

    def notes(self):
        """Return the words that steps have noted, in their order."""
        path = self.features / "notes.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]
