"""What this process keeps in memory beside the database, put back between scenarios."""

from __future__ import annotations

from dancecoach.request_log import restore_level

__all__ = ["restore"]


def restore() -> None:
    """Put the log's level back and forget the ids of content types.

    The type of the live settings is no model's, so its row is made when it is
    first needed; a scenario's end takes it back.
    """
    from django.contrib.contenttypes.models import ContentType

    restore_level()
    ContentType.objects.clear_cache()
