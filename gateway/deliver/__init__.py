"""deliver: bytes out, and answers brought back. An adapter moves bytes and tells the truth.

No retries for hours, no audit, no message building here: the journey and the outbox do that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.deliver.drop import DropFolder, Dropped
from gateway.deliver.signature import verify
from gateway.model.parcel import Parcel

__all__ = [
    "Collected",
    "DeliveryReport",
    "DropFolder",
    "Dropped",
    "LeftBehind",
    "Outcome",
    "Parcel",
    "TokenSource",
    "Transport",
    "verify",
]


class Outcome(StrEnum):
    """What became of one attempt."""

    ARRIVED = "arrived"  # the recipient's own system has it (HTTP 2xx, file written)
    HANDED_OVER = "handed-over"  # a relay has it (SMTP 250); says nothing of the mailbox, receipts follow
    TRY_LATER = "try-later"  # answered "not now" (SMTP 4xx, HTTP 429 or 503)
    NEVER = "never"  # answered "no" for good (SMTP 5xx, other HTTP 4xx)
    UNKNOWN = "unknown"  # the bytes may have arrived: the line dropped after the last one


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What the other side answered, in its own words and in ours.

    `code` is the answer's ("250 2.0.0", "HTTP 201", "written") or a reason's (`sign-in-refused`, `sign-in-needed`,
    `channel-not-secure`, `address-not-allowed`, `outcome-unknown`, `no-mailbox`); `detail` one line of at most 500
    characters, freed of mail addresses of patients and of anything that looks like their number; `tls` the TLS version,
    where there was one; `wait_s` for how many seconds the other side asks to be left alone (Retry-After), 0 when it
    does not.
    """

    outcome: Outcome
    code: str
    detail: str
    tls: str = ""
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Collected:
    """A message waiting in one of our mailboxes, whole: `handle` names it there, for `forget`."""

    mailbox: str
    handle: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A message that waits in one of our mailboxes and was not brought back: a person must look at it there.

    `why` is `too-large` (over the cap on one message) or `unreadable` (the server would not give it).
    """

    mailbox: str
    handle: str
    why: str
    size_bytes: int


class TokenSource(Protocol):
    """Gives the access token of a mailbox's owner, or None when they must sign in first."""

    def token(self, address: str) -> str | None:
        """A token good for the next minute at least; never stored by the caller."""
        ...


class Transport(Protocol):
    """Carries parcels to one kind of place.

    `send` returns a report for every *answer*, good or bad, and UNKNOWN when the line dropped after the last byte. It
    raises Unreachable only when nothing can have arrived, and Broken when the parcel or our settings are unfit (a
    retry would change nothing). Nothing else leaves it. Sending the same parcel twice must be harmless: same
    message_id, same bytes. Any number of threads may use one transport.
    """

    kind: str

    def ready(self, origin: str) -> str | None:
        """None when a parcel from that origin can be tried now, else the reason's code (`sign-in-needed`)."""
        ...

    def send(self, parcel: Parcel) -> DeliveryReport:
        """Try once (with at most three quick tries of the connection, ten seconds in all)."""
        ...

    def collect(self) -> Iterator[Collected]:
        """Yield everything waiting; changes nothing over there.

        Raises Unreachable, only after every mailbox that did answer has been emptied into the caller's hands.
        """
        ...

    def left_behind(self) -> tuple[LeftBehind, ...]:
        """What the last `collect` saw and could not bring; it stays in the mailbox until someone takes it away."""
        ...

    def forget(self, mailbox: str, handles: Collection[str]) -> None:
        """Take messages away; called only once their raw bytes are committed in our store. Harmless when repeated."""
        ...
