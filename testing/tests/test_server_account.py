"""Who the embedded server runs as."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from unittest import TestCase, mock

from testing import server_account
from testing.server_account import (
    EmbeddedServerError,
    give_to_server,
    server_identity,
)


class OrdinaryUserTests(TestCase):
    def test_nothing_to_do(self):
        """An ordinary user's server runs as that user."""
        with (
            mock.patch("os.getuid", return_value=1000),
            mock.patch("os.chown") as chown,
        ):
            self.assertEqual(server_identity(), {})
            give_to_server(mock.sentinel.folder)
        chown.assert_not_called()


class NamespaceTests(TestCase):
    """What a child sees that was started as the server is by root."""

    def setUp(self):
        if os.getuid() != 0 or not server_account._namespaces_work():
            self.skipTest("only root needs, and only some machines have namespaces")

    def test_child(self):
        """It is nobody, in a group of nobody's, and what it writes is root's."""
        code = (
            "import os, pathlib, sys; pathlib.Path(sys.argv[1]).touch();"
            " print(os.getuid(), os.geteuid(), os.getgid())"
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "written"
            child = subprocess.run(
                [sys.executable, "-c", code, path],
                **server_identity(),
                capture_output=True,
                text=True,
                check=True,
            )
            self.assertEqual(child.stdout, "65534 65534 65534\n")
            self.assertEqual((path.stat().st_uid, path.stat().st_gid), (0, 0))
        self.assertEqual(os.geteuid(), 0)


class RootTests(TestCase):
    def setUp(self):
        self.enterContext(mock.patch("os.getuid", return_value=0))

    def namespaces(self, work):
        probed = {"namespaces": work}
        return mock.patch.object(server_account, "_probed", probed)

    def test_namespace(self):
        """Where user namespaces work, no other account is involved."""
        with self.namespaces(True), mock.patch("os.chown") as chown:
            self.assertEqual(list(server_identity()), ["preexec_fn"])
            give_to_server(mock.sentinel.folder)
        chown.assert_not_called()

    def test_account(self):
        """Elsewhere the account `postgres` serves, or else `nobody`."""
        accounts = {"postgres": 70, "nobody": 65534}

        def look_up(name):
            return SimpleNamespace(pw_uid=accounts[name])

        for name in ("postgres", "nobody"):
            with (
                self.subTest(name=name),
                self.namespaces(False),
                mock.patch("pwd.getpwnam", side_effect=look_up),
                mock.patch("os.chown") as chown,
            ):
                uid = accounts[name]
                expected = {"user": uid, "group": uid, "extra_groups": []}
                self.assertEqual(server_identity(), expected)
                give_to_server(mock.sentinel.folder)
                chown.assert_called_once_with(mock.sentinel.folder, uid, uid)
            del accounts[name]

    def test_no_account(self):
        """Without namespaces and accounts the message says what to do."""
        with (
            self.namespaces(False),
            mock.patch("pwd.getpwnam", side_effect=KeyError),
            self.assertRaisesRegex(EmbeddedServerError, "Next: run as an ordinary"),
        ):
            server_identity()

    def test_probe(self):
        """Namespaces are tried once, and a refusal is an answer."""
        for effect, answer in ((None, True), (OSError, False)):
            with (
                self.subTest(answer=answer),
                mock.patch.object(server_account, "_probed", {}),
                mock.patch("subprocess.run", side_effect=effect) as run,
            ):
                for _ in range(2):
                    self.assertIs(server_account._namespaces_work(), answer)
                run.assert_called_once()

    def test_this_process_stays_as_it_is(self):
        """Asking who serves changes nothing about the one who asks."""
        before = os.geteuid(), os.getegid(), os.getgroups()
        with self.namespaces(True):
            server_identity()
        self.assertEqual((os.geteuid(), os.getegid(), os.getgroups()), before)
