"""Who the embedded PostgreSQL runs as: PostgreSQL refuses to run as root."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from testing.errors import SetupFailure

__all__ = ["EmbeddedServerError", "give_to_server", "server_identity"]

# unshare(2), linux/sched.h.
CLONE_NEWUSER = 0x10000000


class EmbeddedServerError(SetupFailure):
    """The embedded server cannot serve; the message says what to do next."""


def _enter_user_namespace() -> None:  # pragma: no cover - between fork and exec
    """Run as an ordinary user of a namespace whose only user is root outside.

    PostgreSQL refuses to run as root. In such a namespace it sees itself as
    nobody, while its files stay root's alone and no folder has to be opened.
    Runs in the child between fork and exec, hence nothing but system calls.
    """
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("65534 0 1")
    Path("/proc/self/gid_map").write_text("65534 0 1")


def server_identity() -> dict[str, Any]:
    """Return the subprocess arguments that make the server run as not-root."""
    if os.getuid() != 0:
        return {}
    account = _server_account()
    if account is None:
        return {"preexec_fn": _enter_user_namespace}
    return {"user": account, "group": account, "extra_groups": []}


def _server_account() -> int | None:
    """Return the account that serves for root, or None where a namespace does."""
    if os.getuid() != 0 or _namespaces_work():
        return None
    import pwd

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and this machine has neither user "
        "namespaces nor an account `postgres` or `nobody` to run it as. "
        "Next: run as an ordinary user, or name a server of your own in DATABASES"
    )


def give_to_server(folder: Path) -> None:
    """Let the account that runs the server own ``folder``."""
    account = _server_account()
    if account is not None:
        os.chown(folder, account, account)


def _namespaces_work() -> bool:
    """Tell whether a user namespace can be entered, trying it once."""
    if "namespaces" not in _probed:
        try:
            subprocess.run(
                [sys.executable, "-S", "-c", ""],
                preexec_fn=_enter_user_namespace,
                check=True,
            )
            _probed["namespaces"] = True
        except (OSError, subprocess.SubprocessError):
            _probed["namespaces"] = False
    return _probed["namespaces"]


_probed: dict[str, bool] = {}
