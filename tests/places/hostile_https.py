"""A little https server that does as told, at any stage, and notes what it was sent.

Without tricks it is a correct one that says 200 with `answer`. Stages, in order: `accept` (before TLS), `head` (before
a byte of the request is read), `body` (its head is read), `answer` (all of it is read).
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.places.tricks import HangUp, Listener, Trick


class HostileHttps(Listener):
    """`certificate` is (chain, key); `client_ca` a PEM of authorities one of which a client must show a certificate of.

    `answer` may be any bytes that stand after the status line and the length.
    """

    def __init__(
        self,
        certificate: tuple[Path, Path],
        tricks: Mapping[str, Trick] | None = None,
        *,
        client_ca: Path | None = None,
        answer: bytes = b"",
    ) -> None:
        self._tricks = dict(tricks or {})
        self.answer = answer
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(*map(str, certificate))
        if client_ca is not None:
            self.context.load_verify_locations(client_ca)
            self.context.verify_mode = ssl.CERT_REQUIRED
        self._mine = threading.local()  # each conversation has its own thread
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.names: list[str | None] = []
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        super().__init__()

    def talk(self, connection: socket.socket, held: ExitStack) -> None:
        """Go over to TLS, and answer request after request."""
        self._at("accept", connection)
        connection = self.context.wrap_socket(connection, server_side=True)
        held.callback(connection.close)
        self.keep(connection)
        self._mine.unread = b""
        while True:
            self._at("head", connection)
            head = self._read_until(connection, b"\r\n\r\n").decode("latin-1")
            self.heads.append(head)
            self._at("body", connection)
            length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
            while len(self._mine.unread) < length:
                self._more(connection)
            self.bodies.append(self._mine.unread[:length])
            self._mine.unread = self._mine.unread[length:]
            if "answer" in self._tricks:
                self._at("answer", connection)
            else:
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(self.answer) + self.answer)

    def _at(self, stage: str, connection: socket.socket) -> None:
        if stage in self._tricks:
            self._tricks[stage](connection, self.stopping)

    def _read_until(self, connection: socket.socket, end: bytes) -> bytes:
        while end not in self._mine.unread:
            self._more(connection)
        piece, _, self._mine.unread = self._mine.unread.partition(end)
        return piece + end

    def _more(self, connection: socket.socket) -> None:
        chunk = connection.recv(65536)
        if not chunk:
            raise HangUp
        self._mine.unread += chunk
