"""One run of the suite in a process of its own, watched from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from testing.bdd.record import RunRecord
from testing.bdd.record_file import read_record

ROOT = Path(__file__).resolve().parent.parent
# A run takes about ten seconds; one that takes so long hangs.
LONGEST_RUN = 300.0


class Broken(Exception):
    """A promise was not kept."""


class Run:
    """One ``manage.py behave`` in a process of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.record_path = folder / f"{time.monotonic_ns()}.jsonl"
        # Closed with the process that soaks; the run may write until then.
        self.output = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115
        command = [sys.executable, "-W", "error", "manage.py", "behave"]
        command += ["--tags", "not @browser", "--format", "progress", "--jobs", "2"]
        command += ["--events", str(self.record_path), *arguments]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            # Ctrl-C here is for the soak alone.
            start_new_session=True,
        )

    def wait(self) -> int:
        try:
            return self.process.wait(LONGEST_RUN)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise Broken(f"hung for {LONGEST_RUN:.0f} s\n{self.tail()}") from None

    def workers(self) -> list[int]:
        """Return the process numbers of the run's workers."""
        try:
            text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            return [int(number) for number in text.read_text().split()]
        except FileNotFoundError:
            return []

    def record(self) -> RunRecord:
        return read_record([self.record_path])

    def has_begun(self) -> bool:
        """Tell whether a scenario has ended."""
        return (
            self.record_path.exists()
            and b'"kind": "scenario"' in self.record_path.read_bytes()
        )

    def wait_until_begun(self) -> None:
        deadline = time.monotonic() + LONGEST_RUN
        while not self.has_begun() and self.process.poll() is None:
            if time.monotonic() > deadline:
                raise Broken(f"did not begin\n{self.tail()}")
            time.sleep(0.02)

    def tail(self) -> str:
        self.output.seek(0)
        return self.output.read()[-3000:]


def resident(number: int) -> int:
    """Return a process's resident memory in KiB, 0 when it is gone."""
    try:
        status = Path(f"/proc/{number}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) if found else 0
