"""Who sent a statement, and during which test: read off the stack of calls.

Nothing is noted beforehand, so it costs nothing until somebody asks.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import threading
import unittest
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import django
from django.apps import apps

from testing.isolation import NEEDS_DATABASE

__all__ = ["NO_TEST", "Sender", "Test", "is_serial", "present_test", "sender_of"]

ENGINE = Path(__file__).parent
DJANGO = Path(django.__file__).parent
STANDARD = sysconfig.get_paths()["stdlib"]
PACKAGES = ("site-packages", "dist-packages")

# Parts of Django that have statements of their own to send.
DJANGO_AUTHORS = (
    "contrib/postgres/",
    "core/management/",
    "db/backends/base/creation.py",
    "db/backends/base/introspection.py",
    "db/backends/postgresql/creation.py",
    "db/backends/postgresql/introspection.py",
    "db/migrations/",
)
# Parts of the engine that call the project; all others speak for themselves.
ENGINE_CALLERS = (
    *("bdd/", "crew", "exchanges.py", "parallel_suite.py", "runner.py"),
    *("testcases.py", "unit_worker.py"),
)
# Parts of the engine that statements of the project pass through.
ENGINE_PLUMBING = ("statement_count.py",)
SERIAL = "serial"
CLASS_SETUPS = ("setUpClass", "setUpTestData", "tearDownClass")


@dataclass(frozen=True)
class Sender:
    """A line of code that sent a statement.

    Attributes:
        path, line: the project's line; of a package, where no line of the
            project took part.
        package: ``path:line`` in the package that the project called for it,
            empty when the project sent it itself.

    """

    path: str
    line: int
    package: str = ""


@dataclass(frozen=True)
class Test:
    """A test or scenario.

    Attributes:
        name: how people know it.
        is_serial: it is marked to run alone.
        wants_database: it asks for a database of its own.

    """

    name: str
    is_serial: bool = False
    wants_database: bool = False


NO_TEST = Test("outside of tests")


def sender_of(frame: FrameType | None, *, project: Path) -> Sender | None:
    """Return who sent a statement; None when Django or the engine did of itself.

    Paths are relative to ``project`` where they lie in it.
    """
    package: FrameType | None = None
    while frame is not None:
        owner = _owner_of(frame.f_code.co_filename)
        if owner == "author":
            return None
        if owner == "caller":
            break
        if owner == "project":
            through = _place(package, project) if package else ("", 0)
            path, line = _place(frame, project)
            return Sender(path, line, f"{through[0]}:{through[1]}" if package else "")
        if owner == "package" and package is None:
            package = frame
        frame = frame.f_back
    return Sender(*_place(package, project)) if package else None


def present_test() -> Test:
    """Return the unittest test that the main thread runs now, whatever thread asks.

    It is empty-handed between tests: :data:`NO_TEST`.
    """
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - documented in sys
    while frame is not None:
        name, local = frame.f_code.co_name, frame.f_locals
        test = local.get("self")
        if name == "run" and isinstance(test, unittest.TestCase):
            return _test(test.id(), test)
        cls = local.get("cls")
        if (
            name in CLASS_SETUPS
            and isinstance(cls, type)
            and issubclass(cls, unittest.TestCase)
        ):
            return _test(f"{cls.__module__}.{cls.__qualname__}.{name}", cls)
        frame = frame.f_back
    return NO_TEST


def is_serial(test: Any) -> bool:
    """Tell whether a unittest test, or its class, has Django's tag ``serial``."""
    method = getattr(test, getattr(test, "_testMethodName", ""), None)
    return SERIAL in {*getattr(test, "tags", ()), *getattr(method, "tags", ())}


def _test(name: str, marked: Any) -> Test:
    return Test(name, is_serial(marked), bool(getattr(marked, NEEDS_DATABASE, False)))


@cache
def _owner_of(filename: str) -> str:
    """Tell whose code a file is.

    ``plumbing`` passes statements on; an ``author`` sends its own; a ``caller``
    is the engine where it calls the project.
    """
    if filename.startswith("<"):
        return "plumbing"
    path = Path(filename).absolute()
    if path.is_relative_to(ENGINE / "tests"):
        return "project"
    if path.is_relative_to(ENGINE):
        inside = path.relative_to(ENGINE).as_posix()
        if inside in ENGINE_PLUMBING:
            return "plumbing"
        return "caller" if inside.startswith(ENGINE_CALLERS) else "author"
    if path.is_relative_to(DJANGO):
        inside = path.relative_to(DJANGO).as_posix()
        if inside.startswith(DJANGO_AUTHORS):
            return "author"
        # An app of Django's, such as its admin, is a package like any other.
        is_app = inside.startswith("contrib/") and _is_installed(path)
        return "package" if is_app else "plumbing"
    if not set(PACKAGES).isdisjoint(path.parts):
        is_driver = any(part.startswith("psycopg") for part in path.parts)
        return "plumbing" if is_driver else "package"
    return "plumbing" if path.is_relative_to(STANDARD) else "project"


def _is_installed(path: Path) -> bool:
    return any(path.is_relative_to(app.path) for app in apps.get_app_configs())


def _place(frame: FrameType, project: Path) -> tuple[str, int]:
    # behave gives steps' files by their way from where it was started.
    path = Path(os.path.normpath(Path(frame.f_code.co_filename).absolute()))
    for name in PACKAGES:
        if name in path.parts:
            parts = path.parts[path.parts.index(name) + 1 :]
            return "/".join(parts), frame.f_lineno
    if path.is_relative_to(project):
        path = path.relative_to(project)
    return path.as_posix(), frame.f_lineno
