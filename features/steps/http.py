"""Requests to the live server and what every answer has in common."""

from datetime import datetime
from unittest import mock

from behave import given, then, when

from features.client import expect_status, send
from features.log import keep_log


@when("I ask for {path:S}")
def ask(context, path):
    send(context, "GET", path)


@when("I ask for {path:S} by {method:w}")
def ask_by_method(context, path, method):
    send(context, method, path)


@when("I send to {path:S} the text")
def send_text(context, path):
    send(context, "POST", path, raw=context.text.encode())


@when("I send to {path:S} a body that is {kind}")
def send_kind(context, path, kind):
    bodies = {
        "not UTF-8": b'{"username": "\xff\xfe"}',
        "nested too deep": b"[" * 30000 + b"]" * 30000,
        "64 KiB and one byte long": b"x" * (64 * 1024 + 1),
    }
    send(context, "POST", path, raw=bodies[kind])


@when("I send to {path:S} a form instead of JSON")
def send_form(context, path):
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    send(context, "POST", path, raw=b"username=x", headers=kind)


@given("a fault in the service")
def fault(context):
    keep_log(context)
    cause = RuntimeError("the password of the database is swordfish")
    patcher = mock.patch("dancecoach.system.uptime_seconds", side_effect=cause)
    patcher.start()
    context.add_cleanup(patcher.stop)


@then("the answer is {status:d}")
def answer_status(context, status):
    expect_status(context, status)


@then("the answer is {status:d} with the error {code:w}")
def answer_error(context, status, code):
    expect_status(context, status)
    body = context.answer.json
    assert body["error"] == code, body
    assert isinstance(body["message"], str), body
    assert body["message"], body
    assert set(body) <= {"error", "message", "details"}, body
    assert ("details" in body) == (code == "validation_failed"), body


@then("the details name {fields}")
def answer_details(context, fields):
    details = context.answer.json["details"]
    expected = {field.strip() for field in fields.split(" and ")}
    assert set(details) == expected, details
    for texts in details.values():
        assert texts, details
        assert all(isinstance(text, str) for text in texts), details


@then('the message is "{message}"')
def answer_message(context, message):
    assert context.answer.json["message"] == message, context.answer.text


@then("the answer is exactly")
def answer_bytes(context):
    assert context.answer.text == context.text, context.answer.text


@then("the answer has the fields {names}")
def answer_fields(context, names):
    expected = [name.strip() for name in names.split(",")]
    assert list(context.answer.json) == expected, context.answer.text


@then('the field {name:w} is "{value}"')
def answer_field(context, name, value):
    assert context.answer.json[name] == value, context.answer.text


@then("the field {name:w} is empty")
def answer_field_empty(context, name):
    assert context.answer.json[name] in ("", None), context.answer.text


@then("the field {name:w} is a moment in UTC")
def answer_field_moment(context, name):
    moment = datetime.fromisoformat(context.answer.json[name])
    assert moment.utcoffset().total_seconds() == 0, moment


@then('the header {name:S} says "{value}"')
def answer_header(context, name, value):
    assert context.answer.headers.get(name) == value, context.answer.headers


@then("the answer allows {methods}")
def answer_allows(context, methods):
    allowed = set(context.answer.headers["Allow"].split(", "))
    expected = {method.strip() for method in methods.split(",")}
    assert allowed - {"HEAD", "OPTIONS"} == expected, allowed


@then("nothing in the answer says {texts}")
def answer_lacks(context, texts):
    headers = "".join(f"{k}: {v}\n" for k, v in context.answer.headers.items())
    whole = (headers + context.answer.text).lower()
    for text in texts.split(" or "):
        assert text.strip(' "').lower() not in whole, whole


@then("both answers are the same")
def answers_same(context):
    first, second = context.answers[-2:]
    assert first.status == second.status, (first.status, second.status)
    assert first.body == second.body, (first.text, second.text)
    own = {"date", "x-request-id"}
    names = {name.lower() for name in first.headers} - own
    assert names == {name.lower() for name in second.headers} - own
    for name in names:
        assert first.headers[name] == second.headers[name], name


@then("the wait is {least:d} to {most:d} seconds")
def answer_wait(context, least, most):
    wait = int(context.answer.headers["Retry-After"])
    assert least <= wait <= most, wait
