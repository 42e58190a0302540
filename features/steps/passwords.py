"""Passwords: changed, or reset with an administrator's leave."""

from behave import given, then, when

from features.accounts import PASSWORD, sign_in_with
from features.client import expect_status, send
from users.models import User
from users.passwords import users_allow_password_reset

NEW_PASSWORD = "battery staple 7"


@given("{name:w} may reset the password")
def flagged(context, name):
    assert users_allow_password_reset(users=User.objects.filter(username=name)) == 1


@when("I change my password")
def change(context):
    change_from(context, PASSWORD)


@when('I change my password from "{old}"')
def change_from(context, old):
    change_from_to(context, old, NEW_PASSWORD)


@when('I choose the new password "{new}"')
def change_to(context, new):
    change_from_to(context, PASSWORD, new)


def change_from_to(context, old, new):
    body = {"old_password": old, "new_password": new}
    send(context, "POST", "/api/v1/auth/password/change", body=body)


@when("I let {name:w} reset the password")
def allow(context, name):
    body = {"username": name}
    send(context, "POST", "/api/v1/auth/password-reset/request", body=body)


@when("{name:w} resets the password")
def reset(context, name):
    reset_to(context, name, NEW_PASSWORD)


@when('{name:w} resets the password to "{password}"')
def reset_to(context, name, password):
    body = {"username": name, "new_password": password}
    send(context, "POST", "/api/v1/auth/password-reset/complete", body=body)


@when("{name:w} tries to reset the password {count:d} times")
def reset_often(context, name, count):
    for _ in range(count):
        reset(context, name)
        expect_status(context, 403)


@then("{name:w} can sign in with the new password")
def new_password_works(context, name):
    sign_in_with(context, name, NEW_PASSWORD)
    expect_status(context, 200)


@then("{name:w} may reset the password no more")
def flag_gone(context, name):
    user = User.objects.get(username=name)
    assert user.allow_password_reset is False, user
    assert user.password_reset_until is None, user


@then("the leave lasts an hour")
def leave_lasts(context):
    expect_status(context, 200)
    body = context.answer.json
    user = User.objects.get(username=body["username"])
    assert body["allow_password_reset"] is True, body
    distance = user.password_reset_until - user.updated_at
    assert distance.total_seconds() == 3600, distance


@when("I guess my old password {count:d} times")
def guess(context, count):
    for _ in range(count):
        change_from(context, "wrong horse 9")
        expect_status(context, 400)
