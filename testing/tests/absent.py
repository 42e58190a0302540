"""Packages that are installed, seen as if they were not."""

from importlib.util import find_spec
from unittest import mock


def without(name):
    """Return a context in which the extras' packages lack ``name``."""

    def find(wanted):
        return None if wanted == name else find_spec(wanted)

    return mock.patch("testing.extras.find_spec", find)
