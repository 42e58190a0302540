"""What the service logs about requests."""

import json

from behave import given, then, when

from features.client import send
from features.log import keep_log
from features.settings import put_in_force


@given("the log is watched")
def watch(context):
    keep_log(context)
    put_in_force(context, REQUEST_LOG=True)


@when("the log is emptied")
def empty(context):
    context.log.texts.clear()


@when('I ask for {path:S} as the request "{name}"')
def ask_as(context, path, name):
    send(context, "GET", path, headers={"X-Request-ID": name})


def lines(context, route):
    found = [json.loads(text) for text in context.log.texts]
    return [line for line in found if line.get("route") == route]


@then("the log has a line about {route}")
def has_line(context, route):
    (context.line,) = lines(context, route) or [None]
    assert context.line, context.log.texts


@then("the log has no line about {route}")
def has_no_line(context, route):
    assert not lines(context, route), context.log.texts


@then("it tells id, {status:d}, duration and that it was {name:w}")
def tells(context, status, name):
    assert context.line["user_id"] == context.accounts[name].pk, context.line
    tells_answer(context, status)


@then("it tells id, {status:d}, duration and nobody")
def tells_nobody(context, status):
    assert context.line["user_id"] is None, context.line
    tells_answer(context, status)


def tells_answer(context, status):
    line = context.line
    assert line["status"] == status, line
    assert line["request_id"] == context.answer.headers["X-Request-ID"], line
    assert 0 < line["duration_ms"] < 60_000, line
    assert line["level"] == "INFO", line
    assert line["timestamp"], line


@then("the log says nothing of {texts}")
def says_nothing(context, texts):
    whole = "".join(context.log.texts)
    for text in texts.replace(" or ", ", ").split(", "):
        if text == "the token":
            text = context.token
        elif text == "the link":
            text = context.link.partition("token=")[2]
        assert text not in whole, whole


@then("the answer names its request")
def named(context):
    name = context.answer.headers["X-Request-ID"]
    assert len(name) == 32, name
    assert int(name, 16), name
