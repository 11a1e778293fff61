"""What a hostile or broken server may do instead of answering. A trick is called with the connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress

Trick = Callable[[socket.socket, threading.Event], None]


class HangUp(Exception):
    """The connection ends here."""


def says(line: str) -> Trick:
    """Answers that, and goes on."""

    def trick(connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(line.encode() + b"\r\n")

    return trick


def says_bytes(answer: bytes) -> Trick:
    """Those bytes and no line end of our making, and goes on."""

    def trick(connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(answer)

    return trick


def says_then_drops(answer: bytes) -> Trick:
    """Those bytes, and hangs up."""

    def trick(connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(answer)
        raise HangUp

    return trick


def silent(connection: socket.socket, stopping: threading.Event) -> None:
    """Nothing, until the place is closed."""
    stopping.wait()
    raise HangUp


def drops(connection: socket.socket, stopping: threading.Event) -> None:
    """Hangs up without a word."""
    raise HangUp


def trickles(connection: socket.socket, stopping: threading.Event) -> None:
    """A correct answer, one byte every tenth of a second, that never comes to its end."""
    for byte in b"250-" + b"a" * 10_000:
        if stopping.wait(0.1):
            break
        connection.sendall(bytes([byte]))
    raise HangUp


def floods_lines(connection: socket.socket, stopping: threading.Event) -> None:
    """Continuation lines without end."""
    while not stopping.is_set():
        connection.sendall(b"250-more of the same\r\n" * 200)
    raise HangUp


def floods_one_line(connection: socket.socket, stopping: threading.Event) -> None:
    """One line without end."""
    while not stopping.is_set():
        connection.sendall(b"a" * 4096)
    raise HangUp


class Listener:
    """Accepts on loopback and gives each connection to `talk`, in threads that end with `close`."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.stopping = threading.Event()
        self.connections = 0
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with ExitStack() as held:
            held.callback(connection.close)
            self._open.append(connection)
            with suppress(OSError, HangUp, ValueError):
                self.talk(connection, held)

    def keep(self, connection: socket.socket) -> None:
        """Remember a socket made of another (TLS), to end its conversation when the place is closed."""
        self._open.append(connection)

    def talk(self, connection: socket.socket, held: ExitStack) -> None:
        """One whole conversation; what it opens itself it gives to `held`."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop listening, end every conversation."""
        self.stopping.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for each in list(self._open):
            with suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)  # wakes whoever reads it; TLS is not asked
        for thread in (self._accepting, *self._threads):
            thread.join(timeout=5)
