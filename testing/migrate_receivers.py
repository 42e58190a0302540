"""The project's receivers of ``post_migrate``, called after a reset as after a flush.

Django's ``flush``, which test cases call after a test that commits, empties the
tables and sends ``post_migrate``. What Django's own receivers make of it, content
types, permissions and the first site, is among the rows that a reset puts back.
Others may do more than write rows: django-cachalot, for one, forgets what it has
kept of queries. They are called with what the flush would give them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate

__all__ = ["call_receivers"]

Receiver = Any


class _Decision:
    """Which apps have receivers to call, for the receivers and apps of its time."""

    def __init__(self) -> None:
        self.apps = tuple(apps.get_app_configs())
        for app_config in self.apps:
            # As the flush does, for receivers that are connected there.
            with suppress(ImportError):
                import_module(".management", app_config.name)
        self.receivers = list(post_migrate.receivers)
        self.concerned = tuple(
            app_config
            for app_config in self.apps
            if app_config.models_module is not None and any(_receivers_of(app_config))
        )
        self._has_tables: dict[str, bool] = {}

    @property
    def holds(self) -> bool:
        """Whether receivers and apps are still those it was made for."""
        return (
            post_migrate.receivers == self.receivers
            and tuple(apps.get_app_configs()) == self.apps
        )

    def has_tables(self, alias: str) -> bool:
        """Tell whether models have tables there; Django sends nothing without any."""
        if alias not in self._has_tables:
            names = connections[alias].introspection.django_table_names(
                only_existing=True, include_views=False
            )
            self._has_tables[alias] = bool(names)
        return self._has_tables[alias]


# The latest decision of this process.
_decided: list[_Decision] = []


def call_receivers(
    alias: str, *, verbosity: int = 0, interactive: bool = False
) -> bool:
    """Call the receivers that are not Django's; tells whether there were any.

    A receiver's error comes through, as it does in a flush. Without receivers
    nothing is asked of the database.
    """
    if not _decided or not _decided[0].holds:
        _decided[:] = [_Decision()]
    (decision,) = _decided
    if not decision.concerned or not decision.has_tables(alias):
        return False
    for app_config in decision.concerned:
        for receiver in _receivers_of(app_config):
            if iscoroutinefunction(receiver):
                receiver = async_to_sync(receiver)
            receiver(
                signal=post_migrate,
                sender=app_config,
                app_config=app_config,
                verbosity=verbosity,
                interactive=interactive,
                using=alias,
            )
    return True


def _receivers_of(sender: AppConfig) -> Iterator[Receiver]:
    """Yield what is connected for ``sender`` and not Django's, in Django's order."""
    # test_migrate_receivers.py pins what this gives: plain ones, then coroutines.
    plain, coroutines = post_migrate._live_receivers(sender)  # noqa: SLF001
    return (one for one in [*plain, *coroutines] if not _is_djangos(one))


def _is_djangos(receiver: Receiver) -> bool:
    while isinstance(receiver, partial):
        receiver = receiver.func
    module = getattr(receiver, "__module__", None) or type(receiver).__module__
    return bool(module.partition(".")[0] == "django")
