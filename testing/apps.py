"""The engine as a Django app."""

from django.apps import AppConfig


class TestingConfig(AppConfig):
    """Brings the `behave` command."""

    name = "testing"
    verbose_name = "Parallel tests on schemas"
