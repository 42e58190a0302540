"""`manage.py test --parallel 2`: stock Django against ours, three kinds of suites.

The suites are made up, in a project of 40 tables: classes of ten tests, each of
which writes a few rows and reads them back. They differ in what the classes are:
TestCase alone; every fourth one a TransactionTestCase; every fourth one a
LiveServerTestCase whose tests ask the server over HTTP.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from bench.made_up_project import MadeUpProject
from bench.processes import run
from bench.tables import Row, Table

TABLES, TESTS_PER_CLASS, WORKERS = 40, 10, 2
SUITE = '''
import urllib.request

from django.contrib.auth.models import Group, User
from django.test import LiveServerTestCase, TestCase, TransactionTestCase

from made_up import models


class Writes:
    """Writes rows to a few tables and counts them."""

    def write(self, number):
        User.objects.create_user(f"user {number}")
        Group.objects.create(name=f"group {number}")
        rows = [models.Table0(code=f"code {number}.{place}") for place in range(5)]
        models.Table0.objects.bulk_create(rows)
        last = models.Table0.objects.order_by("id").last()
        models.Table1.objects.create(code=f"code {number}", parent=last)
        self.assertEqual(models.Table0.objects.count(), 5)
        self.assertEqual(User.objects.count(), 1)


class Asks(Writes):
    """Asks the live server, too."""

    def write(self, number):
        super().write(number)
        with urllib.request.urlopen(f"{self.live_server_url}/count") as answer:
            self.assertEqual(answer.read(), b"5")
'''
CLASS = """

class Test{number}({bases}):
"""
TEST = """
    def test_{number}(self):
        self.write({number})
"""
BASES = {
    "TestCase only": "Writes, TestCase",
    "a quarter TransactionTestCase": "Writes, TransactionTestCase",
    "a quarter live server": "Asks, LiveServerTestCase",
}


def suite(shape: str, *, classes: int) -> str:
    """Return a test module of a shape."""
    text = SUITE
    for number in range(classes):
        bases = BASES[shape] if number % 4 == 3 else BASES["TestCase only"]
        text += CLASS.format(number=number, bases=bases)
        text += "".join(TEST.format(number=test) for test in range(TESTS_PER_CLASS))
    return text


def measure(table: Table) -> None:
    """Run each suite with stock and with this engine, turn by turn."""
    classes, rounds = (8, 1) if table.quick else (40, 3)
    tests = classes * TESTS_PER_CLASS
    with tempfile.TemporaryDirectory() as folder:
        project = MadeUpProject(Path(folder) / "project", TABLES).write()
        module = project.folder / "made_up" / "tests.py"
        for number, shape in enumerate(BASES):
            module.write_text(suite(shape, classes=classes))
            if number == 0:
                # Ours makes its journal at the first run after a migration has changed.
                once(project, "made_up_settings", tests=tests)
            labels = {"suite": shape, "tests": tests}
            stock = Row(labels | {"runner": "Django's"})
            ours = Row(labels | {"runner": "ours"})
            for _ in range(rounds):
                once(project, "stock_made_up_settings", tests=tests, row=stock)
                once(project, "made_up_settings", tests=tests, row=ours)
            table.rows += [stock, ours]
    table.notes.append(
        f"{TABLES} tables, {WORKERS} workers, whole processes: databases or schemas "
        "are made and removed within."
    )


def once(
    project: MadeUpProject, settings: str, *, tests: int, row: Row | None = None
) -> None:
    """Run the suite once, green and whole."""
    command = project.manage("test", "--parallel", str(WORKERS), "--noinput")
    done = run(command, cwd=project.folder, environment=project.environment(settings))
    found = re.search(r"^Ran (\d+) tests? in", done.errors, re.MULTILINE)
    if not found or int(found[1]) != tests:
        sys.exit(f"Not all of {tests} tests ran with {settings}:\n{done.errors}")
    if row is not None:
        row.note(**done.figures)
