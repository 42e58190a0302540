"""Accounts: registering, signing in, profiles, leaving."""

from behave import given, then, when
from django.utils import timezone

from features.accounts import PASSWORD, sign_in_with
from features.client import expect_status, send, send_at_once
from features.settings import put_in_force
from users.models import User

# Named by their length in the features; nobody counts fifty letters.
NAMES = {"50 letters": "a" * 50, "51 letters": "a" * 51}


@given("{name:w} has an account")
def account(context, name):
    context.accounts[name] = User.objects.create_user(name, PASSWORD)


@given("{name:w} has an inactive account")
def account_inactive(context, name):
    user = User.objects.create_user(name, PASSWORD, is_active=False)
    context.accounts[name] = user


@given("{name:w} has a deleted account")
def account_deleted(context, name):
    user = User.objects.create_user(name, PASSWORD, deleted_at=timezone.now())
    context.accounts[name] = user


@given("{name:w} is signed in")
def signed_in(context, name):
    account(context, name)
    sign_in(context, name)
    take_token(context)
    context.tokens[name] = context.token


@given("{name:w} is signed in as an administrator")
def signed_in_administrator(context, name):
    user = User.objects.create_user(name, PASSWORD, is_staff=True)
    context.accounts[name] = user
    sign_in(context, name)
    take_token(context)
    context.tokens[name] = context.token


@when("I am {name:w} again")
def be_again(context, name):
    context.token = context.tokens[name]


@given("{name:w} is nobody's name")
def no_account(context, name):
    assert not User.objects.named(name).exists(), name


@given("I am signed in no more")
@when("I am signed in no more")
def signed_out(context):
    context.token = None


@when("{name:w} is deactivated")
def deactivate(context, name):
    assert User.objects.filter(username=name).update(is_active=False) == 1


@when("I register as {name:w}")
def register(context, name):
    register_with(context, name, PASSWORD)


@when('I register as "{name}" with the password "{password}"')
def register_with(context, name, password):
    body = {"username": NAMES.get(name, name), "password": password}
    send(context, "POST", "/api/v1/auth/register", body=body)


@when('I register as "{name}" with a good password')
def register_named(context, name):
    register_with(context, name, PASSWORD)


@when("I register as {name:w} with a profile")
def register_with_profile(context, name):
    profile = {row["field"]: row["text"] for row in context.table}
    body = {"username": name, "password": PASSWORD, **profile}
    send(context, "POST", "/api/v1/auth/register", body=body)


@when("I register without a {field:w}")
def register_without(context, field):
    body = {"username": "Dancer", "password": PASSWORD}
    del body[field]
    send(context, "POST", "/api/v1/auth/register", body=body)


@when("I register as {name:w} and claim to be staff")
def register_as_staff(context, name):
    body = {"username": name, "password": PASSWORD, "is_staff": True}
    send(context, "POST", "/api/v1/auth/register", body=body)


@when("I sign in as {name:w}")
def sign_in(context, name):
    sign_in_with(context, name, PASSWORD)


@when('I sign in as {name:w} with the password "{password}"')
def sign_in_by(context, name, password):
    sign_in_with(context, name, password)


@when("I sign in without a {field:w}")
def sign_in_without(context, field):
    body = {"username": "Dancer", "password": PASSWORD}
    del body[field]
    send(context, "POST", "/api/v1/auth/login", body=body)


@when("I fail to sign in as {name:w} {count:d} times")
def sign_in_failing(context, name, count):
    for _ in range(count):
        sign_in_with(context, name, "wrong horse 9")
        expect_status(context, 401)


@given("I am at {address:S}")
@when("I move to {address:S}")
def at_address(context, address):
    """Come through a proxy that the service is told about."""
    put_in_force(context, PROXY_COUNT=1)
    context.address = address


@when("I take the token")
def take_token(context):
    expect_status(context, 200)
    context.token = context.answer.json["token"]


@when("I read my profile")
def read_profile(context):
    send(context, "GET", "/api/v1/users/me")


@when('I change my {field:w} to "{text}"')
def change_profile(context, field, text):
    send(context, "PATCH", "/api/v1/users/me", body={field: text})


@when("I empty my {field:w}")
def empty_profile(context, field):
    change_profile(context, field, "")


@when("I change my {field:w} to {length:d} letters")
def change_profile_long(context, field, length):
    change_profile(context, field, "x" * length)


@when("I delete my account")
def delete_account(context):
    send(context, "DELETE", "/api/v1/users/me")


@then("I am told who I am: {name:w}")
def told_name(context, name):
    expect_status(context, 200)
    assert context.answer.json["username"] == name, context.answer.text


@then("{name:w} can sign in")
def can_sign_in(context, name):
    sign_in(context, name)
    expect_status(context, 200)
    assert context.answer.json["token"].count(".") == 2, context.answer.text


@then("{name:w} cannot sign in")
def cannot_sign_in(context, name):
    sign_in(context, name)
    expect_status(context, 401)
    assert context.answer.json["error"] == "invalid_credentials"


@then("{name:w} is a user without rights")
def without_rights(context, name):
    user = User.objects.get(username=name)
    assert not user.is_staff, user
    assert not user.is_superuser, user
    assert user.is_active, user


@then("there is no account of {name:w}")
def no_such_account(context, name):
    assert not User.objects.named(name).exists(), name


@then("there is one account of {name:w}")
def one_account(context, name):
    assert User.objects.named(name).count() == 1, name


@then("the account of {name:w} is kept as deleted")
def kept_as_deleted(context, name):
    assert User.objects.get(username=name).deleted_at is not None


@then("the sign-in of {name:w} is remembered")
def sign_in_remembered(context, name):
    assert User.objects.get(username=name).last_login is not None


@then("no sign-in of {name:w} is remembered")
def no_sign_in_remembered(context, name):
    assert User.objects.get(username=name).last_login is None


@then("the password of {name:w} is stored only as a hash")
def password_hashed(context, name):
    encoded = User.objects.get(username=name).password
    assert PASSWORD not in encoded, "the password is readable"
    assert encoded.count("$") >= 2, "no hash that Django knows"


@given("{name:w} is a superuser")
def superuser(context, name):
    context.accounts[name] = User.objects.create_superuser(name, PASSWORD)


@when("I fail to sign in as {name:w} {count:d} times at once")
def sign_in_failing_at_once(context, name, count):
    body = {"username": name, "password": "wrong horse 9"}
    for _ in range(count // 10):
        answers = send_at_once(context, 10, "POST", "/api/v1/auth/login", body=body)
        assert {answer.status for answer in answers} <= {401, 429}, answers
