"""Databases that are not PostgreSQL: they go Django's own way, clones and all."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import VERSION
from django.core.management import call_command
from django.db import connections
from django.test.utils import teardown_databases

__all__ = ["OtherEngines"]

# Keeps content out of memory. Django 6.1 does so by itself, and deprecates that
# anybody says it.
NOT_SERIALIZED = {"serialize": False} if VERSION < (6, 1) else {}


@dataclass
class OtherEngines:
    """The aliases of a run whose engine has no schemas to lease.

    Attributes:
        aliases: their names; often none.
        start_method: how workers are started; Django's in-memory databases of
            SQLite travel differently with each.
        workers: for how many workers Django clones them; one uses the database
            itself.
        keepdb: whether they outlive the run.
        serialized: those whose content ``serialized_rollback`` will ask for.

    """

    aliases: tuple[str, ...] = ()
    start_method: str = "fork"
    workers: int = 1
    keepdb: bool = False
    serialized: frozenset[str] = frozenset()
    _created: list[Any] = field(default_factory=list, repr=False)
    _contents: dict[str, str] = field(default_factory=dict, repr=False)
    _configurations: dict[str, Any] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out connections, which belong to the process that made them."""
        return {**vars(self), "_created": []}

    def create(self, *, verbosity: int, interactive: bool) -> None:
        """Make the test databases, and a clone for each of several workers."""
        if not self.aliases:
            return
        # Django asks for the process's own method when it clones.
        multiprocessing.set_start_method(self.start_method, force=True)
        first: dict[Any, Any] = {}
        for alias in self.aliases:
            connection = connections[alias]
            signature = connection.creation.test_db_signature()
            name = connection.settings_dict["NAME"]
            self._created.append((connection, name, signature not in first))
            if signature in first:
                connection.creation.set_as_test_mirror(first[signature].settings_dict)
                continue
            first[signature] = connection
            connection.creation.create_test_db(
                verbosity=verbosity,
                autoclobber=not interactive,
                keepdb=self.keepdb,
                **NOT_SERIALIZED,
            )
            for number in range(1, self._clones + 1):
                connection.creation.clone_test_db(
                    suffix=str(number), verbosity=verbosity, keepdb=self.keepdb
                )
        self._configurations = {
            alias: dict(connections[alias].settings_dict) for alias in self.aliases
        }

    def serialize(self) -> None:
        """Keep the content that ``serialized_rollback`` loads, as Django's runner does.

        Only once all databases are there, since models may be routed to any.
        """
        for alias in sorted(self.serialized & set(self.aliases)):
            connection: Any = connections[alias]
            # test_other_engines.py pins the name.
            connection._test_serialized_contents = (  # noqa: SLF001
                connection.creation.serialize_db_to_string()
            )
            self._contents[alias] = connection._test_serialized_contents  # noqa: SLF001

    def enter(self, *, worker_id: int) -> None:
        """Point this worker's connections at its clones."""
        for alias, contents in self._contents.items():
            connections[alias]._test_serialized_contents = contents  # type: ignore[attr-defined]  # noqa: SLF001
        for alias, configuration in self._configurations.items():
            connection = connections[alias]
            # A spawned process knows the project's settings, not the run's.
            connection.settings_dict.update(configuration)
            if self._clones:
                connection.creation.setup_worker_connection(worker_id)

    def flush(self) -> None:
        """Empty the databases as Django does after a test that commits."""
        for alias in self.aliases:
            call_command(
                "flush",
                verbosity=0,
                interactive=False,
                database=alias,
                reset_sequences=False,
            )

    def destroy(self, *, verbosity: int) -> None:
        """Drop what :meth:`create` made, unless it is kept."""
        created, self._created = self._created, []
        teardown_databases(
            created, verbosity, parallel=self._clones, keepdb=self.keepdb
        )

    @property
    def _clones(self) -> int:
        return self.workers if self.workers > 1 else 0

    def describe(self, engines: Sequence[str]) -> str:
        """Return one line that says why these aliases have no schemas."""
        names = ", ".join(map(repr, self.aliases))
        noun = "database" if len(self.aliases) == 1 else "databases"
        return (
            f"Schemas are a feature of PostgreSQL; the {noun} {names} "
            f"({', '.join(engines)}) will be made by Django as ever."
        )
