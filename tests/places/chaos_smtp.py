"""A submission server that is hostile in another way at each connection: silence, a byte a second, refusals, floods."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.places.hostile_smtp import HostileSmtp
from tests.places.tricks import HangUp, Trick, drops, floods_lines, says, says_then_drops, silent


def byte_a_second(connection: socket.socket, stopping: threading.Event) -> None:
    """A correct answer that never comes to its end."""
    for byte in b"250-" + b"a" * 10_000:
        if stopping.wait(1.0):
            break
        connection.sendall(bytes([byte]))
    raise HangUp


MOODS: Mapping[str, Mapping[str, Trick]] = {
    "silence": {"greeting": silent},
    "a byte a second": {"ehlo": byte_a_second},
    "not now": {"mail": says("451 4.3.0 later")},
    "refused in the middle of the data": {"body": says_then_drops(b"554 5.6.0 no\r\n")},
    "refused after the data": {"dot": says("554 5.6.0 no")},
    "dropped after the dot": {"dot": drops},
    "a flood": {"ehlo-tls": floods_lines},
}


class ChaosSmtp(HostileSmtp):
    """Each connection gets the next of `MOODS`, again and again."""

    def __init__(self, certificate: tuple[Path, Path]) -> None:
        self._moods = itertools.cycle(MOODS.values())
        super().__init__(certificate)

    def talk(self, connection: socket.socket, held: ExitStack) -> None:
        """One conversation, in one mood."""
        self._mine.mood = next(self._moods)
        super().talk(connection, held)

    def _at(self, stage: str, connection: socket.socket, otherwise: str | None) -> None:
        if stage in self._mine.mood:
            self._mine.mood[stage](connection, self.stopping)
        else:
            super()._at(stage, connection, otherwise)
