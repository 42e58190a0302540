"""A thread that does something again and again, and is not there during a fork."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

__all__ = ["Ticker"]

# Tickers that run in this process.
_tickers: set[Ticker] = set()


class Ticker:
    """Calls ``act`` each ``interval`` seconds until it is stopped.

    A child that is forked while another thread holds a lock waits for it for
    ever; so around each fork of this process the thread is ended and started
    anew. A child has no ticker.
    """

    def __init__(self, act: Callable[[], None], *, interval: float) -> None:
        self._act = act
        self._interval = interval
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether the thread is there."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin; it does not keep the process from ending."""
        _tickers.add(self)
        self.resume()

    def stop(self) -> None:
        """End, and wait for what is being done."""
        _tickers.discard(self)
        self.suspend()

    def resume(self) -> None:
        """Have a thread again."""
        if self._thread is None:
            self._halt = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(self._halt,), name="ticker", daemon=True
            )
            self._thread.start()

    def suspend(self) -> None:
        """End the thread for now."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._halt.set()
            thread.join()

    def _run(self, halt: threading.Event) -> None:
        try:
            while not halt.wait(self._interval):
                self._act()
        except OSError:
            # The stream is gone: there is nobody left to show it to.
            return


def _before_fork() -> None:
    for ticker in _tickers:
        ticker.suspend()


def _after_fork_in_parent() -> None:
    for ticker in _tickers:
        ticker.resume()


def _after_fork_in_child() -> None:  # pragma: no cover - test_fork, in its child
    # Each one was suspended by the parent a moment ago.
    _tickers.clear()


if hasattr(os, "register_at_fork"):  # pragma: no branch - absent on Windows alone
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
