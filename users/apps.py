"""The accounts as a Django app."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    """Users, their tokens and their part of the API."""

    name = "users"
    verbose_name = "Accounts"
