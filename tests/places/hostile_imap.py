"""A little IMAP server that does as told. It greets, goes over to TLS, lets anyone in, and holds the messages given.

Stages: `greeting`, `starttls`, `authenticate`, `select`, `listing`, `fetch`.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.places.tricks import HangUp, Listener, Trick


class HostileImap(Listener):
    """`capabilities` are announced before and after TLS; `withheld` uids are begun, and then refused;
    `slipped` is said in clear right before TLS; `exists` is how many messages it claims to hold; every fetch takes
    `slow_s`.

    It notes what is `marked` as deleted and `expunged`, and keeps every message all the same.
    """

    def __init__(
        self,
        certificate: tuple[Path, Path],
        tricks: Mapping[str, Trick] | None = None,
        *,
        messages: tuple[bytes, ...] = (b"Subject: one\r\n\r\nhello\r\n",),
        withheld: Collection[int] = (),
        slipped: bytes = b"",
        exists: int | None = None,
        slow_s: float = 0.0,
        capabilities: str = "IMAP4rev1 STARTTLS AUTH=EXTERNAL SASL-IR",
    ) -> None:
        self._tricks = dict(tricks or {})
        self._messages, self._withheld, self._capabilities = messages, withheld, capabilities
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(*map(str, certificate))
        self._slipped, self._slow_s = slipped, slow_s
        self._exists = len(messages) if exists is None else exists
        self.fetches = 0
        self.marked: set[int] = set()
        self.expunged: list[str] = []
        super().__init__()

    def talk(self, connection: socket.socket, held: ExitStack) -> None:
        """Greet, and answer command after command."""
        self._at("greeting", connection, b"* OK here\r\n")
        lines = connection.makefile("rb")
        held.callback(lines.close)
        while line := lines.readline():
            tag, verb, *rest = line.split()
            verb = verb.upper()
            if verb == b"STARTTLS":
                self._at("starttls", connection, tag + b" OK go\r\n" + self._slipped)
                connection = self._context.wrap_socket(connection, server_side=True)
                held.callback(connection.close)
                self.keep(connection)
                lines = connection.makefile("rb")
                held.callback(lines.close)
            elif verb == b"AUTHENTICATE":
                if len(rest) < 2:
                    connection.sendall(b"+ \r\n")
                    lines.readline()
                self._at("authenticate", connection, tag + b" OK in\r\n")
            elif verb in (b"SELECT", b"EXAMINE"):
                count, mode = self._exists, "READ-WRITE" if verb == b"SELECT" else "READ-ONLY"
                answer = (
                    f"* {count} EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n".encode() + tag + f" OK [{mode}] s\r\n".encode()
                )
                self._at("select", connection, answer)
            elif verb == b"FETCH":
                self._wait()
                self._at("listing", connection, self._listing() + tag + b" OK f\r\n")
            elif verb == b"UID" and rest[0] == b"STORE":
                self.marked.add(int(rest[1]))
                connection.sendall(tag + b" OK marked\r\n")
            elif verb == b"UID" and rest[0] == b"EXPUNGE":
                self.expunged.append(rest[1].decode())
                connection.sendall(tag + b" OK gone\r\n")
            elif verb == b"UID":
                self._wait()
                uid = int(rest[1])
                end = b" NO [SERVERBUG] not that one\r\n" if uid in self._withheld else b" OK f\r\n"
                self._at("fetch", connection, self._message(uid) + tag + end)
            elif verb == b"LOGOUT":
                raise HangUp
            else:
                answer = b"* CAPABILITY " + self._capabilities.encode() + b"\r\n" if verb == b"CAPABILITY" else b""
                connection.sendall(answer + tag + b" OK done\r\n")

    def _listing(self) -> bytes:
        return b"".join(
            f"* {place} FETCH (UID {place} RFC822.SIZE {len(each)} FLAGS ({self._flags(place)}))\r\n".encode()
            for place, each in enumerate(self._messages, 1)
        )

    def _flags(self, uid: int) -> str:
        return "\\Deleted \\Seen" if uid in self.marked else ""

    def _wait(self) -> None:
        self.fetches += 1
        self.stopping.wait(self._slow_s)

    def _message(self, uid: int) -> bytes:
        raw = self._messages[uid - 1]
        return f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"

    def _at(self, stage: str, connection: socket.socket, otherwise: bytes) -> None:
        if stage in self._tricks:
            self._tricks[stage](connection, self.stopping)
        else:
            connection.sendall(otherwise)
