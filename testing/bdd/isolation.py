"""How scenarios of one worker are kept apart: on a leased schema, or the old way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from behave_django.runner import (
    BehaviorDrivenTestRunner,
    ExistingDatabaseTestRunner,
    SimpleTestRunner,
)
from django.core import mail
from django.db import connections

from testing.exchanges import ExchangeLog
from testing.leaks import LeakWatch
from testing.occupancy import enter, leave, on_clones
from testing.pools import OWN_POOL
from testing.preparation import Plan
from testing.process_caches import empty_process_caches
from testing.surroundings import Surroundings, slot_of
from testing.testcases import (
    LiveServer,
    ScenarioTestCase,
    refuse_shared_port,
    start_live_server,
)
from testing.workplace import Workplace

__all__ = [
    "DjangoHooks",
    "ExistingDatabase",
    "Isolation",
    "SchemaBehaveRunner",
    "SchemaIsolation",
    "choose_hooks",
]

# behave-django's side of the contract: makes and tears down ``context.test``.
DjangoHooks = Any


class Isolation(Protocol):
    """What keeps the scenarios of a worker apart."""

    def enter(self, worker_id: int) -> Any:
        """Set up, once for the worker; answers what the parent may show."""

    def settle(self) -> None:
        """Do as the project's hooks say, now that they had their say."""

    def push(self) -> None:
        """Keep what has been loaded until the matching :meth:`pop`."""

    def pop(self) -> None:
        """Take back what the matching :meth:`push` kept."""

    def reset(self) -> None:
        """Take back what a scenario did."""

    def on_clones(self) -> AbstractContextManager[Any]:
        """Return a context in which each database is a clone of the worker's own.

        It gives the workplace in force, as it is where FALLBACK is not
        ``database``.
        """

    def leave(self) -> None:
        """Undo :meth:`enter`."""

    def exchanges(self) -> ExchangeLog | None:
        """Return the log of the live server, if there is one for the whole run."""

    def busy_with(self) -> list[str]:
        """Say what server and database are busy with."""

    def keep_failed(self) -> list[str]:
        """Keep what a failing scenario left; returns commands to look at it."""

    def leak_watch(self, *, workers: int) -> LeakWatch | None:
        """Return what looks for leftovers of scenarios, of ``workers`` at once."""


class ExistingDatabase:
    """No isolation: features run on the configured database, as it is."""

    def enter(self, worker_id: int) -> Any:  # noqa: ARG002 - part of the protocol
        """Set up nothing."""
        return []

    def settle(self) -> None:
        """Leave the server to behave-django."""

    def push(self) -> None:
        """Keep everything, as ever."""

    def pop(self) -> None:
        """Keep everything."""

    def reset(self) -> None:
        """Keep everything."""

    def on_clones(self) -> AbstractContextManager[Any]:
        """Return a context that changes nothing."""
        return nullcontext()

    def leave(self) -> None:
        """Close the connections."""
        connections.close_all()

    def exchanges(self) -> ExchangeLog | None:
        """Return nothing: behave-django starts a server for each scenario."""
        return None

    def busy_with(self) -> list[str]:
        """Know nothing."""
        return []

    def keep_failed(self) -> list[str]:
        """Keep nothing: everything stays anyway."""
        return []

    def leak_watch(self, *, workers: int) -> LeakWatch | None:  # noqa: ARG002
        """Return nothing: leftovers are what was asked for."""
        return None


class SchemaIsolation:
    """A leased schema, reset after each scenario, and one live server.

    With ``resets=False`` it is the old way on one schema: behave-django starts
    a server for each scenario and flushes the tables by truncation.
    """

    def __init__(self, plan: Plan, hooks: DjangoHooks, *, resets: bool) -> None:
        self.plan = plan
        self.hooks = hooks
        self.resets = resets
        self.workplace: Workplace | None = None
        self.server: LiveServer | None = None
        self.surroundings: Surroundings | None = None
        self.reset_functions: list[Callable[[], None]] = []

    def enter(self, worker_id: int) -> Any:
        """Lease and build the schemas, and start the server if it is the engine's."""
        self.reset_functions = self.plan.engine.reset_functions()
        self.workplace = enter(self.plan, worker_id=worker_id)
        self.surroundings = self._surround(worker_id)
        testcase_class = self.hooks.testcase_class
        if issubclass(testcase_class, ScenarioTestCase):
            _serve_from_pool(self.plan)
            self.server = start_live_server(testcase_class)
        return self.workplace.builds

    def settle(self) -> None:
        """Serve on the port that a hook has fixed.

        Raises:
            SetupFailure: the port is taken, or would be by several workers.

        """
        testcase_class = self.hooks.testcase_class
        refuse_shared_port(testcase_class, workers=self.plan.workers)
        if self.server is not None and testcase_class.port not in (0, self.server.port):
            self.server.terminate()
            self.server = start_live_server(testcase_class)

    def push(self) -> None:
        """Keep what a hook loaded."""
        self._entered.push()

    def pop(self) -> None:
        """Take back what a hook loaded."""
        self._entered.pop()

    def reset(self) -> None:
        """Put data, caches, outbox and registered state back."""
        if not self.resets:
            return
        if self.server is not None:
            self.server.exchanges.drain()
        connections.close_all()
        self._entered.reset()
        _clear_memory()
        for function in self.reset_functions:
            function()

    @contextmanager
    def on_clones(self) -> Iterator[Workplace]:
        """Work on a clone of each database for a while, where FALLBACK says so."""
        outer = self._entered
        if self.plan.engine.fallback != "database":
            yield outer
            return
        with on_clones(outer) as self.workplace:
            try:
                yield self.workplace
            finally:
                self.workplace = outer

    def exchanges(self) -> ExchangeLog | None:
        """Return the log of the live server."""
        return self.server.exchanges if self.server is not None else None

    def busy_with(self) -> list[str]:
        """Say which requests are open and what the database waits for."""
        open_requests = self.server.exchanges.open_requests() if self.server else []
        lines = [f"The live server answers {what}." for what in open_requests]
        return lines + self._entered.activity()

    def keep_failed(self) -> list[str]:
        """Copy the schemas, where --keep-failed asks for it."""
        return self._entered.keep_copies() if self.plan.keep_failed else []

    def leak_watch(self, *, workers: int) -> LeakWatch:
        """Return a watch over the worker's place."""
        assert self.surroundings is not None  # noqa: S101 - set by enter
        shared = ("public", *self.surroundings.left_in_common()) if workers > 1 else ()
        return LeakWatch(self._entered, shared=shared)

    def leave(self) -> None:
        """Stop the server and give the schemas back, as far as it has entered."""
        if self.server is not None:
            self.server.terminate()
        if self.surroundings is not None:
            self.surroundings.leave()
        if self.workplace is not None:
            leave(self.workplace)

    @property
    def _entered(self) -> Workplace:
        """The workplace in force, between :meth:`enter` and :meth:`leave`."""
        assert self.workplace is not None  # noqa: S101 - set by enter
        return self.workplace

    def _surround(self, worker_id: int) -> Surroundings:
        """Give the worker its own world; the old way had the project's."""
        engine = self.plan.engine
        parts = engine.own_surroundings(runs_features=True, workers=1)
        return Surroundings(
            engine,
            worker_id=worker_id,
            slot=slot_of(self.workplace, engine=engine, worker_id=worker_id),
            parts=parts if self.resets else frozenset(),
        ).enter()


def choose_hooks(
    *, runner_class: type | None, simple: bool, existing: bool, isolated: bool
) -> Any:
    """Return the class that makes ``context.test``, as behave-django would.

    A class that the user named wins; the engine's own takes the place of the
    default one.
    """
    if runner_class is not None:
        return runner_class
    if existing:
        chosen: Any = ExistingDatabaseTestRunner
    elif simple:
        chosen = SimpleTestRunner
    else:
        chosen = SchemaBehaveRunner if isolated else BehaviorDrivenTestRunner
    return chosen


class SchemaBehaveRunner(BehaviorDrivenTestRunner):  # type: ignore[misc]
    """behave-django's default runner, on the worker's own live server."""

    testcase_class = ScenarioTestCase


def _serve_from_pool(plan: Plan) -> None:
    """Let threads of the live server share connections instead of making them."""
    for database in plan.databases:
        for alias in database.aliases:
            wrapper = connections[alias]
            wrapper.close()
            # A pool and connections that outlive a request exclude each other.
            wrapper.settings_dict["CONN_MAX_AGE"] = 0
            wrapper.settings_dict["OPTIONS"].setdefault("pool", dict(OWN_POOL))


def _clear_memory() -> None:
    """Empty what lives in this process alone: in-memory caches and the outbox."""
    empty_process_caches()
    if hasattr(mail, "outbox"):
        mail.outbox.clear()
