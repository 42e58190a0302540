"""A worker's side of a crew: from the first to the last line of its process."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

import django

from testing.errors import SetupFailure

__all__ = ["WORKER_ID", "Prelude", "Role", "be_worker"]

# The environment variable that tells a worker's number, from 1.
WORKER_ID = "TEST_WORKER_ID"
# A function that makes a new process like its parent, and its arguments.
Prelude = tuple[Callable[..., Any], tuple[Any, ...]]


class Role(Protocol):
    """What every worker of a crew does; pickled when workers are spawned."""

    halt: Any

    def set_up(self, worker_id: int, report: Callable[[Any], None]) -> Any:
        """Prepare this process; the answer goes to ``Observer.ready``."""

    def work(self, job: Any, report: Callable[[Any], None]) -> Any:
        """Do one job and report on it as often as need be.

        The answer goes to ``Observer.done``.
        """

    def finish(self) -> Any:
        """Undo :meth:`set_up`; the answer goes to ``Observer.left``."""


class Line:
    """The pipe to the parent, safe to speak into from several threads."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe
        self._speaking = threading.Lock()

    def say(self, kind: str, content: Any) -> None:
        """Send a message; raises OSError when the parent is gone."""
        with self._speaking:
            self.pipe.send((kind, content))

    def try_to_say(self, kind: str, content: Any) -> None:
        """Send a message if anybody is there to hear it."""
        with contextlib.suppress(OSError):
            self.say(kind, content)

    def report(self, content: Any) -> None:
        """Report on the present job."""
        self.say("report", content)


def be_worker(
    packed: Role | bytes,
    worker_id: int,
    pipe: Connection,
    inherited: list[Connection],
    halt: Any,
    prelude: Prelude | None = None,
) -> None:
    """Be a worker until the parent says that it is enough, or is gone."""
    for connection in inherited:
        connection.close()
    # The terminal sends Ctrl-C to all of its session; what it means is for the
    # parent to decide. To ignore the signal instead would be inherited by what
    # tests start, and would show to tests of signals.
    os.setsid()
    os.environ[WORKER_ID] = str(worker_id)
    _end_with_parent()
    line = Line(pipe)
    role: Role | None = None
    try:
        if prelude is not None:
            prelude[0](*prelude[1])
        django.setup()
        role = pickle.loads(packed) if isinstance(packed, bytes) else packed  # noqa: S301
        role.halt = halt
        line.say("ready", role.set_up(worker_id, line.report))
    except BaseException as error:  # noqa: BLE001 - told to the parent, in full
        is_expected = isinstance(error, SetupFailure)
        text = str(error) if is_expected else traceback.format_exc()
        line.try_to_say("refused", text)
        _finish_quietly(role)
        return
    try:
        while (job := pipe.recv()) is not None:
            line.say("done", role.work(job[0], line.report))
        line.try_to_say("left", role.finish())
    except (EOFError, BrokenPipeError):
        # The parent is gone: nobody is left to report to.
        _finish_quietly(role)
    except BaseException:  # noqa: BLE001 - told to the parent, in full
        line.try_to_say("fault", f"could not go on:\n{traceback.format_exc()}")
        _finish_quietly(role)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _end_with_parent() -> None:
    """End this process when the parent's ends, and what its tests have started.

    It ends whatever it is busy with. Its session at the server ends with it, and
    so does the lease on its slot.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - a worker has one

    def watch() -> None:
        wait([parent.sentinel])
        os.killpg(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def _finish_quietly(role: Role | None) -> None:
    """Give back what the role holds, after a failure that was told already."""
    if role is not None:
        with contextlib.suppress(Exception):
            role.finish()
