"""What a client's software is told or shown, as schemas: the notifications, and the inbox."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, RootModel

from gateway.api.shown import Moment, Reason, Shown
from gateway.model.exchange import ExchangeState, LegState


class ToldRecipient(Shown):
    """Whom a parcel is for, by identifier; never a name."""

    kind: str = Field(description="professional, structure, patient or mailbox")
    id: str = Field(description="Their identifier", examples=["RPPS:10100054328"])


class AboutExchange(Shown):
    """Which of your events this is about."""

    exchange: str = Field(description="The exchange's id: more at /v1/exchanges/{id}")
    event_id: str = Field(description="Your event's own id")
    event_type: str = Field(description="Your event's type", examples=["team.member-joined"])


class LegChange(AboutExchange):
    """A parcel for one recipient has moved."""

    leg: int = Field(description="Number of the leg in its exchange, from 1")
    recipient: ToldRecipient
    transport: str = Field(description="mssante, folder, fhir_server or callback")
    before: LegState | None = Field(alias="from", description="Where it stood; null when it has just been made")
    state: LegState = Field(description="Where it stands; what that proves is at /v1/exchanges/{id}")
    since: Moment = Field(description="Since when (RFC 3339)")
    reason: Reason | None
    code: str | None = Field(description="The other side's code")


class LegEnd(Shown):
    """Where one leg stands when nothing more is awaited."""

    leg: int
    recipient: ToldRecipient
    state: LegState
    reason: Reason | None


class ExchangeEnd(AboutExchange):
    """Nothing more is awaited of any leg. Later changes (a late receipt, a person's retry) are told leg by leg."""

    state: ExchangeState
    reason: Reason | None
    legs: list[LegEnd]


class Envelope(Shown):
    """A CloudEvent 1.0 in JSON. `source` and `id` name it for good: the same pair again is the same thing again."""

    specversion: Literal["1.0"]
    id: str = Field(description="Also the webhook-id of a callback")
    source: str = Field(description="This gateway, the tenant and its software", examples=["passerelle/cpts/logimed"])
    time: Moment = Field(description="When it happened (RFC 3339)")


class LegStateChanged(Envelope):
    """Told at every change of a leg's state, in order."""

    type: Literal["leg.state-changed"]
    datacontenttype: Literal["application/json"]
    data: LegChange


class ExchangeSettled(Envelope):
    """Told once for an exchange."""

    type: Literal["exchange.settled"]
    datacontenttype: Literal["application/json"]
    data: ExchangeEnd


class InboxReceived(Envelope):
    """An event came for you: called, or read at /v1/inbox."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["inbox.received"]
    datacontenttype: str = Field(description="application/json; text/csv or application/xml when you speak so")
    dialect: str = Field(description="Whose words `data` is in: yours, or `canonical` when yours has none for it")
    mailbox: str = Field(description="The mailbox it came to")
    sentby: str | None = Field(default=None, description="The mail address it came from")
    messageid: str | None = Field(default=None, description="The Message-ID of the mail")
    notices: str | None = Field(
        default=None,
        description="What is told of the document: codes of /v1/errors with their places in the event, as canonical "
        "words it, apart by spaces: `rpps-key:/sender/rpps`",
    )
    answer: Literal["pending", "sent", "failed", "not-sent"] | None = Field(
        default=None,
        description="At /v1/inbox, when another software of the mailbox has spoken of the mail first: where the answer "
        "to its sender stands",
    )
    data: Any = Field(default=None, description="The event: an object in JSON dialects, a string in the others")
    data_base64: str | None = Field(default=None, description="Instead of data, for XML that is not in UTF-8")


class Notification(
    RootModel[Annotated[LegStateChanged | ExchangeSettled | InboxReceived, Field(discriminator="type")]]
):
    """What is posted to `callback` of the settings: application/cloudevents+json, signed by Standard Webhooks."""


class InboxPage(Shown):
    """The oldest first; `next_cursor` asks for what follows."""

    items: list[InboxReceived]
    next_cursor: str | None = Field(description="Give it back as `cursor`; null at the end")
