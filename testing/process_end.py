"""The end of a process that ran tests, without a last search for garbage.

An interpreter that ends looks through all objects for those that only hold each
other, several times. In a process with Django and a test suite that takes a quarter
of a second, as long as some runs take for their tests, and frees memory that the
system takes back anyway.
"""

from __future__ import annotations

import atexit
import gc
from functools import cache

__all__ = ["spare_last_collections"]


@cache
def spare_last_collections() -> None:
    """Let this process end without its last garbage collections.

    Takes effect when the process ends, not before: one that goes on after its tests
    collects as ever. What is registered with ``atexit`` before still runs. Objects
    in circles are not finalized then, which Python does not promise either.
    """
    atexit.register(gc.freeze)
