"""An interpreter that has imported what every command imports, and becomes it.

Most of what a small run of ``manage.py`` costs is the import of Django, behave and
the engine. One interpreter for each process of tests does that once; every run is
a process of its own, forked from it. Settings, apps and what a project brings are
loaded by each run anew.

What has to begin with nothing is started by ``testing.tests.project.start``.
"""

import atexit
import functools
import gc
import importlib
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

# Each imports much; none asks for settings while it is imported.
MODULES = (
    "behave.__main__",
    "behave.formatter._builtins",
    "behave_django.management.commands.behave",
    "django.contrib.staticfiles.handlers",
    "django.core.management.commands.test",
    "django.db.backends.postgresql.base",
    "django.db.migrations.executor",
    "environ",
    "testing.bdd.run",
    "testing.checks",
    "testing.management.commands.behave",
    "testing.runner",
)


class WarmInterpreter:
    """Asks the interpreter for one run after the other."""

    def __init__(self, folder):
        self.pipe, theirs = Pipe()
        command = [sys.executable, "-W", "error", "-m", __name__, str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                # Each run brings its own path.
                env={**os.environ, "PYTHONPATH": ""},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(self, arguments, environment):
        """Run ``manage.py``; returns status, standard output and standard error.

        Raises:
            EOFError: the interpreter is gone.

        """
        with tempfile.TemporaryDirectory() as folder:
            files = Path(folder, "out"), Path(folder, "error")
            hears = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
            self.pipe.send((arguments, environment, files, hears))
            status = self.pipe.recv()
            return status, *(path.read_text() for path in files)

    def close(self):
        """Let the interpreter end."""
        self.pipe.close()
        self.process.wait()


def warm_interpreter(folder):
    """Return the interpreter of this process, which works in ``folder``."""
    return _made(os.getpid(), folder)


@functools.cache
def _made(pid, folder):
    interpreter = WarmInterpreter(folder)
    atexit.register(interpreter.close)
    return interpreter


def serve(pipe):
    """Fork once for each request; returns it in each fork, and None at the end."""
    # Ctrl-C is for whoever asks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in MODULES:
        importlib.import_module(name)
    # No run shall look through it for garbage, and copy its pages by that.
    gc.freeze()
    while True:
        try:
            request = pipe.recv()
            pid = os.fork()
            if not pid:
                return request
            _, status = os.waitpid(pid, 0)
            pipe.send(os.waitstatus_to_exitcode(status))
        except (EOFError, OSError):
            # Nobody asks any more.
            return None


def become(arguments, environment, files, hears_ctrl_c):
    """Run ``manage.py`` as if this interpreter had been started for it."""
    if hears_ctrl_c:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for target, path in enumerate(files, start=1):
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        os.dup2(descriptor, target)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    added = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[1:1] = [str(Path(place).absolute()) for place in added]
    sys.argv = ["manage.py", *arguments]
    runpy.run_path("manage.py", run_name="__main__")


if __name__ == "__main__":
    with Connection(int(sys.argv[1])) as asking:
        asked = serve(asking)
    if asked is not None:
        become(*asked)
