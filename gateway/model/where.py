"""What is looked for among a tenant's exchanges and legs: one question behind the API, the CLI and the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.model.exchange import ExchangeState, LegState


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Conditions that all hold at once; what is None narrows nothing.

    Of the exchange:
    client, type, event_id  as its sender gave them
    patient       by the random handle that the log and the pages use
    since, until  accepted at or after, and before

    Of one of its legs, and all of the same leg:
    recipient       its id as legs keep it (`RPPS:…`); `recipient_kind` when the id alone does not say it
    transport, server  the channel, and whom we speak to
    partner       the other side: the mail domain, or the endpoint's name (`Leg.partner`)

    Of the exchange itself, or of one of its legs:
    state, reason  where it stands and why; a word both have (`held`) is looked for in both
    """

    client: str | None = None
    type: str | None = None
    event_id: str | None = None
    patient: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    recipient: str | None = None
    recipient_kind: str | None = None
    transport: str | None = None
    server: str | None = None
    partner: str | None = None
    state: ExchangeState | LegState | None = None
    reason: str | None = None

    @property
    def of_a_leg(self) -> bool:
        """True when only a leg can answer it."""
        about = (self.recipient, self.recipient_kind, self.transport, self.server, self.partner)
        return any(value is not None for value in about)

    @property
    def may_be_a_legs(self) -> bool:
        """False when no leg can answer it: it asks for a state that only exchanges have."""
        return self.state is None or self.state.value in set(LegState)


EVERYTHING = Where()
"""Narrows nothing."""
