"""The rows people look at: an exchange, its legs, their attempts and receipts, as they stand now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.model.exchange import ExchangeState, LegState


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One accepted event. `id` is ours (UUID text, ordered by time), `event_id` the sender's; `patient` a handle.

    detail  the word some reasons have a place for: where what we made is wrong
    """

    tenant: str
    id: str
    client: str
    type: str
    event_id: str
    dialect: str
    patient: str
    state: ExchangeState
    accepted_at: datetime
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at delivering a leg: `outcome` is None while it runs; `code` and `detail` are the other side's words."""

    n: int
    at: datetime
    outcome: str | None = None
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSeen:
    """The receipt that last moved a leg."""

    kind: str
    disposition: str | None
    action: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """A person says that a recipient was told in another way: `how` (phone, paper…), `by` whom the log knows."""

    at: datetime
    by: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One recipient by one channel.

    lane         (tenant, patient handle, transport, destination) in one opaque word
    destination  the mail address for mssante; None when none was found (the leg is then held)
    origin       the mailbox it leaves from
    case         what the gate judges again before each attempt (route.Case as a tree)
    due          when it may be tried next; None when nothing is due
    give_up      until when it is tried, then until when its receipt is awaited
    server       whom we speak to when it is tried: an operator or an endpoint, by its name in the settings
    subject      the team or plan it tells whole: a newer one in its lane takes its place while it has not left
    stands_for   the leg of the same exchange that was sent to another address in its stead
    settled      how a person saw to it in another way
    """

    tenant: str
    exchange: str
    n: int
    lane: str
    transport: str
    origin: str | None
    destination: str | None
    recipient_kind: str
    recipient_id: str
    recipient_name: str
    chosen_because: str
    case: Mapping[str, Any]
    state: LegState
    since: datetime
    message_id: str | None = None
    reason: str | None = None
    code: str | None = None
    detail: str | None = None
    due: datetime | None = None
    give_up: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    receipt: ReceiptSeen | None = None
    server: str = ""
    subject: str | None = None
    stands_for: int | None = None
    settled: Settled | None = None

    @property
    def partner(self) -> str:
        """The other side without the person: the mail domain, or the endpoint's name; empty for a folder or none."""
        if self.destination is None or self.transport == "folder":
            return ""
        return self.destination.rpartition("@")[2]
