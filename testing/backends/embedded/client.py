"""``manage.py dbshell`` on the embedded server, which runs as long as the shell."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import client

from testing.embedded import EmbeddedServer, programs

__all__ = ["DatabaseClient"]


class DatabaseClient(client.DatabaseClient):
    """psql of the server's own package, on the server that is started for it."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """Return psql's command line; ``--dbname=…`` opens another database."""
        parameters = list(parameters)
        names = [one for one in parameters if one.startswith("--dbname=")]
        if names:
            # psql would take a second database for something else.
            parameters = [one for one in parameters if one not in names]
            settings_dict = {**settings_dict, "NAME": names[-1].partition("=")[2]}
        arguments, environment = super().settings_to_cmd_args_env(
            settings_dict, parameters
        )
        own = programs() / cls.executable_name
        return [str(own) if own.exists() else arguments[0], *arguments[1:]], environment

    def runshell(self, parameters: Iterable[str]) -> None:
        """Open the shell, after making sure that the server runs."""
        embedded = self.connection.settings_dict["EMBEDDED"]
        server = EmbeddedServer(Path(embedded["folder"]))
        server.ensure_running(database=embedded["database"])
        super().runshell(parameters)
