"""Greetings of both versions."""

from behave import then, when

from features.client import expect_status, send, send_at_once


@when("I ask for a greeting")
def greet(context):
    send(context, "GET", "/api/v1/greet")


@when("I ask for a friendly greeting")
def greet_friend(context):
    send(context, "POST", "/api/v2/greet", body={})


@when('I ask for a friendly greeting of "{name}"')
def greet_friend_named(context, name):
    send(context, "POST", "/api/v2/greet", body={"name": name})


@when("I ask for a friendly greeting of an empty name")
def greet_friend_empty(context):
    send(context, "POST", "/api/v2/greet", body={"name": ""})


@when("I ask for a friendly greeting of {length:d} letters")
def greet_friend_long(context, length):
    send(context, "POST", "/api/v2/greet", body={"name": "x" * length})


@then('the greeting is "{message}"')
def greeting(context, message):
    expect_status(context, 200)
    assert context.answer.json == {"message": message}, context.answer.text


@then("the friend of {length:d} letters is greeted")
def greeting_long(context, length):
    greeting(context, f"Hello my friend {'x' * length}!")


@when("I ask for {count:d} greetings")
def greet_often(context, count):
    context.answers.clear()
    for _ in range(count):
        greet(context)


@when("I ask for {count:d} greetings at once")
def greet_at_once(context, count):
    send_at_once(context, count, "GET", "/api/v1/greet")


@when("I claim to come from {address:S}")
def claim_address(context, address):
    context.address = address


@then("all of them are given")
def all_given(context):
    statuses = [answer.status for answer in context.answers]
    assert set(statuses) == {200}, statuses


@then("{given:d} of them are given and {refused:d} are not")
def some_given(context, given, refused):
    statuses = [answer.status for answer in context.answers]
    counts = statuses.count(200), statuses.count(429)
    assert counts == (given, refused), statuses
