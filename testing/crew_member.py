"""One worker as its parent sees it: a process, the pipe to it, and its job."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

__all__ = ["Member", "describe_exit"]

# How long a worker may take to end once its pipe is closed, in seconds.
LAST_WORDS = 5.0


@dataclass
class Member:
    """A worker that was started.

    Attributes:
        worker_id, process, pipe: its number, and how to reach it.
        job: what it does; None while it does nothing.
        is_idle: whether it waits for a job.
        was_ready: whether it has been set up.
        has_left: whether it said goodbye, or that it cannot begin.
        fault: what it said of its own end; empty where it said nothing.

    """

    worker_id: int
    process: BaseProcess
    pipe: Connection
    job: Any | None = None
    is_idle: bool = False
    was_ready: bool = False
    has_left: bool = False
    fault: str = ""

    @property
    def end(self) -> str:
        """How its process ended, in words."""
        return self.fault or describe_exit(self.process.exitcode)

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended its process, and nothing that it did itself."""
        return not self.fault and (self.process.exitcode or 0) < 0

    def give(self, job: Any) -> None:
        """Send it a job; a broken pipe is noticed when it is next listened to."""
        self.job = job
        self.is_idle = False
        with contextlib.suppress(OSError):
            self.pipe.send((job,))

    def dismiss(self) -> None:
        """Tell it that there will be no further job."""
        self.is_idle = False
        with contextlib.suppress(OSError):
            self.pipe.send(None)

    def hear(self, *, is_dead: bool) -> Any:
        """Return its next message, None when there will be no more of them."""
        try:
            return self.pipe.recv() if not is_dead or self.pipe.poll() else None
        except (EOFError, OSError):
            return None

    def kill(self) -> None:
        """End its process at once, and what its tests have started.

        Those are in its process group, which no Ctrl-C of a terminal reaches. A
        process that has only just started is still in its parent's group.
        """
        if self.process.pid is not None:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()

    def wait(self) -> None:
        """Wait until its process has ended; one that lives on is killed.

        It has closed its pipe: nobody would hear it any more. Where it did not say
        goodbye, what its tests have started would live on, sessions at the server
        included.
        """
        if self.process.is_alive():
            self.process.join(LAST_WORDS)
        if self.process.is_alive() or not self.has_left:
            self.kill()
        self.process.join()
        self.pipe.close()


def describe_exit(code: int | None) -> str:
    """Say how a process ended: the signal that killed it, or its status."""
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"was killed by {signal.Signals(-code).name}"
    return f"ended with status {code}"
