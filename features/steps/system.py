"""The service's own state: readiness, version."""

import re
from unittest import mock

from behave import given, then, when
from django.db import connection, connections

from dancecoach import __version__, readiness
from features.client import expect_status, send
from features.log import keep_log

SECRET = "swordfish"


@given("the database is away")
def database_away(context):
    """Give the readiness check a connection to a place where nobody listens.

    The service's own connections go on working, since the scenario needs them.
    """
    keep_log(context)
    away = connections["default"].copy()
    away.settings_dict.update(
        HOST="127.0.0.1", PORT="1", USER="boss", PASSWORD=SECRET, TEST={}
    )
    away.settings_dict["OPTIONS"] = {}
    # It is used by the server's threads.
    away.inc_thread_sharing()
    patcher = mock.patch.object(readiness, "connection", away)
    patcher.start()
    context.add_cleanup(patcher.stop)


@given("the cache keeps nothing")
def cache_away(context):
    keep_log(context)
    broken = mock.Mock()
    broken.get.return_value = None
    patcher = mock.patch.object(readiness, "default_cache", broken)
    patcher.start()
    context.add_cleanup(patcher.stop)


@given("a migration is missing")
def migration_missing(context):
    keep_log(context)
    key = ("users", "9999_from_the_future")
    known = readiness.migrations_on_disk()
    patcher = mock.patch.object(
        readiness, "migrations_on_disk", return_value={**known, key: frozenset()}
    )
    patcher.start()
    context.add_cleanup(patcher.stop)


@then('the log says "{text}"')
def log_says(context, text):
    assert text in "".join(context.log.texts), context.log.texts


@then("the check of the {name:w} passes")
def check_passes(context, name):
    assert context.answer.json["checks"][name]["ok"] is True, context.answer.text


@then("the check of the {name:w} fails")
def check_fails(context, name):
    check = context.answer.json["checks"][name]
    assert check["ok"] is False, check
    assert set(check) == {"ok", "error"}, check


@then("the service is ready")
def service_ready(context):
    assert context.answer.json["ready"] is True, context.answer.text


@then("the service is not ready")
def service_not_ready(context):
    assert context.answer.json["ready"] is False, context.answer.text


@then("the schema is the one that the tests work in")
def schema_named(context):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
    assert context.answer.json["checks"]["database"]["schema"] == schema


@then("the {name:w} took some milliseconds")
def latency(context, name):
    took = context.answer.json["checks"][name]["latency_ms"]
    assert 0 < took < 10_000, took


@then("the field version is the version of the service")
def version_field(context):
    assert context.answer.json["version"] == __version__, context.answer.text


@then("the text is the version of the service")
def version_text(context):
    assert context.answer.text == __version__, context.answer.text
    assert re.fullmatch(r"\d+\.\d+\.\d+", context.answer.text), context.answer.text
    kind = context.answer.headers["Content-Type"]
    assert kind == "text/plain; charset=utf-8", kind


@then('a line says "{line}"')
def line_says(context, line):
    assert line in context.answer.text.splitlines(), context.answer.text


@then("the uptime is {seconds:d} seconds or more")
def uptime(context, seconds):
    assert context.answer.json["uptime_seconds"] >= seconds, context.answer.text


@when("I flush the cache")
def flush(context):
    send(context, "POST", "/api/admin/cache/flush")


@then("{count:d} items were flushed")
def flushed(context, count):
    expect_status(context, 200)
    body = context.answer.json
    assert body["flushed"] is True, body
    assert body["items_flushed"] == count, body


@then("the version has three numbers")
def version_pattern(context):
    version = context.answer.json["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version), version


@then("the uptime has grown")
def uptime_grown(context):
    before, after = (answer.json["uptime_seconds"] for answer in context.answers[-2:])
    assert after > before, (before, after)


@then("the cache is said to be off")
def cache_said_off(context):
    assert context.answer.json["cache_enabled"] is False, context.answer.text
