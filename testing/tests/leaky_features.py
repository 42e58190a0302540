"""A project whose steps leave things of every kind behind, and one that is tidy."""

STEPS = """
import os
import threading
import urllib.request
from pathlib import Path

import psycopg
from behave import step
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache, caches
from django.core.mail.backends.filebased import EmailBackend
from django.db import connection
from psycopg import sql

import reset_with_flaws

KEPT = []


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


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


@step("an index stays")
def index(context):
    execute("CREATE INDEX left_index ON auth_group (name, id)")


@step("I make a table")
def table(context):
    execute("CREATE TABLE passing AS SELECT 'passing row' AS name")


@step("I refresh a view")
def view_row(context):
    Group.objects.create(name="seen in the view")
    execute("REFRESH MATERIALIZED VIEW seen")


@step("a sequence is changed")
def sequence(context):
    execute("ALTER SEQUENCE auth_group_id_seq INCREMENT BY 7")


@step("a key stays in {name:w}")
def key(context, name):
    assert caches[name].get("left", version=2) is None
    caches[name].set("left", 1, version=2)


@step("the project's reset sends a mail")
def late_mail(context):
    message = mail.EmailMessage("late", "t", "a@example.org", ["b@example.org"])
    reset_with_flaws.todo.append(message.send)


@step("the project's reset writes a row")
def late_row(context):
    reset_with_flaws.todo.append(lambda: Group.objects.create(name="late row"))


@step("a mail is written to a file")
def mail_file(context):
    message = mail.EmailMessage("s", "t", "a@example.org", ["b@example.org"])
    EmailBackend(file_path=settings.EMAIL_FILE_PATH).send_messages([message])


def dsn():
    given = connection.get_connection_params()
    return {k: v for k, v in given.items() if k in (
        "dbname", "host", "port", "user", "password", "options"
    )}


@step("a session stays")
def session(context):
    KEPT.append(psycopg.connect(**dsn()))
    KEPT[-1].execute("SELECT 'left session'")


@step("a thread keeps its connection")
def thread_connection(context):
    ready = threading.Event()

    def use():
        connection.ensure_connection()
        ready.set()
        threading.Event().wait()

    threading.Thread(target=use, daemon=True).start()
    ready.wait()


@step("a table stays in public")
def public_table(context):
    execute("CREATE TABLE public.LEFT_TABLE (x int)")


@step("a row stays in public")
def public_row(context):
    execute("INSERT INTO public.LEFT_TABLE VALUES (1)")


@step("I am tidy")
def tidy(context):
    Group.objects.create(name="x")
    mail.send_mail("s", "t", "a@example.org", ["b@example.org"])
    cache.set("x", 1)
    caches["memory"].set("x", 1)
    caches["files"].set("x", 1)
    caches["files"].delete("x")
    caches["files"].get("there-before")
    caches["database"].set("x", 1)
    with psycopg.connect(**dsn()) as own:
        own.execute("SELECT 1")
    try:
        urllib.request.urlopen(context.get_url("/nowhere"))
    except urllib.error.HTTPError as error:
        error.close()
    worker = threading.Thread(target=connection.ensure_connection)
    worker.start()
    worker.join()
"""

ENVIRONMENT = """
from django.core.cache import caches
from django.db import connection


def before_all(context):
    caches["files"].set("there-before", 1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE MATERIALIZED VIEW seen AS SELECT name FROM auth_group")
"""

RESET = """
todo = []


def reset():
    while todo:
        todo.pop()()
"""

# A backend that goes its own way, and one that answers to nobody.
BACKENDS = """
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache


class Willful(LocMemCache):
    def make_key(self, key, version=None):
        return f"mine-{key}"


class Broken(BaseCache):
    def __init__(self, location, params):
        super().__init__(params)

    def has_key(self, key, version=None):
        raise OSError("nobody is there")


class Remote(BaseCache):
    kept = {}

    def __init__(self, location, params):
        super().__init__(params)

    def get(self, key, default=None, version=None):
        return self.kept.get(self.make_and_validate_key(key, version), default)

    def set(self, key, value, timeout=None, version=None):
        self.kept[self.make_and_validate_key(key, version)] = value
"""

SETTINGS = """
import warnings
TESTING["RESET"] = ["reset_with_flaws.reset"]
# From Django 6.1 on the one or the other, and this one is deprecated. In tests Django
# leaves no folder in MAILERS.
globals().pop("MAILERS", None)
warnings.filterwarnings("ignore", message="The EMAIL_FILE_PATH setting is deprecated")
EMAIL_FILE_PATH = "{place}/mails"
LOCAL = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {{
    "default": {{"BACKEND": LOCAL, "LOCATION": "default"}},
    "memory": {{"BACKEND": LOCAL, "LOCATION": "memory"}},
    "files": {{
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": "{place}/files",
        "KEY_PREFIX": "p",
    }},
    "database": {{
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_table",
    }},
    "remote": {{"BACKEND": "strange_backends.Remote"}},
}}
"""

UNSEEN = """
CACHES["willful"] = {"BACKEND": "strange_backends.Willful"}
CACHES["broken"] = {"BACKEND": "strange_backends.Broken"}
"""

# Hooks that load what lives as long as the feature, and take the rest away.
SCOPED = """
import os

from django.contrib.auth.models import Group


def before_feature(context, feature):
    Group.objects.create(name="of the feature")
    os.environ["OF_THE_FEATURE"] = "1"


def after_feature(context, feature):
    del os.environ["OF_THE_FEATURE"]
"""


def write(place):
    """Write the project's modules and settings beside its features."""
    (place / "media").mkdir()
    (place / "reset_with_flaws.py").write_text(RESET)
    (place / "strange_backends.py").write_text(BACKENDS)
    with (place / "engine_settings.py").open("a") as settings:
        settings.write(SETTINGS.format(place=place))
