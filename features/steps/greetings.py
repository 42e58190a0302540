"""Greetings of both versions."""

from behave import then, when

from features.client import expect_status, send


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
