"""Counting the statements of a request as they pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["StatementCount"]


class StatementCount:
    """An execute wrapper of Django's that counts what passes through it."""

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Count a statement, and let it pass."""
        self.total += 1
        return execute(*arguments)
