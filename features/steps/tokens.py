"""Tokens: asking about them, forging them."""

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
from behave import given, then, when

from features.client import send
from users.fingerprints import fingerprint
from users.signing import primary_secret

VALIDATE = "/api/v1/auth/validate"


def make(context, *, key=None, kid=None, algorithm="HS256", leave_out=None):
    """Sign a token that is good but for what is given."""
    secret = primary_secret()
    (user,) = context.accounts.values()
    now = datetime.now(UTC)
    claims = {
        "sub": str(user.pk),
        "iat": now,
        "exp": now + timedelta(hours=1),
        "jti": "forged",
    }
    claims["cred"] = user.get_session_auth_hash()[:22]
    claims.pop(leave_out, None)
    return jwt.encode(
        claims,
        secret.value if key is None else key,
        algorithm=algorithm,
        headers={"kid": kid or secret.kid},
    )


def unsigned(context):
    """Return a good token whose header claims that it needs no signature."""
    header = {"alg": "none", "typ": "JWT", "kid": primary_secret().kid}
    text = base64.urlsafe_b64encode(json.dumps(header).encode()).decode()
    return f"{text.rstrip('=')}.{make(context).split('.')[1]}."


def tampered(context):
    """Return the caller's own token, made out to another user."""
    header, payload, signature = context.token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["sub"] = str(int(claims["sub"]) + 1)
    text = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return f"{header}.{text.rstrip('=')}.{signature}"


@given('a token of {name:w} signed with "{secret}"')
def signed_with(context, name, secret):
    value = secret.encode()
    context.accounts = {name: context.accounts[name]}
    context.token = make(context, key=value, kid=fingerprint(value))


@when("I remember the token")
def remember(context):
    context.tokens["before"] = context.token or context.answer.json["token"]


@when("I take the token of before")
def take_before(context):
    context.token = context.tokens["before"]


FORGERIES = {
    "signed with another secret": lambda context: make(context, key=b"x" * 32),
    "that names an unknown secret": lambda context: make(context, kid="0" * 16),
    "with alg none": unsigned,
    "signed with HS512": lambda context: make(
        context, key=b"x" * 64, algorithm="HS512"
    ),
    "without an expiry": lambda context: make(context, leave_out="exp"),
    "made out to somebody else": tampered,
    "cut short": lambda context: context.token[:-5],
    "of words": lambda _context: "not a token",
    "of 20000 letters": lambda _context: "x" * 20000,
}


@given("a token {kind}")
def forge(context, kind):
    context.token = FORGERIES[kind](context)


@when("I ask whether the token is valid")
def validate_header(context):
    send(context, "POST", VALIDATE)


@when("I ask in the body whether the token is valid")
def validate_body(context):
    token, context.token = context.token, None
    send(context, "POST", VALIDATE, body={"token": token})
    context.token = token


@when("I ask whether no token is valid")
def validate_nothing(context):
    context.token = None
    send(context, "POST", VALIDATE)


@when('I show "{header}" instead of a token')
def show_header(context, header):
    headers = {"Authorization": header}
    send(context, "GET", "/api/v1/users/me", headers=headers)


@then("the token belongs to {name:w}")
def belongs(context, name):
    body = context.answer.json
    assert body["valid"] is True, body
    assert body["user_id"] == context.accounts[name].pk, body


@then("the token expires in {amount:d} {unit:w}")
def expires(context, amount, unit):
    expected = datetime.now(UTC) + timedelta(**{unit: amount})
    expires_at = datetime.fromisoformat(context.answer.json["expires_at"])
    distance = abs((expires_at - expected).total_seconds())
    assert distance <= 60, f"{expires_at} is not near {expected}"


@then("a token is given for {seconds:d} seconds")
def token_given(context, seconds):
    body = context.answer.json
    assert set(body) == {"token", "token_type", "expires_in"}, body
    assert body["token_type"] == "Bearer", body
    assert body["expires_in"] == seconds, body
    assert jwt.get_unverified_header(body["token"])["alg"] == "HS256"


@then("the token holds no more than it needs")
def token_lean(context):
    text = context.answer.json["token"]
    claims = jwt.decode(text, options={"verify_signature": False})
    assert set(claims) == {"sub", "iat", "exp", "jti", "cred"}, claims
