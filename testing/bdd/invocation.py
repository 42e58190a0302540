"""How this process was called, for commands that people paste."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

__all__ = ["manage_command"]


def manage_command(*arguments: str) -> str:
    """Return the line that calls ``manage.py behave`` with ``arguments``.

    It names the same interpreter and the same script as this process was called
    with: ``.venv/bin/python manage.py behave …``, or ``python manage.py …`` where
    that is what ``python`` means.
    """
    script = sys.argv[0] if Path(sys.argv[0]).name == "manage.py" else "manage.py"
    return shlex.join([_interpreter(), script, "behave", *arguments])


def _interpreter() -> str:
    if shutil.which("python") == sys.executable:
        return "python"
    # A virtual environment's link is kept: what it points to has other packages.
    executable = os.path.abspath(sys.executable)  # noqa: PTH100 - resolves no link
    here = Path.cwd()
    if Path(executable).is_relative_to(here):
        return str(Path(executable).relative_to(here))
    return executable
