"""A connection to a server that may be slow, silent or hostile.

Every read and write is held to one deadline and one allowance of bytes, so that a server which trickles, floods or
falls silent costs a worker no more than the time it was given. The standard library's SMTP and IMAP clients time
each `recv` alone: one byte a second keeps them forever.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from contextlib import suppress

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_exponential

_TRIES, _CONNECTING_S = 3, 10.0
_CHUNK = 65536
_CERTIFICATE_ALERTS = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "UNKNOWN_CA",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_UNKNOWN",
    "UNSUPPORTED_CERTIFICATE",
    "ACCESS_DENIED",
)
_PROTOCOL_FAULTS = (
    "UNSUPPORTED_PROTOCOL",
    "PROTOCOL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "NO_SHARED_CIPHER",
    "HANDSHAKE_FAILURE",
    "INSUFFICIENT_SECURITY",
)


class LineDropped(Exception):
    """The line is down, silent past its deadline, over its allowance, or no longer speaks the protocol.

    Its text is ours alone: nothing the server said is in it.
    """


class NotSecure(Exception):
    """The server does not prove who it is, or cannot speak TLS 1.2 or better: nothing may be said to it."""


class CertificateRefused(Exception):
    """The server turned our client certificate down, or missed one."""


class Line:
    """One connection. `until` is a point on the monotonic clock; `allowance` a number of bytes still to be read."""

    def __init__(self, sock: socket.socket, *, until: float, allowance: int) -> None:
        self.sock = sock
        self.until, self.allowance = until, allowance
        self._unread = bytearray()

    @classmethod
    def open(cls, host: str, port: int, *, connect_s: float, until: float, allowance: int) -> Line:
        """Connect, with at most three quick tries and ten seconds in all. Raises LineDropped."""
        give_up = min(until, time.monotonic() + _CONNECTING_S)

        def dial() -> socket.socket:
            left = give_up - time.monotonic()
            if left <= 0:
                raise TimeoutError
            return socket.create_connection((host, port), timeout=min(connect_s, left))

        tries = Retrying(
            retry=retry_if_exception_type(OSError),
            stop=stop_after_attempt(_TRIES) | stop_after_delay(max(0.0, give_up - time.monotonic())),
            wait=wait_exponential(multiplier=0.1, max=1.0),
            reraise=True,
        )
        try:
            sock = tries(dial)
        except (OSError, UnicodeError):  # UnicodeError: a host name that cannot be one
            raise LineDropped("no connection") from None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock, until=until, allowance=allowance)

    @property
    def tls(self) -> str:
        """`TLSv1.3`, or nothing while the line is in clear."""
        return (self.sock.version() or "") if isinstance(self.sock, ssl.SSLSocket) else ""

    def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Go over to TLS, the server proving to be `host`. Raises NotSecure, CertificateRefused, LineDropped."""
        self._nothing_unread()
        self.sock.settimeout(self._left())
        try:
            self.sock = context.wrap_socket(self.sock, server_hostname=host)
        except (OSError, ValueError) as error:  # ValueError: a host name TLS cannot carry
            raise _meaning(error) from None

    def take_over(self, sock: socket.socket) -> None:
        """Go on with the secured socket someone else made of ours."""
        self.sock = sock
        self._nothing_unread()

    def _nothing_unread(self) -> None:
        if self._unread:  # said in clear before TLS to be believed after it (CVE-2011-0411)
            raise LineDropped("words slipped in before TLS")

    def read_line(self, longest: int) -> bytes:
        """Up to and with the next LF. Raises LineDropped when that is more than `longest` bytes away."""
        seen = 0
        while (end := self._unread.find(b"\n", seen)) < 0:
            seen = len(self._unread)
            if seen > longest:
                raise LineDropped("an endless line")
            self._more()
        if end >= longest:
            raise LineDropped("an endless line")
        return self._cut(end + 1)

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        if size - len(self._unread) > self.allowance:
            raise LineDropped("too many bytes announced")
        while len(self._unread) < size:
            self._more()
        return self._cut(size)

    def read_some(self) -> bytes:
        """What comes next, at least a byte; nothing when the other side has hung up."""
        self.sock.settimeout(self._left())
        try:
            chunk = self.sock.recv(_CHUNK)
        except OSError as error:
            raise _meaning(error) from None
        self.allowance -= len(chunk)
        if self.allowance < 0:
            raise LineDropped("an endless answer")
        return chunk

    @property
    def is_quiet(self) -> bool:
        """True when nothing waits to be read, not even the other side's hanging up."""
        if isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            return False
        try:
            return not select.select([self.sock], [], [], 0)[0]
        except (OSError, ValueError):  # ValueError: closed, or a descriptor select does not take
            return False

    def write(self, data: bytes) -> None:
        """All of it, or LineDropped."""
        view = memoryview(data)
        while view:
            self.sock.settimeout(self._left())
            try:
                view = view[self.sock.send(view[:_CHUNK]) :]
            except OSError as error:
                raise _meaning(error) from None

    def close(self) -> None:
        """Hang up, at once and for certain."""
        with suppress(OSError):
            self.sock.close()

    def _cut(self, size: int) -> bytes:
        piece = bytes(self._unread[:size])
        del self._unread[:size]
        return piece

    def _left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise LineDropped("no answer in time")
        return left

    def _more(self) -> None:
        chunk = self.read_some()
        if not chunk:
            raise LineDropped("hung up")
        self._unread += chunk


def _meaning(error: Exception) -> Exception:
    """What a fault of the socket or of TLS means to us."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotSecure(f"its certificate is not accepted: {error.verify_message.rstrip('.')}")
    if isinstance(error, TimeoutError):
        return LineDropped("no answer in time")
    if isinstance(error, ssl.SSLError):
        reason = str(error.reason or "")
        if "ALERT" in reason and any(alert in reason for alert in _CERTIFICATE_ALERTS):
            return CertificateRefused(reason.lower().replace("_", " "))
        if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
            return LineDropped("what answers there does not speak TLS")
        if any(fault in reason for fault in _PROTOCOL_FAULTS):
            return NotSecure(f"no TLS we may speak: {reason.lower().replace('_', ' ')}")
    return LineDropped("the connection broke")
