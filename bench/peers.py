"""Other people's runners and what draws plots: in a virtual environment of their own.

It is made below bench/results/ from the group ``bench`` of pyproject.toml, and
sees this project's own packages after its own, so that peers can load Django.
"""

from __future__ import annotations

import os
import subprocess
import sysconfig
import tomllib
import venv
from pathlib import Path

from bench.tables import RESULTS, ROOT

FOLDER = RESULTS / "peers"


def packages() -> list[str]:
    """Return what is installed there, as pyproject.toml says."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return list(content["dependency-groups"]["bench"])


def programs() -> Path:
    """Make the environment, or find it; returns the folder of its programs."""
    folder = FOLDER / ("Scripts" if os.name == "nt" else "bin")
    done = FOLDER / "installed.txt"
    if not done.exists() or done.read_text().splitlines() != packages():
        print("Installing the group `bench` into bench/results/peers …", flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
        pip = [str(folder / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *packages()], check=True)
        paths = {"base": str(FOLDER), "platbase": str(FOLDER)}
        place = Path(sysconfig.get_path("purelib", vars=paths))
        # A site-packages that is named in a .pth file comes after the own one.
        (place / "project.pth").write_text(sysconfig.get_path("purelib") + "\n")
        done.write_text("\n".join(packages()))
    return folder
