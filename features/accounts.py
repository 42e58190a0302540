"""Signing in, as steps of several topics do it."""

from features.client import send

PASSWORD = "correct horse 9"


def sign_in_with(context, name, password):
    body = {"username": name, "password": password}
    send(context, "POST", "/api/v1/auth/login", body=body)
