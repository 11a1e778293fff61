"""A little submission server that does as told, at any stage, and notes what it was sent.

Without tricks it is a correct one: STARTTLS, then MAIL, RCPT, DATA. Stages, in order: `greeting`, `ehlo`, `starttls`,
`handshake`, `ehlo-tls`, `auth`, `auth-challenge`, `mail`, `rcpt`, `data`, `body` (before a byte of it is read), `dot`,
`rset`.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.places.tricks import HangUp, Listener, Trick

OFFERS = ("SIZE 50000000", "8BITMIME", "DSN", "ENHANCEDSTATUSCODES", "AUTH XOAUTH2")


class HostileSmtp(Listener):
    """`offers` are the EHLO words beside STARTTLS; `certificate` is (chain, key)."""

    def __init__(
        self,
        certificate: tuple[Path, Path],
        tricks: Mapping[str, Trick] | None = None,
        *,
        offers: tuple[str, ...] = OFFERS,
        starttls: bool = True,
    ) -> None:
        self._tricks = dict(tricks or {})
        self._offers, self._starttls = offers, starttls
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(*map(str, certificate))
        self._mine = threading.local()  # each conversation has its own thread
        self.commands: list[str] = []
        self.in_clear: list[str] = []
        self.bodies: list[bytes] = []
        super().__init__()

    def talk(self, connection: socket.socket, held: ExitStack) -> None:
        """Greet, and answer command after command."""
        self._mine.unread, secured = b"", False
        self._at("greeting", connection, "220 place ESMTP")
        while True:
            line = self._read_until(connection, b"\r\n").decode("ascii", "replace").rstrip("\r\n")
            (self.commands if secured else self.in_clear).append(line)
            verb = line.partition(" ")[0].upper()
            if verb == "EHLO":
                offers = self._offers if secured or not self._starttls else ("STARTTLS", *self._offers)
                words = "".join(f"250-{each}\r\n" for each in offers)
                self._at("ehlo-tls" if secured else "ehlo", connection, f"250-place\r\n{words}250 HELP")
            elif verb == "STARTTLS":
                self._at("starttls", connection, "220 2.0.0 go")
                self._at("handshake", connection, None)
                connection = self._context.wrap_socket(connection, server_side=True)
                held.callback(connection.close)
                self.keep(connection)
                secured = True
            elif verb == "AUTH":
                self._sign_in(connection, line)
            elif verb == "DATA":
                self._at("data", connection, "354 go")
                self._take(connection)
            elif verb == "QUIT":
                raise HangUp
            else:
                self._at(verb.lower(), connection, "250 2.1.0 ok")

    def _sign_in(self, connection: socket.socket, line: str) -> None:
        if line.count(" ") == 1:
            connection.sendall(b"334 \r\n")
            self.commands.append(self._read_until(connection, b"\r\n").decode().rstrip())
        if "auth-challenge" in self._tricks:
            self._at("auth-challenge", connection, None)
            self._read_until(connection, b"\r\n")
        self._at("auth", connection, "235 2.7.0 welcome")

    def _take(self, connection: socket.socket) -> None:
        self._at("body", connection, None)
        body = self._read_until(connection, b"\r\n.\r\n")[:-3]
        self.bodies.append(
            body[1:].replace(b"\r\n..", b"\r\n.") if body[:1] == b"." else body.replace(b"\r\n..", b"\r\n.")
        )
        self._at("dot", connection, "250 2.0.0 taken as 42")

    def _at(self, stage: str, connection: socket.socket, otherwise: str | None) -> None:
        if stage in self._tricks:
            self._tricks[stage](connection, self.stopping)
        elif otherwise is not None:
            connection.sendall(otherwise.encode() + b"\r\n")

    def _read_until(self, connection: socket.socket, end: bytes) -> bytes:
        while end not in self._mine.unread:
            chunk = connection.recv(65536)
            if not chunk:
                raise HangUp
            self._mine.unread += chunk
        piece, _, self._mine.unread = self._mine.unread.partition(end)
        return piece + end
