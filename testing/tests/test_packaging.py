"""The wheel: the engine alone, whole, with what it needs and no more."""

import base64
import csv
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from email.parser import Parser
from pathlib import Path

from django.conf import settings
from django.test import SimpleTestCase

from testing.extras import DISTRIBUTION, EXTRAS


class WheelTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
        subprocess.run(
            [*command, "-d", folder.name],
            cwd=settings.BASE_DIR,
            check=True,
            capture_output=True,
        )
        (path,) = Path(folder.name).iterdir()
        cls.name = path.name
        with zipfile.ZipFile(path) as wheel:
            cls.files = {name: wheel.read(name) for name in wheel.namelist()}
        cls.info = path.name.removesuffix("-py3-none-any.whl") + ".dist-info"
        cls.metadata = Parser().parsestr(cls.files[f"{cls.info}/METADATA"].decode())

    def test_name(self):
        """It is pure Python and bears the distribution's name."""
        self.assertRegex(
            self.name, r"^django_schema_testing-[0-9.]+-py3-none-any\.whl$"
        )
        self.assertEqual(self.metadata["Name"], DISTRIBUTION)
        self.assertIn(self.metadata["Version"], self.name)

    def test_files(self):
        """It holds every file of the engine as it is here, and none of its tests."""
        engine = settings.BASE_DIR / "testing"
        expected = {
            path.relative_to(settings.BASE_DIR).as_posix(): path.read_bytes()
            for path in engine.rglob("*")
            if path.is_file()
            and path.suffix != ".pyc"
            and engine / "tests" not in path.parents
        }
        for name in ("py.typed", "runner.py", "bdd/reports/page/page.html"):
            self.assertIn(f"testing/{name}", expected)
        found = {
            name: content
            for name, content in self.files.items()
            if not name.startswith(f"{self.info}/")
        }
        self.assertEqual(sorted(found), sorted(expected))
        self.assertEqual(found, expected)

    def test_record(self):
        """RECORD names each file with its digest and its size."""
        rows = list(csv.reader(self.files[f"{self.info}/RECORD"].decode().splitlines()))
        self.assertEqual(sorted(row[0] for row in rows), sorted(self.files))
        for name, digest, size in rows:
            if name == f"{self.info}/RECORD":
                continue
            content = self.files[name]
            sha = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
            expected = (f"sha256={sha.decode().rstrip('=')}", str(len(content)))
            self.assertEqual((digest, size), expected, name)

    def test_dependencies(self):
        """Without an extra it brings Django and psycopg."""
        required = self.metadata.get_all("Requires-Dist")
        always = [text for text in required if "extra ==" not in text]
        self.assertEqual(
            [text.partition("<")[0] for text in always], ["django", "psycopg"]
        )

    def test_extras(self):
        """Its extras are the ones that the engine names when it refuses."""
        self.assertEqual(
            sorted(self.metadata.get_all("Provides-Extra")), sorted(EXTRAS)
        )

    def test_description(self):
        """Its page is the guide for projects that adopt it."""
        guide = (settings.BASE_DIR / "docs" / "adopting.md").read_text()
        self.assertEqual(self.metadata.get_payload().strip(), guide.strip())
        self.assertEqual(self.metadata["Description-Content-Type"], "text/markdown")
