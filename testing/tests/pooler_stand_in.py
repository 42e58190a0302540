"""What a pooler does, in a few lines, for where PgBouncer is not installed.

It speaks PostgreSQL's protocol as far as libpq needs it: start-up, then whole
messages, of which `Q` and `S` ask the server for an answer that ends with `Z`.
https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import os
import socket
import struct
import tempfile
import threading
from contextlib import contextmanager, suppress

from testing.database import connect
from testing.tests.bouncer import PORT

REFUSAL = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
VERSION = b"server_version\00018.0\0"
# AuthenticationOk, a version that Django supports, a process and a key that no
# server has, and readiness.
WELCOME = (
    b"R" + struct.pack("!ii", 8, 0),
    b"S" + struct.pack("!i", len(VERSION) + 4) + VERSION,
    b"K" + struct.pack("!iii", 12, -4711, 1),
    b"Z" + struct.pack("!i", 5) + b"I",
)


@contextmanager
def stand_in(connection, mode, *, ignored="", then="", **_):
    """Serve until the block ends; yields HOST and PORT, as ``bouncer`` does."""
    with tempfile.TemporaryDirectory(prefix="stand") as folder:
        pooler = StandIn(connection, mode, refuses="options" not in ignored, then=then)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{folder}/.s.PGSQL.{PORT}")
        listener.listen()
        acceptor = threading.Thread(target=pooler.accept, args=(listener,))
        acceptor.start()
        try:
            yield {"HOST": folder, "PORT": str(PORT)}
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            listener.close()
            pooler.close()


class StandIn:
    """Lends sessions of the server: one for each client, or one for all."""

    def __init__(self, connection, mode, *, refuses, then):
        # As somebody who knows nothing of the run's own schema.
        self.connection = connection.copy()
        self.connection.settings_dict["OPTIONS"].pop("options", None)
        self.refuses = refuses
        self.then = then
        self.sessions = []
        self.clients = []
        self.opening = threading.Lock()
        self.shared = None if mode == "session" else (threading.Lock(), self.open())

    def open(self):
        """Open a session of the server; returns its socket."""
        session = connect(self.connection)
        self.sessions.append(session)
        if self.then:
            session.execute(f"SET search_path TO {self.then}")
        server = socket.socket(fileno=os.dup(session.pgconn.socket))
        server.setblocking(True)
        self.sessions.append(server)
        return server

    def accept(self, listener):
        """Take in clients until the listener is shut."""
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                thread = threading.Thread(target=self.serve, args=(client,))
                self.clients.append((client, thread))
                thread.start()

    def serve(self, client):
        """Serve one client until it leaves."""
        with suppress(EOFError, OSError), client:
            length, _ = struct.unpack("!ii", exactly(client, 8))
            if b"\0options\0" in exactly(client, length - 8) and self.refuses:
                client.sendall(b"E" + struct.pack("!i", len(REFUSAL) + 4) + REFUSAL)
                return
            client.sendall(b"".join(WELCOME))
            if self.shared is None:
                with self.opening:
                    lock, server = threading.Lock(), self.open()
            else:
                lock, server = self.shared
            while True:
                self.answer(client, server, lock)

    def answer(self, client, server, lock):
        """Pass one transaction on, from its first message to the idle server."""
        message = receive(client)
        with lock:
            while True:
                if message[:1] == b"X":
                    raise EOFError
                server.sendall(message)
                if message[:1] in b"QS" and self.relay(server, client) == b"I":
                    return
                message = receive(client)

    def relay(self, server, client):
        """Pass an answer back; returns the state of the transaction."""
        while True:
            message = receive(server)
            client.sendall(message)
            if message[:1] == b"Z":
                return message[-1:]

    def close(self):
        """Send everybody away."""
        for client, thread in self.clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            thread.join()
        for session in self.sessions:
            session.close()


def receive(end):
    """Return one whole message."""
    head = exactly(end, 5)
    return head + exactly(end, struct.unpack("!i", head[1:])[0] - 4)


def exactly(end, size):
    """Return so many bytes; raises EOFError where the other side has left."""
    content = b""
    while len(content) < size:
        more = end.recv(size - len(content))
        if not more:
            raise EOFError
        content += more
    return content
