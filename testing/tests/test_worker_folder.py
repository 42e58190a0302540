"""A worker's folder: its own, gone with it, also when it was killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import TestCase, mock

from testing.worker_folder import WorkerFolder, sweep_folders

HOLD = """
import sys
from testing.worker_folder import WorkerFolder
print(WorkerFolder.make(slot="test_w1").path, flush=True)
sys.stdin.read()
"""


class WorkerFolderTests(TestCase):
    def setUp(self):
        place = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(mock.patch("tempfile.tempdir", place))
        self.place = Path(place)

    def hold(self):
        """Start a process that holds a folder; returns both."""
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            env={**os.environ, "TMPDIR": str(self.place)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process, Path(process.stdout.readline().strip())

    def test_own(self):
        """Two folders of one slot are two, private, and removed one by one."""
        first, second = (WorkerFolder.make(slot="test_w1") for _ in range(2))
        self.assertNotEqual(first.path, second.path)
        self.assertIn("test_w1", first.path.name)
        self.assertEqual(first.path.stat().st_mode & 0o777, 0o700)
        (first.path / "x" / "y").mkdir(parents=True)
        first.remove()
        self.assertEqual(list(self.place.iterdir()), [second.path])
        second.remove()
        self.assertEqual(list(self.place.iterdir()), [])

    def test_killed(self):
        """A killed process's folder goes at the next start; a live one's stays."""
        dead, folder_of_dead = self.hold()
        _, folder_of_live = self.hold()
        dead.kill()
        dead.wait()
        self.assertTrue(folder_of_dead.exists())
        mine = WorkerFolder.make(slot="test_w2")
        self.assertFalse(folder_of_dead.exists())
        self.assertTrue(folder_of_live.exists())
        mine.remove()

    def test_swept_while_made(self):
        """Whoever is swept between folder and lock makes another one."""
        real, seen = os.open, []

        def interrupted(path, *arguments, **more):
            descriptor = real(path, *arguments, **more)
            if not seen:
                seen.append(Path(path).parent)
                sweep_folders()
            return descriptor

        with mock.patch("testing.worker_folder.os.open", interrupted):
            folder = WorkerFolder.make(slot="test_w1")
        self.assertNotEqual(folder.path, seen[0])
        self.assertFalse(seen[0].exists())
        self.assertTrue(folder.path.exists())
        folder.remove()

    def test_killed_while_removed(self):
        """What is left of a folder whose lock went first is removed; makers go on."""
        (self.place / "schema-testing-test_w1-x").mkdir()
        sweep_folders()
        self.assertEqual(list(self.place.iterdir()), [])
        real, seen = tempfile.mkdtemp, []

        def swept(**arguments):
            path = real(**arguments)
            if not seen:
                seen.append(path)
                sweep_folders()
            return path

        with mock.patch("testing.worker_folder.tempfile.mkdtemp", swept):
            folder = WorkerFolder.make(slot="test_w1")
        self.assertNotEqual(str(folder.path), seen[0])
        self.assertEqual(list(self.place.iterdir()), [folder.path])
        folder.remove()

    def test_foreign_folders(self):
        """What carries no lock of ours is nobody's to remove."""
        kept = self.place / "schema-testing-notes"
        kept.mkdir()
        (kept / "note").touch()
        (self.place / "schema-testing-file").touch()
        sweep_folders()
        self.assertEqual(len(list(self.place.iterdir())), 2)

    def test_folders_of_another_user(self):
        """Another user's are left to that user; one's own go."""
        dead, folder = self.hold()
        dead.kill()
        dead.wait()
        with mock.patch("testing.worker_folder.os.getuid", return_value=-1):
            sweep_folders()
        self.assertTrue(folder.exists())
        sweep_folders()
        self.assertFalse(folder.exists())
