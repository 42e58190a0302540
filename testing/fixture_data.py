"""How Django's test cases put data back, led to the baseline of the schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import get_commands
from django.core.signals import setting_changed
from django.db import connections

from testing.flush import Command

__all__ = ["keep_serialized_contents", "resetting_flush"]

# Whose command `flush` the engine's stands in for.
OVERRIDDEN = ("django.core", "testing")


@contextmanager
def resetting_flush() -> Iterator[None]:
    """Let ``call_command("flush")`` find the engine's command while in force.

    Where this app is installed it does so anyway, except in a class that
    restricts ``available_apps``; scripts that choose the installed apps
    themselves have no room for it. Django takes a command instead of an app's
    name in its mapping of commands, which it makes anew when the installed apps
    change. A command of the project's own stays.
    """
    ours = Command()
    before: Any = get_commands()["flush"]

    def put(*, setting: str, **_: Any) -> None:
        commands: dict[str, Any] = get_commands()
        if setting == "INSTALLED_APPS" and commands["flush"] in OVERRIDDEN:
            commands["flush"] = ours

    put(setting="INSTALLED_APPS")
    # Django's own receiver, which forgets the mapping, is connected before.
    setting_changed.connect(put)
    try:
        yield
    finally:
        setting_changed.disconnect(put)
        commands: dict[str, Any] = get_commands()
        if commands["flush"] is ours:
            commands["flush"] = before


def keep_serialized_contents(aliases: Iterable[str]) -> None:
    """Keep what ``serialized_rollback`` loads, as Django's runner does.

    Rows of migrations are there in every test anyway; a class that empties
    tables by hand in its set-up asks for them all the same. Django looks for
    the attribute by its name; test_fixture_data.py pins it.
    """
    for alias in aliases:
        connection: Any = connections[alias]
        connection._test_serialized_contents = (  # noqa: SLF001
            connection.creation.serialize_db_to_string()
        )
