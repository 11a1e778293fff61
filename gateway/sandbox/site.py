"""A little https server on loopback, in threads: what the FHIR server and the listener of the sandbox stand on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from gateway.model.errors import Broken
from gateway.sandbox.certificates import Certificates

NAME = "localhost"
_LARGEST = 150 * 1024 * 1024  # a document of 100 MB in base64
_SILENCE_S = 30.0  # a connection on which nothing is said is closed


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: `path` with its query, header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """An answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Site:
    """Answers with `answer`, one thread a connection, until closed. Raises Broken when the port is taken."""

    def __init__(self, certificates: Certificates, answer: Callable[[Asked], Told], *, port: int = 0) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        try:
            self._server = _Server(("127.0.0.1", port), _speaker(answer, self))
        except OSError:
            raise Broken(f"Port {port} of the sandbox is taken", advice="Stop what uses it") from None
        self._server.context = certificates.listening(NAME)
        self.port: int = self._server.server_address[1]
        self.ca = certificates.ca
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="site", daemon=True)
        self._thread.start()

    @property
    def root(self) -> str:
        """Where it answers, without a path."""
        return f"https://{NAME}:{self.port}"

    def close(self) -> None:
        """Stop listening and end every conversation."""
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    socket.socket.shutdown(each, socket.SHUT_RDWR)  # wakes whoever reads it; TLS is not asked
        self._server.server_close()  # waits for the threads

    def opened(self, connection: socket.socket) -> None:
        """A conversation begins."""
        with self._lock:
            self._open.add(connection)

    def ended(self, connection: socket.socket) -> None:
        """It is over."""
        with self._lock:
            self._open.discard(connection)


class Standing:
    """Something with a Site: a context manager that may also be closed."""

    _site: Site

    @property
    def ca(self) -> str:
        """PEM file of the authority its certificate comes from."""
        return str(self._site.ca)

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        return self._site.port

    def close(self) -> None:
        """Stop answering; what was received stays on disk."""
        self._site.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    context: Any

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up or spoke no TLS is no news."""


def _speaker(answer: Callable[[Asked], Told], site: Site) -> type[BaseHTTPRequestHandler]:
    class Speaker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _SILENCE_S
        disable_nagle_algorithm = True  # without it each answer waits 40 ms for a delayed acknowledgement
        wbufsize = -1
        server: _Server

        def setup(self) -> None:
            # in this thread: a client that stays silent in the handshake keeps no one waiting
            self.request.settimeout(self.timeout)
            self.request = self.server.context.wrap_socket(
                self.request, server_side=True, do_handshake_on_connect=False
            )
            site.opened(self.request)
            try:
                self.request.do_handshake()
            except OSError:
                self._leave()
                raise
            super().setup()

        def finish(self) -> None:
            with suppress(OSError):
                super().finish()
            self._leave()

        def _leave(self) -> None:
            site.ended(self.request)
            self.request.close()

        def answer(self) -> None:
            length = self.headers.get("content-length", "0")
            if not length.isdecimal() or int(length) > _LARGEST or "transfer-encoding" in self.headers:
                self.close_connection = True
                told = Told(413)
            else:
                body = self.rfile.read(int(length))
                headers = {name.lower(): value for name, value in self.headers.items()}
                told = answer(Asked(self.command, self.path, headers, body))
            self.send_response(told.status)
            for name, value in {**told.headers, "content-length": str(len(told.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: what was received is on disk."""

    return Speaker
