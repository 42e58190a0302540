"""A suite with a hazard of each kind planted in it, for unit tests and features.

The statements do no harm; some fail, which is caught where they are sent.
"""

PLANTED = {
    "advisory lock": "SELECT pg_advisory_xact_lock(1)",
    "notification": "SELECT pg_notify('planted', '')",
    "public": "SELECT to_regclass('public.planted')",
    "role": "DROP ROLE IF EXISTS planted",
    "server": "ALTER SYSTEM RESET planted.setting",
    "database": "DROP DATABASE IF EXISTS planted",
    "large object": "SELECT lo_unlink(lo_create(0))",
    "extension": "DROP EXTENSION IF EXISTS planted",
    "event trigger": "DROP EVENT TRIGGER IF EXISTS planted",
    "global object": "DROP SCHEMA IF EXISTS planted",
    "search path": "RESET search_path",
    "session": "SELECT pg_cancel_backend(0)",
    "catalog": "SELECT count(*) FROM pg_class WHERE relname = 'planted'",
    "activity": "SELECT count(*) FROM pg_stat_activity",
    "prepared transaction": "ROLLBACK PREPARED 'planted'",
}

IMPORTS = """from contextlib import suppress

from django.db import DatabaseError, connection
"""

TESTS = f"""{IMPORTS}from django.test import TestCase, TransactionTestCase, tag


class Planted(TransactionTestCase):
    def send(self, statement):
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)

"""

TEST = """    def test_{name}(self):
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("{statement}")

"""

MORE_TESTS = """
class Again(Planted):
    pass


@tag("serial")
class Alone(Planted):
    pass


class InData(TestCase):
    @classmethod
    def setUpTestData(cls):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(2)")

    def test_data(self):
        self.assertTrue(True)


class Clean(TransactionTestCase):
    def test_flush(self):
        from django.core.management import call_command
        from django.db.models import Max
        from django.contrib.auth.models import Group

        Group.objects.create(name="public.x; NOTIFY y")
        call_command("flush", verbosity=0, interactive=False)
        call_command("migrate", verbosity=0)
        self.assertGreater(len(connection.introspection.table_names()), 3)
        self.assertIsNone(Group.objects.aggregate(x=Max("id"))["x"])
"""

STEPS = f"""{IMPORTS}from urllib.request import urlopen

from behave import step


@step("all is clean")
def clean(context):
    pass


@step("I ask the server")
def ask(context):
    urlopen(context.get_url("/planted")).close()

"""

STEP = """
@step("I meet {name}")
def meet_{name}(context):
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("{statement}")

"""

URLS = f"""{IMPORTS}from django.http import HttpResponse
from django.urls import path


def planted(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [3])
    return HttpResponse()


urlpatterns = [path("planted", planted)]
"""


def word(kind):
    """Return a kind's name as part of an identifier."""
    return kind.replace(" ", "_")


def tests():
    """Return a module of tests, one for each kind, and some more."""
    planted = [
        TEST.format(name=word(kind), statement=statement)
        for kind, statement in PLANTED.items()
    ]
    return TESTS + "".join(planted) + MORE_TESTS


def steps():
    """Return a module of steps, one for each kind."""
    return STEPS + "".join(
        STEP.format(name=word(kind), statement=statement)
        for kind, statement in PLANTED.items()
    )


def line_of(module, statement):
    """Return the number of the line on which a statement is sent."""
    lines = module.splitlines()
    return next(n for n, line in enumerate(lines, start=1) if f'("{statement}"' in line)
