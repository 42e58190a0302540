"""Attachments of a page: shown inline while there is room, otherwise only named."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = ["Attachment", "AttachmentBudget"]

# What a page may carry in all: larger pages are slow to open and to send.
BUDGET = 1_000_000

# Types that a browser shows as a picture; it runs no script in them.
IMAGES = frozenset(
    f"image/{name}" for name in ("png", "jpeg", "gif", "webp", "avif", "svg+xml")
)


@dataclass(frozen=True)
class Attachment:
    """An attachment as a page shows it: a picture, a text, or a note about it."""

    mime_type: str
    size: int
    source: str = ""
    text: str | None = None
    left_out: str = ""


@dataclass
class AttachmentBudget:
    """Hands out what room is left on one page, in the order of asking."""

    left: int = BUDGET
    left_out: int = field(default=0, init=False)

    def show(self, attachments: Iterable[Sequence[str]]) -> list[Attachment]:
        """Return how to show pairs of MIME type and data in base 64."""
        return [self._show(mime_type, data) for mime_type, data in attachments]

    def _show(self, mime_type: str, data: str) -> Attachment:
        kind = mime_type.partition(";")[0].strip().lower()
        try:
            content = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            return self._leave_out(mime_type, 0, "its data cannot be read")
        size = len(content)
        is_text = kind.startswith("text/") or kind == "application/json"
        if kind not in IMAGES and not is_text:
            return self._leave_out(mime_type, size, "of a type that is not shown")
        if size > self.left:
            return self._leave_out(mime_type, size, "too large for this page")
        self.left -= size
        if is_text:
            text = content.decode("utf-8", errors="replace")
            return Attachment(mime_type, size, text=text)
        return Attachment(mime_type, size, source=f"data:{kind};base64,{data}")

    def _leave_out(self, mime_type: str, size: int, reason: str) -> Attachment:
        self.left_out += 1
        return Attachment(mime_type, size, left_out=reason)
