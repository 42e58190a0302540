"""What is locked: everything that is asked for, each file of it by its hash.

Which versions are known to be weak only a service on the network can tell; that
audit is left to where there is one.
"""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version

from django.conf import settings
from django.test import SimpleTestCase
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# One locked package: its name, version and marker, then its hashes, indented.
LOCKED = re.compile(
    r"^(?P<head>[A-Za-z0-9].*?)\s*\\?\n(?P<hashes>(?: {4}--hash.*\n)*)", re.M
)


def locked(name):
    """Return the requirements of a lock file with the number of their hashes."""
    text = (settings.BASE_DIR / "requirements" / f"{name}.txt").read_text()
    return [
        (Requirement(found["head"]), found["hashes"].count("--hash=sha256:"))
        for found in LOCKED.finditer(text)
    ]


def asked_for(*groups, extras=()):
    """Return what pyproject.toml asks for, here and now."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    texts = list(project["project"]["dependencies"])
    for group in groups:
        texts += project["dependency-groups"][group]
    for extra in extras:
        texts += project["project"]["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


class LockTests(SimpleTestCase):
    def test_exact_and_hashed(self):
        """Each package is locked to one version, and its files to their hashes."""
        for name in ("base", "dev"):
            packages = locked(name)
            self.assertGreater(len(packages), 10)
            for requirement, hashes in packages:
                with self.subTest(file=name, package=requirement.name):
                    self.assertRegex(str(requirement.specifier), r"^==[^,*]+$")
                    self.assertGreater(hashes, 0)

    def test_whole(self):
        """What is asked for is locked in a version that was asked for."""
        extras = ("bdd", "embedded", "reports")
        for name, wanted in (
            ("base", asked_for("service")),
            ("dev", asked_for("service", "dev", extras=extras)),
        ):
            versions = {
                canonicalize_name(requirement.name): str(requirement.specifier)[2:]
                for requirement, _ in locked(name)
            }
            for requirement in wanted:
                with self.subTest(file=name, package=requirement.name):
                    present = versions[canonicalize_name(requirement.name)]
                    self.assertIn(present, requirement.specifier, "Next: make lock")

    def test_no_drift(self):
        """Where a locked package is installed, it is in the version that is locked."""
        seen = 0
        for requirement, _ in locked("dev"):
            if requirement.marker and not requirement.marker.evaluate():
                continue
            try:
                present = version(requirement.name)
            except PackageNotFoundError:
                continue
            seen += 1
            with self.subTest(package=requirement.name):
                self.assertIn(present, requirement.specifier, "Next: make setup")
        self.assertGreater(seen, 10)
