"""Worker processes: started, fed one job at a time, listened to, replaced, ended.

What a worker does is its role's business; unit tests and features have one
each. Parent and worker talk over one pipe, so a dead process is noticed by the
end of its pipe, on either side.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from testing.crew_contract import Observer, Source
from testing.crew_member import Member
from testing.crew_worker import WORKER_ID, Prelude, Role, be_worker

__all__ = ["Crew"]


# How often in a row a worker may be killed while it starts: what kills each one is
# no accident.
MOST_STARTS = 3
# After how much silence the parent looks whether all workers live, in seconds.
SILENCE = 1.0


class Crew:
    """Workers that do jobs, each one once, whoever is free first.

    A worker that dies is replaced while there are jobs left.
    """

    def __init__(
        self,
        *,
        size: int,
        start_method: str,
        role: Role,
        source: Source,
        observer: Observer,
        prelude: Prelude | None = None,
        lets_finish: bool = True,
    ) -> None:
        self.size = size
        self.start_method = start_method
        self.context: Any = multiprocessing.get_context(start_method)
        # Set when no further scenario or test shall begin.
        self.halt = self.context.Event()
        self.role = role
        self.source = source
        self.observer = observer
        # Called in workers that are not forked, before Django is set up.
        self.prelude = prelude
        # Whether the first Ctrl-C lets what runs finish; else it ends the run.
        self.lets_finish = lets_finish
        self.members: dict[Connection, Member] = {}
        # Of each worker: how often it was started since one was ready.
        self.starts: Counter[int] = Counter()
        self.is_interrupted = False
        # Whether the observer has something to do while nobody speaks.
        self._is_behind = False

    def run(self) -> None:
        """Do all jobs; return when every worker has ended."""
        # What is loaded by now stays to the end. Looking through it for garbage
        # would stop each worker for a tenth of a second at 1,000 features, and
        # make it copy every page that it shares with the parent after forking.
        gc.freeze()
        try:
            for worker_id in range(1, self.size + 1):
                self._start(worker_id)
            while self.members:
                self._wait()
        finally:
            self._end_all()
            gc.unfreeze()

    def jobs(self) -> list[Any]:
        """Return the jobs that run at this moment."""
        return [m.job for m in self.members.values() if m.job is not None]

    def stop(self) -> None:
        """Hand out no further job; what runs is finished."""
        self.source.clear()

    def kill(self, worker_id: int) -> None:
        """End a worker that does not answer; it counts as dead."""
        for member in self.members.values():
            if member.worker_id == worker_id:
                member.kill()

    def _wait(self) -> None:
        """Wait for messages; a Ctrl-C lets what runs finish, or ends the run.

        Whoever has no job is given one before anything else is done: a worker
        that waits is time lost, the observer's own work is not.
        """
        try:
            self._feed_idle()
            ends: dict[Any, Member] = {}
            for member in self.members.values():
                ends[member.pipe] = member
                ends[member.process.sentinel] = member
            heard = wait(list(ends), timeout=self._patience())
            for end in heard:
                self._hear(ends[end], is_dead=end is not ends[end].pipe)
                self._feed_idle()
            if not heard and not self._is_behind:
                self._look_around()
            self._is_behind = self.observer.settle()
        except KeyboardInterrupt:
            if self.is_interrupted or not self.lets_finish:
                raise
            self.is_interrupted = True
            self.halt.set()
            self.stop()

    def _patience(self) -> float:
        """Return how long to wait for a word, in seconds."""
        limit = self.observer.tick()
        if self._is_behind:
            return 0.0
        return SILENCE if limit is None else min(limit, SILENCE)

    def _look_around(self) -> None:
        """Find workers whose end nothing told.

        A process that a test has forked holds the pipes of its worker open, and may
        live on after it.
        """
        for member in list(self.members.values()):
            if not member.process.is_alive():
                self._hear(member, is_dead=True)

    def _start(self, worker_id: int) -> None:
        self.starts[worker_id] += 1
        ours, theirs = self.context.Pipe()
        # Under fork a worker inherits every pipe opened before it; it must close
        # them, or the end of a process would go unnoticed.
        inherited = [*self.members, ours] if self.start_method == "fork" else []
        process = self.context.Process(
            target=be_worker,
            args=(
                self._packed_role(),
                worker_id,
                theirs,
                inherited,
                self.halt,
                None if self.start_method == "fork" else self.prelude,
            ),
            name=f"worker {worker_id}",
            daemon=False,
        )
        with _numbered(worker_id):
            process.start()
        theirs.close()
        self.members[ours] = Member(worker_id, process, ours)

    def _packed_role(self) -> Any:
        """Return the role, pickled unless workers inherit it.

        A spawned process must set Django up before it can unpickle what refers
        to models; unpacking the process's arguments would be too early.
        """
        return self.role if self.start_method == "fork" else pickle.dumps(self.role)

    def _hear(self, member: Member, *, is_dead: bool) -> None:
        """Take in one message, or all that a dead worker has left.

        A broken pipe is the end of a worker, too.
        """
        if member.pipe not in self.members:
            return
        while (message := member.hear(is_dead=is_dead)) is not None:
            self._listen(member, *message)
            if not is_dead:
                return
        self._bury(member)

    def _listen(self, member: Member, kind: str, content: Any) -> None:
        worker_id, job = member.worker_id, member.job
        if kind == "report":
            self.observer.reported(worker_id, job, content)
        elif kind == "ready":
            member.was_ready = True
            del self.starts[worker_id]
            if self.observer.ready(worker_id, content):
                member.is_idle = True
            else:
                member.dismiss()
        elif kind == "done":
            member.job = None
            self.observer.done(worker_id, job, content)
            member.is_idle = True
        elif kind == "left":
            member.has_left = True
            self.observer.left(worker_id, content)
        elif kind == "refused":
            member.has_left = True
            self.observer.refused(worker_id, content)
        else:
            member.fault = content

    def _feed_idle(self) -> None:
        """Give jobs to whoever has none; let everybody go when all is done."""
        idle = [member for member in self.members.values() if member.is_idle]
        for member in sorted(idle, key=lambda member: member.worker_id):
            running = self.jobs()
            job = self.source.take(running)
            if job is not None:
                self.observer.started(member.worker_id, job)
                member.give(job)
            elif not running and self.source.is_empty():
                member.dismiss()

    def _bury(self, member: Member) -> None:
        member.wait()
        del self.members[member.pipe]
        if member.has_left:
            return
        if not member.was_ready:
            self._start_again(member)
            return
        self.observer.died(member.worker_id, member.job, member.end)
        if not self.source.is_empty():
            self._start(member.worker_id)

    def _start_again(self, member: Member) -> None:
        """Start a killed worker again; one that ends by itself would do so again."""
        worker_id = member.worker_id
        if member.was_killed and self.starts[worker_id] < MOST_STARTS:
            self.observer.starts_again(worker_id, member.end)
            self._start(worker_id)
        else:
            self.observer.refused(worker_id, f"It {member.end} while starting.")

    def _end_all(self) -> None:
        """End workers that still run, when the parent is on its way out."""
        for member in self.members.values():
            member.kill()
        for member in self.members.values():
            member.process.join()
            member.pipe.close()
        self.members.clear()


@contextlib.contextmanager
def _numbered(worker_id: int) -> Iterator[None]:
    """Let a process that starts now find its number in its environment.

    Settings may read it, and a script that configures Django at its top does so
    before a spawned worker has come to its own first line.
    """
    before = os.environ.get(WORKER_ID)
    os.environ[WORKER_ID] = str(worker_id)
    try:
        yield
    finally:
        if before is None:
            del os.environ[WORKER_ID]
        else:
            os.environ[WORKER_ID] = before
