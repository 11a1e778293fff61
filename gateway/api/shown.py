"""The contract's Exchange as a schema: what `/v1/exchanges` answers, allowed field by allowed field."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from gateway.model.exchange import ExchangeState, LegState

Moment = str


class Shown(BaseModel):
    """A part of an answer; a field not named here cannot leave."""

    model_config = ConfigDict(extra="forbid")


class BothLanguages(Shown):
    """A sentence in English and French."""

    en: str = Field(description="English")
    fr: str = Field(description="French")


class Reason(Shown):
    """Why it stands where it stands, and who can put it right."""

    code: str = Field(description="Stable code, listed at /v1/errors", examples=["not-in-white-list"])
    fr: str = Field(description="French")
    en: str = Field(description="English")
    remedy: str = Field(description="What to do, in French")
    remedy_en: str = Field(description="What to do, in English")
    who_can_fix: str = Field(description="sender, recipient, operator, admin, gateway or nobody")


class LegRecipient(Shown):
    """Whom the parcel is for."""

    kind: str = Field(description="professional, structure, patient or mailbox")
    id: str = Field(description="Their identifier", examples=["RPPS:10100054328"])
    name: str = Field(description="Their name")


class Receipt(Shown):
    """The receipt that last moved the leg."""

    kind: str = Field(description="mdn or dsn")
    disposition: str | None = Field(description="RFC 8098 disposition: displayed, processed, deleted…")
    action: str | None = Field(description="RFC 3464 action: delivered, failed, delayed…")
    at: Moment = Field(description="When it was made (RFC 3339)")
    proves: str = Field(description="What the leg's state proves")
    does_not_prove: str = Field(description="What it does not prove")


class ShownAttempt(Shown):
    """One try, and the other side's own words."""

    n: int = Field(description="Counts from 1")
    at: Moment = Field(description="When it began (RFC 3339)")
    outcome: str | None = Field(description="arrived, handed-over, try-later, never, unknown; null while it runs")
    code: str | None = Field(description="The other side's code", examples=["250"])
    detail: str | None = Field(description="The other side's words, in one line")


class ShownSettled(Shown):
    """That the recipient was told in another way: the parcel's state stays what it is."""

    at: Moment = Field(description="When a person said so (RFC 3339)")
    by: str = Field(description="Who, as the audit log names them")
    how: str = Field(description="phone, paper, other; another-leg when another leg stands for this one")


class ShownLeg(Shown):
    """One recipient by one channel."""

    n: int = Field(description="Number of the leg in its exchange, from 1")
    recipient: LegRecipient
    address: str | None = Field(
        description="A mailbox or an endpoint's name; a patient's own address is shown to its sender only"
    )
    chosen_because: str = Field(description="The rule that chose this recipient")
    transport: str = Field(description="mssante, folder, fhir_server or callback")
    state: LegState = Field(description="Where the parcel stands")
    since: Moment = Field(description="Since when (RFC 3339)")
    until: Moment | None = Field(description="When the gateway gives up (RFC 3339)")
    proves: BothLanguages = Field(description="What this state proves")
    does_not_prove: BothLanguages = Field(description="What this state does not prove")
    reason: Reason | None
    code: str | None = Field(description="The other side's last code, or the error code of the recipient's software")
    message_id: str | None = Field(
        description="Message-ID of the mail, without angle brackets; a repeat takes over that of the leg it stands for"
    )
    stands_for: int | None = Field(description="The leg this one was sent in the place of, or repeats")
    settled: ShownSettled | None
    receipt: Receipt | None
    attempts: list[ShownAttempt]
    next_at: Moment | None = Field(description="When the next try is due (RFC 3339)")


class ShownExchange(Shown):
    """One accepted event and what became of it."""

    id: str = Field(description="The exchange")
    type: str = Field(description="The event's type", examples=["team.member-joined"])
    event_id: str = Field(description="The event's own id")
    client: str = Field(description="The software that sent it")
    state: ExchangeState = Field(description="Where it stands on our side; recipients' answers are in the legs")
    reason: Reason | None
    accepted_at: Moment = Field(description="RFC 3339")
    legs: list[ShownLeg]


class ExchangePage(Shown):
    """The newest first; `next_cursor` asks for what follows."""

    items: list[ShownExchange]
    next_cursor: str | None = Field(description="Give it back as `cursor`; null at the end")
