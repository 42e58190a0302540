"""Roles for tests of the crew: at module level, so that workers can be spawned."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass, field

from testing.errors import SetupFailure


@dataclass
class Doubler:
    """Doubles numbers."""

    worker_id: int = 0
    halt: object = None

    def set_up(self, worker_id, report):
        self.worker_id = worker_id
        return f"worker {worker_id}, {os.environ['TEST_WORKER_ID']}"

    def work(self, job, report):
        report(job * 2)
        return f"by {self.worker_id}"

    def finish(self):
        return f"bye {self.worker_id}"


class Dying(Doubler):
    """Dies at some jobs, in one way or another."""

    def work(self, job, report):
        if job == "exit":
            os._exit(3)
        if job == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if job == "raise":
            raise ValueError("a job that breaks")
        if job == "unpicklable":
            report(lambda: None)
        return super().work(job, report)


class Hanging(Doubler):
    """Closes its pipe and lives on."""

    def work(self, job, report):
        report.__self__.pipe.close()
        threading.Event().wait()


class Starting(Doubler):
    """Starts a program for each job, and is not done with it."""

    def work(self, job, report):
        self.program = subprocess.Popen(["sleep", "60"])
        report(self.program.pid)
        threading.Event().wait()


class Forking(Doubler):
    """Forks a process for each job, which holds all pipes open; dies at some."""

    def work(self, job, report):
        forked = os.fork()
        if not forked:
            time.sleep(60)
            os._exit(0)
        report(forked)
        if job == "kill":
            os.kill(os.getpid(), signal.SIGKILL)


class Signalled(Doubler):
    """Tells what answers a signal, and whether its process leads a session."""

    def work(self, job, report):
        report((str(signal.getsignal(job)), os.getsid(0) == os.getpid()))


class Refusing(Doubler):
    """Cannot be set up, for a reason that it knows."""

    def set_up(self, worker_id, report):
        raise SetupFailure("no slot is free")


class KilledAtStart(Doubler):
    """Is killed as it starts, as often as there are files to take away."""

    folder: object = None

    def set_up(self, worker_id, report):
        for path in self.folder.iterdir():
            path.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().set_up(worker_id, report)


class Broken(Doubler):
    """Cannot be set up, for a reason that nobody knows."""

    def set_up(self, worker_id, report):
        raise KeyError("missing")


class Line:
    """A source of jobs, handed out in their order."""

    def __init__(self, jobs):
        self.waiting = deque(jobs)

    def take(self, running):
        return self.waiting.popleft() if self.waiting else None

    def is_empty(self):
        return not self.waiting

    def clear(self):
        self.waiting.clear()


@dataclass
class Notebook:
    """An observer that notes down what it hears."""

    events: list = field(default_factory=list)
    wants: bool = True
    crew: object = None
    stops_after: object = None
    pieces: float = 0

    def ready(self, worker_id, answer):
        self.events.append(("ready", worker_id, answer))
        return self.wants

    def started(self, worker_id, job):
        self.events.append(("started", job))

    def reported(self, worker_id, job, report):
        self.events.append(("reported", job, report))

    def done(self, worker_id, job, answer):
        self.events.append(("done", job, answer))
        self.pieces += 1
        if job == self.stops_after:
            self.crew.stop()

    def settle(self):
        # A job leaves two pieces of work, to see that the second one is asked for.
        if self.pieces:
            self.pieces -= 0.5
            self.events.append(("settled", self.pieces))
        return self.pieces > 0

    def starts_again(self, worker_id, reason):
        self.events.append(("starts again", worker_id, reason))

    def refused(self, worker_id, message):
        self.events.append(("refused", message))

    def died(self, worker_id, job, reason):
        self.events.append(("died", job, reason))

    def left(self, worker_id, answer):
        self.events.append(("left", worker_id, answer))

    def tick(self):
        return None

    def of(self, kind):
        """Return the events of one kind, without the kind."""
        return [event[1:] for event in self.events if event[0] == kind]
