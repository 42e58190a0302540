"""The engine as a Django app."""

from django.apps import AppConfig


class TestingConfig(AppConfig):
    """Brings the command `behave` and the system checks."""

    name = "testing"
    verbose_name = "Parallel tests on schemas"

    def ready(self) -> None:
        """Register the system checks."""
        from testing.checks import register_checks

        register_checks()
