"""The parts of the documents that are made from the code: `make docs` writes them.

A generated part stands between two comments that name it; what is around it is
written by hand.
"""

import inspect
import re
import sys
from dataclasses import MISSING, fields
from pathlib import Path

from testing.conf import EngineSettings

ADOPTING = Path(__file__).resolve().parents[2] / "docs" / "adopting.md"
# `    name: text`, then lines that are indented further.
ENTRY = re.compile(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def settings_table():
    """Return a Markdown table of the keys of TESTING, from their docstring."""
    texts = dict(ENTRY.findall(inspect.getdoc(EngineSettings)))
    lines = ["| key | default | effect and reason |", "|---|---|---|"]
    for option in fields(EngineSettings):
        text = " ".join(texts[option.name].split()).replace("``", "`")
        text = text[0].upper() + text[1:].replace("|", "\\|")
        lines.append(f"| `{option.name.upper()}` | {default_of(option)} | {text} |")
    return "\n".join(lines)


def default_of(option):
    """Return the default as it would be written in settings."""
    value = option.default
    if value is MISSING:
        value = option.default_factory()
    if value == ():
        value = []
    return f"`{value!r}`"


PARTS = {"settings": settings_table}


def with_parts(text):
    """Return a document with its generated parts as they ought to be now."""
    for name, make in PARTS.items():
        begin, end = f"<!-- {name}: written by `make docs` -->", f"<!-- {name} end -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"{begin} or {end} is missing. Next: put both back.")
        text = f"{before}{begin}\n{make()}\n{end}{after}"
    return text


def main():
    """Write the documents anew."""
    text = ADOPTING.read_text()
    ADOPTING.write_text(with_parts(text))
    sys.stdout.write(f"wrote {ADOPTING.name}\n")


if __name__ == "__main__":
    main()
