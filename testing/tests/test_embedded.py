"""The embedded server: started by the first, stopped by the last, private."""

import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import TestCase, mock

from testing import embedded
from testing.embedded import (
    LONGEST_SOCKET_PATH,
    EmbeddedServer,
    EmbeddedServerError,
    database_settings,
)
from testing.extras import EXTRAS
from testing.tests.absent import without

# Holds the server until a line comes in.
USE_SERVER = """
import sys
from pathlib import Path
from testing.embedded import EmbeddedServer

server = EmbeddedServer(Path(sys.argv[1]))
server.ensure_running(database="probe")
print("running", server.is_answering(), flush=True)
sys.stdin.readline()
"""


class FolderCase(TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.parent = Path(place.name)
        self.folder = self.parent / "postgres"
        self.server = EmbeddedServer(self.folder)


class SettingsTests(FolderCase):
    def test_settings(self):
        """The settings name the backend, the socket and the folder; nothing starts."""
        settings = database_settings(folder=self.folder, name="shop")
        self.assertEqual(settings["ENGINE"], "testing.backends.embedded")
        self.assertEqual((settings["NAME"], settings["USER"]), ("shop", "postgres"))
        self.assertEqual(settings["HOST"], str(self.folder))
        self.assertIs(self.folder.exists(), False)

    def test_long_path(self):
        """A path too long for a socket has it in a short folder of its own."""
        short = EmbeddedServer(Path("/x") / ("y" * 60))
        self.assertEqual(short.socket_folder, short.folder)
        long = EmbeddedServer(Path("/x") / ("y" * 100))
        other = EmbeddedServer(Path("/x") / ("z" * 100))
        for server in (long, other):
            path = server.socket_folder / ".s.PGSQL.5432"
            self.assertLess(len(os.fsencode(path)), LONGEST_SOCKET_PATH)
        self.assertNotEqual(long.socket_folder, other.socket_folder)
        self.assertIn(str(os.getuid()), long.socket_folder.name)

    def test_runtime_folder(self):
        """The short folder is in XDG_RUNTIME_DIR where there is one."""
        long = EmbeddedServer(Path("/x") / ("y" * 100))
        with mock.patch.dict(os.environ, XDG_RUNTIME_DIR="/run/me"):
            self.assertEqual(long.socket_folder.parent, Path("/run/me"))

    def test_release_of_what_is_not_held(self):
        """Who does not hold the server does not stop it, nor one that is gone."""
        with mock.patch.object(embedded.os, "kill") as kill:
            self.server.release()
            self.assertIs(self.folder.exists(), False)
            self.folder.mkdir()
            self.server._stop()
        kill.assert_not_called()

    def test_nobody_answers(self):
        """Without a server nothing answers."""
        self.assertIs(self.server.is_answering(), False)


class FailureTests(FolderCase):
    def assertFailure(self, words):
        with self.assertRaises(EmbeddedServerError) as caught:
            self.server.ensure_running(database="probe")
        self.assertIn(words, str(caught.exception))
        self.assertIn("Next: ", str(caught.exception))
        self.assertNotIn((os.getpid(), self.folder), embedded._held)

    def test_missing_wheel(self):
        """Without its packages the message says what to install."""
        for name in EXTRAS["embedded"]:
            with self.subTest(name=name), without(name):
                self.assertFailure("pip install 'django-schema-testing[embedded]', or")

    def test_windows(self):
        """Where there are no such sockets the message says what to set."""
        with mock.patch.object(embedded.sys, "platform", "win32"):
            self.assertFailure("Windows does not offer")

    def test_failing_program(self):
        """A program that fails is quoted."""
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "data" / "PG_VERSION").write_text("9.1\n")
        self.assertFailure("failed at `pg_ctl`")

    def test_folder_of_somebody_else(self):
        """The folder of another user is not touched."""
        self.folder.mkdir()
        owner = self.folder.stat().st_uid
        with mock.patch("os.getuid", return_value=owner + 1):
            self.assertFailure("belongs to another user")

    def test_read_only(self):
        """A folder that cannot be written is named, and what the system says."""
        self.parent.joinpath("postgres").write_text("a file, so nobody can enter it")
        self.assertFailure(f"{self.folder} of the embedded PostgreSQL cannot be writ")
        self.folder.unlink()
        refusal = OSError(errno.EROFS, "Read-only file system")
        with mock.patch.object(Path, "chmod", side_effect=refusal):
            self.assertFailure("cannot be written (Read-only file system), so")

    def test_interrupt(self):
        """Ctrl-C does not reach the server's programs, nor the server."""
        with mock.patch("subprocess.run", return_value=mock.Mock(returncode=0)) as run:
            self.server.ensure_running(database="probe")
            self.addCleanup(self.server.release)
        programs = [call.kwargs for call in run.call_args_list if "cwd" in call.kwargs]
        self.assertGreater(len(programs), 1)
        for given in programs:
            self.assertIs(given["start_new_session"], True)


class LifeTests(FolderCase):
    def use(self):
        """Start a process that uses the server until it is told to go."""
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", USE_SERVER, str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(embedded.__file__).parent.parent,
        )
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.communicate("\n")
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()

    def leave(self, process):
        """Let a process go; assert that it said nothing."""
        _, error = process.communicate("\n")
        self.assertEqual((process.returncode, error), (0, ""))

    def test_life(self):
        """Two start it at once, the last one stops it, a killed one harms nobody."""
        modes = {p: stat.S_IMODE(p.stat().st_mode) for p in (self.parent, Path("/tmp"))}
        first, second = self.use(), self.use()
        for process in (first, second):
            self.assertEqual(process.stdout.readline(), "running True\n")
        for path in (self.folder, self.server.data):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o700)
        self.leave(first)
        self.assertIs(self.server.is_answering(), True)
        second.send_signal(signal.SIGKILL)
        second.wait()
        self.assertIs(self.server.is_answering(), True)
        third = self.use()
        self.assertEqual(third.stdout.readline(), "running True\n")
        self.leave(third)
        self.assertIs(self.server.is_answering(), False)
        fourth = self.use()
        self.assertEqual(fourth.stdout.readline(), "running True\n")
        self.leave(fourth)
        self.assertIs(self.server.is_answering(), False)
        self.assertEqual((self.folder / "databases").read_text(), "probe\n")
        for path, mode in modes.items():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), mode)

    def test_leftover_socket(self):
        """A socket that a killed server left behind is no server."""
        self.folder.mkdir()
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(self.folder / ".s.PGSQL.5432"))
        self.assertIs(self.server.is_answering(), False)
