"""Where a suite lives: its sources, its environment, the settings made for it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from bench.suite_catalog import Suite
from testing.embedded import PORT, SUPERUSER

ROOT = Path(__file__).resolve().parent.parent
DJANGO = "Django>=5.2,<5.3"

SETTINGS = '''"""Made by bench/suites.py: the project's settings, on another server."""

{settings}

DATABASES = {{
    alias: {{
        **entry,
        "ENGINE": {engine!r},
        "NAME": {name!r} + "_" + alias,
        "USER": {user!r},
        "PASSWORD": "",
        "HOST": {host!r},
        "PORT": {port!r},
    }}
    for alias, entry in DATABASES.items()
    if alias in ({aliases!r} or DATABASES)
}}
'''
STOCK = '''"""Django's stock runner, or the project's own."""

from suite_settings import *

TEST_RUNNER = "suite_stock_runner.Runner"
'''
OURS = '''"""This engine's runner."""

from suite_settings import *

INSTALLED_APPS = type(INSTALLED_APPS)([*INSTALLED_APPS, "testing"])
TEST_RUNNER = "suite_ours_runner.Runner"
'''
CONFIGURE = '''"""`manage.py test` for a project that calls settings.configure()."""

import importlib
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

found = next(one for one in sys.argv if one.startswith("--settings="))
made = importlib.import_module(found.partition("=")[2])
names = [name for name in dir(made) if name.isupper()]
settings.configure(**{name: getattr(made, name) for name in names})
if __name__ == "__main__":
    rest = [one for one in sys.argv[1:] if one is not found]
    execute_from_command_line(["manage.py", "test", *rest])
'''
SCRIPT = '''"""Django's own runtests.py, which chooses the apps itself."""

import ast
import sys
from pathlib import Path

sys.argv[0] = str(Path("runtests.py").resolve())
import runtests

if "--settings=suite_ours" in sys.argv:
    runtests.ALWAYS_INSTALLED_APPS.append("testing")
# What is left is the script's own `if __name__ == "__main__"`.
tree = ast.parse(Path("runtests.py").read_text())
runtests.__name__ = "__main__"
sys.modules["__main__"] = runtests
main = ast.Module([tree.body[-1]], [])
exec(compile(main, "runtests.py", "exec"), vars(runtests))
'''
STOCK_RUNNER = '''"""The stock side, recorded."""

from django.test.runner import DiscoverRunner
from suite_recording import Recording


class Runner(Recording, DiscoverRunner):
    pass
'''
OURS_RUNNER = '''"""Our side, recorded."""

from suite_recording import Recording
from testing.runner import SchemaRunner


class Runner(Recording, SchemaRunner):
    pass
'''


@dataclass(frozen=True)
class Place:
    """The folder of one suite."""

    suite: Suite
    folder: Path
    source: Path

    @property
    def python(self) -> Path:
        """The interpreter of the suite's environment."""
        return self.folder / "environment" / "bin" / "python"

    @property
    def made(self) -> Path:
        """The folder with what is made for the suite, on its path."""
        return self.folder / "made"

    def command(self, side: str, *arguments: str) -> list[str]:
        """Return the command that runs a side's tests."""
        program = {
            "django test": ["-m", "django", "test"],
            "configure": [str(self.made / "suite_configure.py")],
            "runtests.py": [str(self.made / "suite_script.py")],
        }[self.suite.program]
        return [str(self.python), *program, f"--settings=suite_{side}", *arguments]

    def record(self, side: str, number: int) -> Path:
        """Return where a run writes its outcomes."""
        return self.folder / f"{side}-{number}.json"

    def log(self, side: str, number: int) -> Path:
        """Return where a run's output goes."""
        return self.folder / f"{side}-{number}.log"

    def environment(self) -> dict[str, str]:
        """Return the variables a run has: nothing of this project's own."""
        paths = [self.made, self.source / self.suite.folder, self.source]
        paths += [self.source / path for path in self.suite.paths]
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("DJANGO_", "DATABASE_", "PG", "TEST", "BDD_"))
        }
        return {
            **kept,
            **self.suite.environment,
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
        }

    def clean(self) -> None:
        """Remove what an earlier run has left behind."""
        for leftover in self.suite.leftovers:
            shutil.rmtree(self.source / leftover, ignore_errors=True)


def prepare(suite: Suite, *, folder: Path, host: Path) -> Place:
    """Download, unpack and install what is missing; write the settings anew.

    ``host`` is the folder with the server's socket.

    Raises:
        CalledProcessError: pip failed; its words are in ``stderr``.

    """
    home = folder / suite.name
    home.mkdir(parents=True, exist_ok=True)
    archive = _download(suite, folder=home)
    place = Place(suite, home, _unpack(archive, folder=home))
    _install(place, archive=archive)
    _write_settings(place, host=host)
    return place


def _download(suite: Suite, *, folder: Path) -> Path:
    """Fetch the source distribution, unless it is there.

    pip looks into what it downloads, with the project's own build system; those
    packages come as wheels, hence the name in `--no-binary`.
    """
    wanted = f"{suite.name}=={suite.version}"
    if not (found := sorted((folder / "download").glob("*.tar.gz"))):
        _pip(
            Path(sys.executable),
            "download",
            "--no-deps",
            f"--no-binary={suite.name}",
            f"--dest={folder / 'download'}",
            wanted,
        )
        found = sorted((folder / "download").glob("*.tar.gz"))
    return found[-1]


def _unpack(archive: Path, *, folder: Path) -> Path:
    target = folder / "source"
    if not target.exists():
        unfinished = folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        with tarfile.open(archive) as content:
            content.extractall(unfinished, filter="data")
        (inner,) = unfinished.iterdir()
        inner.rename(target)
        unfinished.rmdir()
    return target


def _install(place: Place, *, archive: Path) -> None:
    """Make the environment, unless one with the same requirements is there."""
    suite = place.suite
    wanted = [DJANGO, "psycopg[binary,pool]>=3.2", "tblib", *suite.requires]
    if suite.requires_file:
        wanted.append(f"--requirement={place.source / suite.requires_file}")
    wanted.append(str(archive))
    digest = hashlib.sha256(json.dumps(wanted).encode()).hexdigest()
    stamp = place.folder / "environment" / "installed"
    if stamp.exists() and stamp.read_text() == digest:
        return
    environment = place.folder / "environment"
    subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(environment)],
        check=True,
        capture_output=True,
        text=True,
    )
    _pip(place.python, "install", *wanted)
    stamp.write_text(digest)


def _pip(python: Path, *arguments: str) -> None:
    subprocess.run(
        [str(python), "-m", "pip", "--quiet", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )


def _write_settings(place: Place, *, host: Path) -> None:
    place.made.mkdir(exist_ok=True)
    texts = {
        "suite_settings.py": SETTINGS.format(
            settings=place.suite.settings.strip(),
            name=place.suite.name.replace("-", "_"),
            user=SUPERUSER,
            host=str(host),
            port=str(PORT),
            aliases=place.suite.aliases,
            engine=place.suite.engine,
        ),
        "suite_configure.py": CONFIGURE,
        "suite_script.py": SCRIPT,
        "suite_stock.py": STOCK,
        "suite_ours.py": OURS,
        "suite_stock_runner.py": STOCK_RUNNER,
        "suite_ours_runner.py": OURS_RUNNER,
    }
    for name, text in texts.items():
        (place.made / name).write_text(text)
    for name, target in {
        "testing": ROOT / "testing",
        "suite_recording.py": ROOT / "bench" / "suite_recording.py",
    }.items():
        (place.made / name).unlink(missing_ok=True)
        (place.made / name).symlink_to(target)
