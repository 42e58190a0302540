"""The accounts as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from users.first_admin import first_admin_ensure


class UsersConfig(AppConfig):
    """Users, their tokens and their part of the API."""

    name = "users"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Look for an administrator after each migrating."""
        post_migrate.connect(first_admin_ensure, sender=self)
