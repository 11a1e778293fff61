"""The two sinks: a submission server and an https one that keep every parcel, and sometimes do not answer as hoped.

They run in a process of their own that nobody kills: python -m soak.sinks FOLDER SEED prints {"smtp", "https"}.

One mailbox and one endpoint refuse for good. Of the other parcels a few are told to come later, and of a few the line
is cut after the last byte, when they are kept already: outcomes nobody can know.
"""

from __future__ import annotations

import json
import random
import signal
import socketserver
import ssl
import sys
import threading
from contextlib import suppress
from pathlib import Path

from gateway.sandbox.certificates import Certificates
from gateway.sandbox.site import Asked, Site, Told
from soak.shelf import Shelf
from soak.stream import REFUSED

LATER, CUT = 0.03, 0.02
"""How many parcels of a hundred are told to come later, and of how many the answer is lost."""


class Moods:
    """What a sink does with the next parcel, by chance; without a seed it is always in a good one."""

    def __init__(self, seed: str | None) -> None:
        self._chance, self._lock = random.Random(seed) if seed is not None else None, threading.Lock()

    def happens(self, how_often: float) -> bool:
        """True as often as said."""
        with self._lock:
            return self._chance is not None and self._chance.random() < how_often


class HungUp(Exception):
    """The conversation ends without another word."""


class MailSink(socketserver.ThreadingTCPServer):
    """STARTTLS, then MAIL, RCPT, DATA. A parcel is kept before it is answered."""

    allow_reuse_address = daemon_threads = True
    request_queue_size = 64

    def __init__(self, context: ssl.SSLContext, shelf: Shelf, moods: Moods, port: int = 0) -> None:
        self.context, self.shelf, self.moods = context, shelf, moods
        super().__init__(("127.0.0.1", port), _Conversation)

    def handle_error(self, request: object, client_address: object) -> None:
        """A gateway that was killed hung up: that is no news."""


class _Conversation(socketserver.StreamRequestHandler):
    server: MailSink
    wbufsize = -1

    def handle(self) -> None:
        self._to = ""
        self._say("220 sink")
        while line := self.rfile.readline(2000):
            verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            if verb.upper() == "STARTTLS":
                self._secure()
            elif verb.upper() == "DATA":
                self._take()
            else:
                self._say(self._answer(verb.upper(), rest))
                if verb.upper() == "QUIT":
                    return

    def finish(self) -> None:
        """Over TLS the connection is another one than the server opened, and would stay."""
        with suppress(OSError, ValueError):
            super().finish()
        self.connection.close()

    def _answer(self, verb: str, rest: str) -> str:
        if verb == "EHLO":
            return "250-sink\r\n250-STARTTLS\r\n250-SIZE 50000000\r\n250 8BITMIME"
        if verb == "RCPT":
            self._to = rest.partition("<")[2].partition(">")[0].lower()
            if self._to in REFUSED:
                return "550 5.1.1 no such mailbox"
            if self.server.moods.happens(LATER):
                return "451 4.7.1 come again"
        return "221 2.0.0 bye" if verb == "QUIT" else "250 2.0.0 ok"

    def _secure(self) -> None:
        self._say("220 2.0.0 go")
        self.request = self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")

    def _take(self) -> None:
        self._say("354 go")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise HungUp
            lines.append(line[1:] if line.startswith(b".") else line)
        body = b"".join(lines)
        id = body.partition(b"\r\nMessage-ID: <")[2].partition(b">")[0].decode("ascii", "replace")
        self.server.shelf.keep(self._to, id, body)
        if self.server.moods.happens(CUT):
            self.connection.close()
            raise HungUp
        self._say("250 2.0.0 taken")

    def _say(self, answer: str) -> None:
        self.wfile.write(answer.encode() + b"\r\n")
        self.wfile.flush()


def posted(shelf: Shelf, moods: Moods, asked: Asked) -> Told:
    """What the https sink answers: the endpoint is the last word of the path, the id that of the webhook."""
    to = asked.path.rpartition("/")[2]
    if to in REFUSED:
        return Told(410)
    if moods.happens(LATER):
        return Told(503, headers={"retry-after": "1"})
    shelf.keep(to, asked.headers.get("webhook-id", ""), asked.body)
    if moods.happens(CUT):
        raise HungUp
    return Told(204)


def main(folder: Path, seed: str) -> None:
    """Listen until told to stop."""
    certificates, shelf = Certificates(folder / "certificates"), Shelf(folder / "sinks")
    moods = Moods(seed)
    mail = MailSink(certificates.listening("b.mssante.test"), shelf, moods)
    threading.Thread(target=mail.serve_forever, daemon=True).start()
    site = Site(certificates, lambda asked: posted(shelf, moods, asked))
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    print(json.dumps({"smtp": mail.server_address[1], "https": site.port}), flush=True)
    over.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
