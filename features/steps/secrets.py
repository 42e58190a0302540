"""The secrets of tokens: added, rotated, kept, removed."""

import hashlib
from datetime import UTC, datetime, timedelta
from io import StringIO

import jwt
from behave import given, then, when
from django.core.management import call_command

from features.client import expect_status, send, send_at_once
from users.fingerprints import fingerprint
from users.models import JwtSecret

SECRETS = "/api/v1/admin/jwt/secrets"
ROTATE = f"{SECRETS}/rotate"


@when("I list the secrets")
def list_secrets(context):
    send(context, "GET", SECRETS)


@given("I have rotated the secrets")
@when("I rotate the secrets")
def rotate(context):
    send(context, "POST", ROTATE, body={})


@when('I rotate the secrets to "{secret}"')
def rotate_to(context, secret):
    send(context, "POST", ROTATE, body={"new_secret": secret})


@when("I rotate the secrets {count:d} times at once")
def rotate_at_once(context, count):
    send_at_once(context, count, "POST", ROTATE, body={})
    statuses = {answer.status for answer in context.answers}
    assert statuses == {200}, statuses


@given('there is the secret "{secret}" too')
@when('I add the secret "{secret}"')
def add(context, secret):
    send(context, "POST", SECRETS, body={"secret": secret})


@when('I add the secret "{secret}" as the primary')
def add_primary(context, secret):
    send(context, "POST", SECRETS, body={"secret": secret, "is_primary": True})


@when('I add the secret "{secret}" for {seconds:d} seconds')
def add_for(context, secret, seconds):
    body = {"secret": secret, "expires_in": seconds}
    send(context, "POST", SECRETS, body=body)


@when("I add a secret that is left out")
def add_generated(context):
    send(context, "POST", SECRETS, body={})


@when("I add a secret with {field:w} of {value}")
def add_with(context, field, value):
    values = {"minus one": -1, "a word": "soon", "a hundred years": 3_155_760_000}
    send(context, "POST", SECRETS, body={field: values[value]})


@when("the secrets are cleaned up")
def clean_up(context):
    context.output = StringIO()
    call_command("purge_jwt_secrets", stdout=context.output)


@then("{count:d} secrets were removed")
def removed(context, count):
    assert context.output.getvalue() == f"JWT secrets removed: {count}.\n"


@then("{count:d} secrets are listed")
def listed(context, count):
    expect_status(context, 200)
    body = context.answer.json
    assert body["count"] == len(body["secrets"]) == count, body


@then("exactly one of them is the primary")
def one_primary(context):
    primaries = [s for s in context.answer.json["secrets"] if s["is_primary"]]
    assert len(primaries) == 1, context.answer.text


@then("each is shown by {names}")
def shown_by(context, names):
    expected = [name.strip() for name in names.split(",")]
    for secret in context.answer.json["secrets"]:
        assert list(secret) == expected, secret
        assert len(secret["fingerprint"]) == 16, secret


@then('the fingerprint of "{secret}" is among them')
def fingerprint_listed(context, secret):
    expected = hashlib.sha256(secret.encode()).digest()[:8].hex()
    found = [each["fingerprint"] for each in context.answer.json["secrets"]]
    assert expected in found, found


@then("no secret is stored readably")
def stored_encrypted(context):
    for row in JwtSecret.objects.values():
        assert "squeamish" not in str(row), row


@then('"{secret}" signs')
def signs(context, secret):
    expect_status(context, 200)
    text = context.answer.json["token"]
    kid = jwt.get_unverified_header(text)["kid"]
    assert kid == fingerprint(secret.encode()), kid
    jwt.decode(text, secret.encode(), algorithms=["HS256"])


@then("another secret signs than before")
def signs_another(context):
    before, after = context.tokens["before"], context.answer.json["token"]
    kids = {jwt.get_unverified_header(text)["kid"] for text in (before, after)}
    assert len(kids) == 2, kids


@then("the same secret signs as before")
def signs_same(context):
    before, after = context.tokens["before"], context.answer.json["token"]
    kids = {jwt.get_unverified_header(text)["kid"] for text in (before, after)}
    assert len(kids) == 1, kids


@then("the old secret validates for {hours:g} hours")
def validates_for(context, hours):
    expect_status(context, 200)
    (old,) = (s for s in context.answer.json["secrets"] if not s["is_primary"])
    end = datetime.fromisoformat(old["expires_at"])
    distance = abs(end - datetime.now(UTC) - timedelta(hours=hours))
    assert distance < timedelta(minutes=1), old


@then("the primary has no end")
def primary_endless(context):
    (primary,) = (s for s in context.answer.json["secrets"] if s["is_primary"])
    assert primary["expires_at"] is None, primary
    assert primary["is_expired"] is False, primary


@then("the primary is {days:d} days old")
def primary_age(context, days):
    (primary,) = (s for s in context.answer.json["secrets"] if s["is_primary"])
    assert primary["age_seconds"] // 86400 == days, primary
