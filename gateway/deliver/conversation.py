"""One HTTP/1.1 conversation over a Line that is secured already: a request leaves, an answer comes back (RFC 9112).

h11 speaks and parses. A conversation knows whether the last byte of the request has left, which is what tells
"nothing can have arrived" from "it may have".
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import h11

from gateway.deliver.line import CertificateRefused, Line, LineDropped, NotSecure
from gateway.deliver.mailboxes import MEGABYTE

ALLOWANCE = MEGABYTE  # bytes of one answer, all told
_MOST_HEADERS = 64 * 1024
_MOST_PIECES = 5_000  # a body in pieces of one byte would cost seconds to put together
_SMALL = 16 * 1024  # what travels in one record with its headers
_FOR_THE_ANSWER_S = 2.0  # kept of the attempt for a refusal that came while the bytes were still leaving


class Unanswered(Exception):
    """The whole request has left and no clear answer came back: it may have been taken. Its text is ours."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case; `whole` is False when the body was cut short by anyone."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    tls: str


class Conversation:
    """Requests and answers over one line, one after the other."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.carried = 0
        self.heard = False
        """True once a byte of the answer to the last request was read."""
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEADERS)

    def carry(self, request: h11.Request, body: bytes) -> Answer:
        """Send one request and hear its answer, by the line's `until`.

        Raises LineDropped and NotSecure when not all of it has left, Unanswered when it has; CertificateRefused, which
        under TLS 1.3 comes only after the request, and proves that no one has read it.
        """
        self.heard = False
        try:
            self._say(request, body)
        except (LineDropped, NotSecure) as fault:
            return self._refusal(fault)
        try:
            answer = self._hear()
        except (LineDropped, NotSecure) as fault:
            raise Unanswered(f"after the last byte: {fault}") from None
        self.carried += 1
        return answer

    def is_over(self) -> bool:
        """True when no other request can follow; otherwise the conversation is ready for it."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return True
        if self._http.trailing_data[0]:  # said out of turn: the next answer would not be the next request's
            return True
        self._http.start_next_cycle()
        return False

    def _say(self, request: h11.Request, body: bytes) -> None:
        pieces = [self._http.send(request), self._http.send(h11.Data(body)), self._http.send(h11.EndOfMessage())]
        if len(body) <= _SMALL:
            pieces = [b"".join(piece for piece in pieces if piece)]
        until = self.line.until
        self.line.until -= min(_FOR_THE_ANSWER_S, max(0.0, until - time.monotonic()) / 10)
        try:
            for piece in pieces:
                if piece:
                    self.line.write(piece)
        finally:
            self.line.until = until

    def _refusal(self, fault: LineDropped | NotSecure) -> Answer:
        """The no that was said before all had left; there is no yes to half a request."""
        try:
            answer = self._hear()
        except (LineDropped, NotSecure):
            raise fault from None
        if answer.status < 400:
            raise fault
        return Answer(answer.status, answer.headers, answer.body, False, answer.tls)

    def _hear(self) -> Answer:
        event = self._next()
        while isinstance(event, h11.InformationalResponse):
            event = self._next()
        if not isinstance(event, h11.Response):
            raise LineDropped("hung up")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        pieces: list[bytes] = []
        whole = False
        try:
            while len(pieces) < _MOST_PIECES and isinstance(piece := self._next(), h11.Data):
                pieces.append(bytes(piece.data))
            whole = isinstance(piece, h11.EndOfMessage)
        except (LineDropped, NotSecure, CertificateRefused):
            pass  # the answer itself has been heard
        return Answer(event.status_code, headers, b"".join(pieces), whole, self.line.tls)

    def _next(self) -> object:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError:
                raise LineDropped("an answer that is not HTTP") from None
            if event is not h11.NEED_DATA:
                return event
            chunk = self.line.read_some()
            if not chunk and not self.heard:
                raise LineDropped("hung up")
            self.heard = True
            self._http.receive_data(chunk)
