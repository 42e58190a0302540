"""What Django's own apps remember of rows, forgotten when rows are put back.

A content type or a site that a test made is remembered by its process, and
would be handed out again after its row is gone.
"""

from __future__ import annotations

from django.apps import apps

__all__ = ["forget_rows"]

# Apps with such a memory, and the model whose manager has it.
REMEMBERING = (
    ("django.contrib.contenttypes", "contenttypes.ContentType"),
    ("django.contrib.sites", "sites.Site"),
)


def forget_rows() -> None:
    """Let content types and sites be read from the database again."""
    for app, model in REMEMBERING:
        if apps.is_installed(app):
            apps.get_model(model).objects.clear_cache()
