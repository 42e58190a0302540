"""A folder of a worker's own below the temporary folder, gone when it ends.

A worker that is killed cannot remove its folder. It holds a lock on it, which
ends with the process: whoever comes next removes folders without one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["WorkerFolder", "sweep_folders"]

PREFIX = "schema-testing-"
LOCK = "lock"


@dataclass
class WorkerFolder:
    """A folder that nobody else sees, from :meth:`make` to :meth:`remove`."""

    path: Path
    _lock: int

    @classmethod
    def make(cls, *, slot: str) -> WorkerFolder:
        """Make a folder for a slot, empty, and remove those of the dead."""
        sweep_folders()
        while True:
            path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{slot}-"))
            # Somebody who swept may have been quicker, and taken it for dead.
            try:
                descriptor = os.open(path / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            except FileNotFoundError:
                continue
            if _try_to_lock(descriptor) and (path / LOCK).exists():
                return cls(path, descriptor)
            os.close(descriptor)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep_folders() -> None:
    """Remove folders of this user's workers that ended without doing so."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # It may go away at any time: others sweep, too.
        with contextlib.suppress(OSError):
            if path.stat().st_uid == os.getuid():
                _remove_if_dead(path)


def _remove_if_dead(path: Path) -> None:
    try:
        descriptor = os.open(path / LOCK, os.O_RDWR)
    except FileNotFoundError:
        # Killed while it was removed; one with something in it is not the engine's.
        path.rmdir()
        return
    try:
        if _try_to_lock(descriptor):
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(descriptor)


def _try_to_lock(descriptor: int) -> bool:
    """Take the lock unless another process has it; it ends with this process."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
