"""The project's URLs, imported once for all workers that are forked."""

from __future__ import annotations

import contextlib

from django.conf import settings
from django.db import connections
from django.urls import get_resolver

__all__ = ["load_urls"]


def load_urls() -> None:
    """Import the project's views before workers are forked.

    Otherwise each worker does so in its first scenario, which is charged with it.
    Django's own runner imports them by its checks. A project whose import fails
    here, for it may want a worker's tables, has it in the workers as before, and
    what it raises is the scenario's.
    """
    if not getattr(settings, "ROOT_URLCONF", ""):
        return
    try:
        with contextlib.suppress(Exception):
            # The table of names is made with it.
            get_resolver().reverse_dict  # noqa: B018
    finally:
        # A forked worker must not share a session.
        connections.close_all()
