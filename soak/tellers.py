"""Practice software that tells its events and repeats itself until it is answered."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Thread

from soak.stream import Event, Stream

EVENTS = "/v1/events"
_AGAIN = frozenset({429, 500, 502, 503, 507})

IMPATIENT = 8
"""Each so-many-th event is told on two lines at once, by software that does not wait for its answer."""


@dataclass
class Tellers:
    """Some clients at once; a patient's events all come from the same one, in their order.

    Nothing is told before `allow` lets it: who tells all at once is done before the first process dies.

    acknowledged  the exchange each event was answered with
    refused       answers that were neither a yes nor a "later", or two for one event: there should be none
    """

    stream: Stream
    port: int
    key: str
    clients: int = 4
    acknowledged: dict[Event, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over, self._allowed = Flag(), 0
        self._threads = [Thread(target=self._tell, args=(self._of(n),), daemon=True) for n in range(self.clients)]

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()

    def allow(self, events: int) -> None:
        """Let so many events be told in all, counted in the order of the stream."""
        self._allowed = events

    def stop(self) -> None:
        """Tell nothing more."""
        self._over.set()
        for thread in self._threads:
            if thread.ident is not None:  # it was started
                thread.join()

    def _of(self, client: int) -> list[tuple[int, Event]]:
        return [(place, event) for place, event in enumerate(self.stream.all) if event[0] % self.clients == client]

    def _tell(self, events: Sequence[tuple[int, Event]]) -> None:
        line, other = _Line(self.port, self.key), _Line(self.port, self.key)
        for place, event in events:
            body = self.stream.body(event)
            while place >= self._allowed and not self._over.is_set():
                self._over.wait(0.02)
            twice = place % IMPATIENT == IMPATIENT - 1 and not self._over.is_set()
            if twice:
                other.say("POST", EVENTS, body)
            self._tell_until_answered(line, event, body)
            if twice:
                self._compare(event, *other.hear())
        line.close()
        other.close()

    def _tell_until_answered(self, line: _Line, event: Event, body: bytes) -> None:
        while not self._over.is_set():
            status, answer = line.ask("POST", EVENTS, body)
            if status == 202:
                self.acknowledged[event] = json.loads(answer)["id"]
                return
            if status not in _AGAIN and status != 0:
                self.refused.append(f"{event}: {status} {answer[:300]!r}")
                return
            self._over.wait(0.05)

    def _compare(self, event: Event, status: int, answer: bytes) -> None:
        """The other line's answer, if there is one, names the same exchange."""
        if status == 202 and json.loads(answer)["id"] != self.acknowledged.get(event):
            self.refused.append(f"{event}: told twice, it became two exchanges")


class _Line:
    """One kept connection; status 0 stands for no answer."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        self.say(method, path, body)
        return self.hear()

    def close(self) -> None:
        self._connection.close()

    def say(self, method: str, path: str, body: bytes | None = None) -> None:
        """Ask, and do not wait for the answer."""
        try:
            self._connection.request(method, path, body, self._headers)
        except (OSError, http.client.HTTPException):
            self._connection.close()

    def hear(self) -> tuple[int, bytes]:
        """The answer to what was said."""
        try:
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0, b""


def ends_told(port: int, key: str, exchange: str, *, within_s: float = 30.0) -> dict[str, str]:
    """What the gateway tells its client of an exchange: destination → state of its leg.

    Raises TimeoutError when it does not answer.
    """
    line, until = _Line(port, key), time.monotonic() + within_s
    try:
        while time.monotonic() < until:
            status, answer = line.ask("GET", f"/v1/exchanges/{exchange}")
            if status == 200:
                return {str(leg["address"]).lower(): str(leg["state"]) for leg in json.loads(answer)["legs"]}
            if status == 404:
                return {}  # it was acknowledged, and is not known
            time.sleep(0.1)
    finally:
        line.close()
    raise TimeoutError("the door does not answer")
