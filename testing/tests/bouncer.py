"""A PgBouncer of a test's own, in front of the server that tests run on."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from testing.server_account import give_to_server, server_identity

PORT = 6432

CONFIGURATION = """
[databases]
* = host={host} port={server_port}{then}

[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
logfile = {folder}/log
pidfile = {folder}/pid
pool_mode = {mode}
server_round_robin = {round_robin}
default_pool_size = 20
max_client_conn = 50
query_wait_timeout = 10
server_reset_query = {reset}
ignore_startup_parameters = {ignored}
"""


def program():
    """Return where PgBouncer is, None where it is not installed."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    return shutil.which("pgbouncer", path=path)


@contextmanager
def bouncer(connection, mode, *, ignored="extra_float_digits", round_robin=0, then=""):
    """Run PgBouncer for as long as the block lasts; yields its HOST and PORT.

    ``then`` is a search_path on which it puts each session of the server.
    """
    settings = connection.settings_dict
    host = settings["HOST"] or "/tmp"
    with tempfile.TemporaryDirectory(prefix="bouncer") as name:
        folder = Path(name)
        identity = _give_to_neighbour(folder, host)
        (folder / "ini").write_text(
            CONFIGURATION.format(
                # auth_type any logs in as the user of the connection string.
                host=f"{host} user={settings['USER']}"
                + (f" password={settings['PASSWORD']}" if settings["PASSWORD"] else ""),
                server_port=settings["PORT"] or 5432,
                folder=folder,
                port=PORT,
                mode=mode,
                round_robin=round_robin,
                then=f" connect_query='SET search_path TO {then}'" if then else "",
                ignored=ignored,
                # DISCARD ALL, its own, would undo what `then` has set.
                reset="SELECT pg_advisory_unlock_all()" if then else "DISCARD ALL",
            )
        )
        process = subprocess.Popen([program(), "--quiet", folder / "ini"], **identity)
        try:
            _wait_for(folder / f".s.PGSQL.{PORT}")
            yield {"HOST": str(folder), "PORT": str(PORT)}
        finally:
            process.terminate()
            process.wait()


def _give_to_neighbour(folder, host):
    """Let who may enter the server's folder own ``folder``.

    Returns the subprocess arguments that make PgBouncer run as that account: it
    refuses to be root's, and a server may keep its sockets from all others.
    """
    owner = Path(host).stat() if host.startswith("/") else None
    if os.getuid() != 0 or owner is None or owner.st_uid == 0:
        give_to_server(folder)
        return server_identity()
    os.chown(folder, owner.st_uid, owner.st_gid)
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}


def _wait_for(path):
    for _ in range(500):
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(str(path)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError(f"PgBouncer does not listen on {path}.")
