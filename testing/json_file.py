"""Writing a file of JSON that other processes may read at any moment."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["write_whole"]


def write_whole(path: Path, content: Any) -> None:
    """Write ``content`` so that no reader ever sees half of it; make the folder.

    Raises:
        OSError: the folder cannot be written to.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="unfinished-")
    with os.fdopen(handle, "w") as unfinished:
        json.dump(content, unfinished)
    Path(name).replace(path)
