"""Worker processes: started, fed one job at a time, listened to, and ended.

What a worker does is its role's business; unit tests and features have one
each. Parent and worker talk over one pipe, so a dead process is noticed by the
end of its pipe, on either side.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

import django

from testing.errors import SetupFailure

__all__ = ["Crew", "Observer", "Role"]


class Role(Protocol):
    """What every worker of a crew does; pickled when workers are spawned."""

    def set_up(self, worker_id: int) -> Any:
        """Prepare this process; the answer goes to :meth:`Observer.ready`."""

    def work(self, job: Any, report: Callable[[Any], None]) -> None:
        """Do one job and report on it as often as need be."""

    def finish(self) -> Any:
        """Undo :meth:`set_up`; the answer goes to :meth:`Observer.left`."""


class Observer(Protocol):
    """Who is told what workers report, in the parent."""

    def ready(self, worker_id: int, answer: Any) -> bool:
        """Hear that a worker is set up; returns whether it shall be given jobs."""

    def reported(self, worker_id: int, job: int, report: Any) -> None:
        """Hear what a worker reports on the job at index ``job``."""

    def done(self, worker_id: int, job: int) -> None:
        """Hear that a worker has done the job."""

    def refused(self, worker_id: int, message: str, *, is_setup: bool) -> None:
        """Hear that a worker could not be set up, or could not go on."""

    def died(self, worker_id: int, job: int | None, exit_code: int | None) -> None:
        """Hear that a process is gone, and the job it had with it."""

    def left(self, worker_id: int, answer: Any) -> None:
        """Hear that a worker has finished in good order."""


@dataclass
class Member:
    """One worker as the parent sees it."""

    worker_id: int
    process: BaseProcess
    pipe: Connection
    job: int | None = None
    has_left: bool = False


class Crew:
    """Workers that do a list of jobs, each one once, whoever is free first."""

    def __init__(
        self,
        *,
        size: int,
        start_method: str,
        role: Role,
        jobs: Sequence[Any],
        observer: Observer,
    ) -> None:
        self.size = min(size, len(jobs))
        self.start_method = start_method
        self.role = role
        self.jobs = jobs
        self.observer = observer
        self.waiting = deque(range(len(jobs)))
        self.members: dict[Connection, Member] = {}
        self.is_interrupted = False

    def run(self) -> None:
        """Do all jobs; return when every worker has ended."""
        try:
            for worker_id in range(1, self.size + 1):
                self._start(worker_id)
            while self.members:
                self._listen_once()
        finally:
            self._end_all()

    def stop(self) -> None:
        """Hand out no further job; what runs is finished."""
        self.waiting.clear()

    def _listen_once(self) -> None:
        """Wait for messages; the first Ctrl-C lets what runs finish."""
        try:
            for pipe in wait(list(self.members)):
                self._listen(self.members[pipe])  # type: ignore[index]
        except KeyboardInterrupt:
            if self.is_interrupted:
                raise
            self.is_interrupted = True
            self.stop()

    def _start(self, worker_id: int) -> None:
        context: Any = multiprocessing.get_context(self.start_method)
        ours, theirs = context.Pipe()
        # Under fork a worker inherits every pipe opened before it; it must close
        # them, or the end of a process would go unnoticed.
        inherited = [*self.members, ours] if self.start_method == "fork" else []
        process = context.Process(
            target=_work,
            args=(self.role, worker_id, theirs, inherited),
            name=f"worker {worker_id}",
            daemon=False,
        )
        process.start()
        theirs.close()
        self.members[ours] = Member(worker_id, process, ours)

    def _listen(self, member: Member) -> None:
        try:
            kind, content = member.pipe.recv()
        except (EOFError, OSError):
            self._bury(member)
            return
        if kind == "report":
            assert member.job is not None  # noqa: S101 - reports come with a job
            self.observer.reported(member.worker_id, member.job, content)
        elif kind == "ready":
            if self.observer.ready(member.worker_id, content):
                self._feed(member)
            else:
                self._dismiss(member)
        elif kind == "done":
            assert member.job is not None  # noqa: S101 - done comes after a job
            job, member.job = member.job, None
            self.observer.done(member.worker_id, job)
            self._feed(member)
        elif kind == "left":
            member.has_left = True
            self.observer.left(member.worker_id, content)
        else:
            member.has_left = True
            if member.job is not None:
                self.observer.died(member.worker_id, member.job, None)
            self.observer.refused(
                member.worker_id, content, is_setup=kind == "set-up failed"
            )

    def _feed(self, member: Member) -> None:
        if not self.waiting:
            self._dismiss(member)
            return
        member.job = self.waiting.popleft()
        # A broken pipe is noticed, with all that follows, at the next wait.
        with contextlib.suppress(OSError):
            member.pipe.send((self.jobs[member.job],))

    def _dismiss(self, member: Member) -> None:
        with contextlib.suppress(OSError):
            member.pipe.send(None)

    def _bury(self, member: Member) -> None:
        member.process.join()
        del self.members[member.pipe]
        member.pipe.close()
        if not member.has_left:
            self.observer.died(member.worker_id, member.job, member.process.exitcode)

    def _end_all(self) -> None:
        """End workers that still run, when the parent is on its way out."""
        for member in self.members.values():
            member.process.terminate()
        for member in self.members.values():
            member.process.join()
            member.pipe.close()
        self.members.clear()


def _work(
    role: Role, worker_id: int, pipe: Connection, inherited: list[Connection]
) -> None:
    """Be a worker, from the first to the last line of its process."""
    for connection in inherited:
        connection.close()
    # The terminal sends Ctrl-C to everybody; what it means is for the parent to
    # decide, who then closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TEST_WORKER_ID"] = str(worker_id)
    try:
        django.setup()
        pipe.send(("ready", role.set_up(worker_id)))
    except SetupFailure as error:
        _say(pipe, "set-up failed", str(error))
        _finish_quietly(role)
        return
    except BaseException:  # noqa: BLE001 - told to the parent, in full
        _say(pipe, "set-up failed", traceback.format_exc())
        _finish_quietly(role)
        return
    try:
        while (job := pipe.recv()) is not None:
            role.work(job[0], lambda content: pipe.send(("report", content)))
            pipe.send(("done", None))
        _say(pipe, "left", role.finish())
    except (EOFError, BrokenPipeError):
        # The parent is gone: nobody is left to report to.
        _finish_quietly(role)
    except BaseException:  # noqa: BLE001 - told to the parent, in full
        _say(pipe, "work failed", traceback.format_exc())
        _finish_quietly(role)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _say(pipe: Connection, kind: str, content: Any) -> None:
    with contextlib.suppress(OSError):
        pipe.send((kind, content))


def _finish_quietly(role: Role) -> None:
    """Give back what the role holds, after a failure that was told already."""
    with contextlib.suppress(Exception):
        role.finish()
