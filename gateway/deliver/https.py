"""The one way out over https: a POST to an endpoint of the settings, HTTP/1.1 over TLS 1.2 or better.

No proxy, no redirection, no cookie, nothing unpacked. One deadline holds the name, the connection, the bytes and the
answer together.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress

import h11

from gateway.deliver.address import Resolve, addresses
from gateway.deliver.conversation import ALLOWANCE, Answer, Conversation
from gateway.deliver.endpoint import Endpoint
from gateway.deliver.line import Line, LineDropped, NotSecure
from gateway.deliver.tls import Contexts
from gateway.model.errors import Broken

_CONNECTING_S = 10.0
_MOST_ADDRESSES = 4  # of one name, tried in turn
_IDLE_S, _MOST_CARRIED = 4.0, 1000  # shorter than servers keep an idle connection: few are found dead
_MOST_IDLE = 16  # of one endpoint


class Https:
    """Posts to endpoints, for many threads; a connection is kept for a few seconds and used again.

    resolve  a host's addresses; asked once for each connection.
    """

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._contexts = Contexts()
        self._lock = threading.Lock()
        self._idle: dict[str, list[tuple[float, Conversation]]] = defaultdict(list)

    def post(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post once, within the endpoint's `attempt_s`.

        A kept connection that drops before all has left is followed by a new one. One that drops later leaves a doubt,
        told as such: the request may have been taken, and is not repeated in silence.

        Raises Broken when the headers cannot travel or a file of the settings cannot be read; AddressRefused,
        NotSecure, CertificateRefused, and LineDropped when nothing can have been taken; Unanswered when it can.
        """
        until = time.monotonic() + endpoint.attempt_s
        request = _request(endpoint, headers, body)
        kept = self._kept(endpoint)
        if kept is not None:
            kept.line.until, kept.line.allowance = until, ALLOWANCE
            with suppress(LineDropped, NotSecure):  # nothing can have been taken
                return self._carry(endpoint, kept, request, body)
        return self._carry(endpoint, self._open(endpoint, until), request, body)

    def look(self, endpoint: Endpoint) -> None:
        """Connect, have the other side prove its name, and hang up; nothing is said. Raises as `post` does."""
        self._open(endpoint, time.monotonic() + endpoint.attempt_s).line.close()

    def close(self) -> None:
        """Hang up the connections kept for reuse."""
        with self._lock:
            idle = [conversation for kept in self._idle.values() for _, conversation in kept]
            self._idle.clear()
        for conversation in idle:
            conversation.line.close()

    def _carry(self, endpoint: Endpoint, conversation: Conversation, request: h11.Request, body: bytes) -> Answer:
        try:
            answer = conversation.carry(request, body)
        except BaseException:
            conversation.line.close()
            raise
        if conversation.carried >= _MOST_CARRIED or conversation.is_over() or not self._keep(endpoint, conversation):
            conversation.line.close()
        return answer

    def _open(self, endpoint: Endpoint, until: float) -> Conversation:
        """Resolve, check, connect to exactly what was checked, and have the other side prove its name."""
        target = endpoint.target
        context = self._contexts.of(endpoint.name, endpoint.ca, endpoint.certificate, endpoint.certificate_password)
        by = min(until, time.monotonic() + _CONNECTING_S)
        found = addresses(target.host, endpoint.allow_networks, self._resolve, until=by)
        line = _dial(found[:_MOST_ADDRESSES], target.port, endpoint.connect_s, by)
        try:
            line.until = until
            line.secure(context, target.host)
        except BaseException:
            line.close()
            raise
        return Conversation(line)

    def _kept(self, endpoint: Endpoint) -> Conversation | None:
        while True:
            with self._lock:
                idle = self._idle[endpoint.name]
                since, conversation = idle.pop() if idle else (0.0, None)
            if conversation is None:
                return None
            if time.monotonic() - since < _IDLE_S and conversation.line.is_quiet:
                return conversation
            conversation.line.close()

    def _keep(self, endpoint: Endpoint, conversation: Conversation) -> bool:
        now = time.monotonic()
        with self._lock:
            idle = self._idle[endpoint.name]
            stale = [old for since, old in idle if now - since >= _IDLE_S]
            idle[:] = [(since, old) for since, old in idle if now - since < _IDLE_S]
            if room := len(idle) < _MOST_IDLE:
                idle.append((now, conversation))
        for old in stale:
            old.line.close()
        return room


def _dial(found: list[str], port: int, connect_s: float, by: float) -> Line:
    """The first address that takes the connection; one that is silent leaves time for the next. Raises LineDropped."""
    fault = LineDropped("no connection")
    for left, address in zip(range(len(found), 0, -1), found, strict=True):
        now = time.monotonic()
        try:
            return Line.open(address, port, connect_s=connect_s, until=now + (by - now) / left, allowance=ALLOWANCE)
        except LineDropped as no:
            fault = no
    raise fault


def _request(endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> h11.Request:
    target = endpoint.target
    said = {
        "Host": target.authority,
        "User-Agent": "Passerelle",
        "Accept-Encoding": "identity",  # what is not unpacked cannot burst
        "Content-Length": str(len(body)),
        **({"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}),
        **headers,
    }
    try:
        return h11.Request(method="POST", target=target.path, headers=list(said.items()))
    except (h11.LocalProtocolError, UnicodeError):
        raise Broken("A parcel's header cannot travel", advice="Report it: this is a defect of the gateway") from None
