"""Django's PostgreSQL backend on the embedded server, started when first needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base

from testing.backends.embedded.client import DatabaseClient
from testing.embedded import EmbeddedServer


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL whose server starts with the first connection.

    ``settings_dict["EMBEDDED"]`` names the server's folder and the database
    that is created together with it.
    """

    client_class = DatabaseClient

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, after making sure that the server runs."""
        embedded = self.settings_dict["EMBEDDED"]
        server = EmbeddedServer(Path(embedded["folder"]))
        server.ensure_running(database=embedded["database"])
        return super().get_new_connection(conn_params)
