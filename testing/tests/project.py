"""Running the project's commands in processes of their own."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from testing.tests.warm_interpreter import warm_interpreter


def start(*arguments, **environment):
    """Start ``manage.py`` with warnings as errors; the caller waits for it.

    It is in a process group of its own, as a shell would have it.
    """
    return subprocess.Popen(
        [sys.executable, "-W", "error", "manage.py", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env={**clean_environment(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def start_interruptible(*arguments, **environment):
    """Start ``manage.py`` so that it hears Ctrl-C; the caller waits for it.

    What a script starts in the background ignores it, and so does all that is
    started by that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return start(*arguments, **environment)
    finally:
        signal.signal(signal.SIGINT, before)


def press_ctrl_c(process):
    """Send a process, and all others of its group, what the terminal would."""
    os.killpg(process.pid, signal.SIGINT)


def are_gone(pids):
    """Wait until processes are gone; returns whether they are, in good time."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not any(map(is_alive, pids)):
            return True
        time.sleep(0.02)
    return False


def is_alive(pid):
    """Tell whether a process runs, as far as its number tells.

    One that has ended does not, though in a container nobody may take note of it.
    """
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        # Gone meanwhile, or a system without /proc, where it was there just now.
        return not Path("/proc/self").exists()
    return state != "Z"


def run(*arguments, **environment):
    """Run ``manage.py``; returns status, standard output and standard error."""
    given = {**clean_environment(), **environment}
    variables = {name: str(value) for name, value in given.items()}
    warm = warm_interpreter(settings.BASE_DIR)
    return warm.run([*map(str, arguments)], variables)


def run_behave(*arguments):
    """Run behave itself, without Django, in one process."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "behave", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout, result.stderr


def clean_environment():
    """Return the environment without what would choose features or workers."""
    left_out = ("FEATURE", "BDD_SCHEMA_ISOLATION", "TEST_WORKER_ID", "COLUMNS")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in left_out and not name.startswith("DJANGO_TEST_")
    }


def write_tree(folder, files):
    """Write files, given by path below ``folder``."""
    for name, text in files.items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


# What differs from one run to the next, and what stands for it.
VOLATILE = (
    (re.compile(r"^USING RUNNER: .*\n", re.MULTILINE), ""),
    # The wrapper around a hook is one call more; columns do not travel.
    (re.compile(r'^ *File ".*/testing/bdd/.*\n.*\n', re.MULTILINE), ""),
    (re.compile(r"^ *[~^]+\n", re.MULTILINE), ""),
    (re.compile(r"\b\d+\.\d+s"), "0.000s"),
    (re.compile(r"\b\d+min "), "0min "),
    (re.compile(r'"duration": [0-9.e-]+'), '"duration": 0'),
    (re.compile(r'(time|timestamp|hostname)="[^"]*"'), r'\1=""'),
    (re.compile(r"0x[0-9a-f]+"), "0x0"),
    (re.compile(r" +\|? *\d+\.\d+ *\|?"), " 0.0"),
)


def normalised(text):
    """Return a report without durations, moments and hosts."""
    for pattern, replacement in VOLATILE:
        text = pattern.sub(replacement, text)
    return text
