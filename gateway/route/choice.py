"""Who was chosen, by which channel and why; who was not, and why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from gateway.route.addressee import Addressee
from gateway.route.grammar import AttachFhir, MailboxType, Transport

NAMED = "named by the sender"

_STRENGTH: tuple[AttachFhir, ...] = ("never", "known-gateways", "always")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One addressee by one channel: what becomes a leg.

    route    the first route that chose them; empty when only the sender did
    reasons  every way that led to them, one sentence each
    named    the sender designated them in `recipients` · in_team  a member of the patient's team now (L05)
    received  they got the report this event replaces or takes back
    end_of_exchange  the patient may not answer any more (X-MSS-MES: FIN)
    """

    addressee: Addressee
    transport: Transport
    mode: Literal["exchange"]
    prefer: tuple[MailboxType, ...]
    attach_fhir: AttachFhir
    route: str
    reasons: tuple[str, ...]
    named: bool
    in_team: bool
    received: bool = False
    end_of_exchange: bool = False

    @property
    def chosen_because(self) -> str:
        """All reasons in one line."""
        return "; ".join(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAddressed:
    """Someone who gets nothing: `who` is their id, or says `member M-4`; `reason` is a code of model/reasons.py."""

    who: str
    name: str
    reason: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The outcome; `not_matched` says of each route that chose nobody why: (name, words)."""

    chosen: tuple[Choice, ...]
    not_addressed: tuple[NotAddressed, ...]
    not_matched: tuple[tuple[str, str], ...]


def gathered(choices: list[Choice], new: Choice) -> list[Choice]:
    """`choices` with `new` in it: the same addressee by the same channel stays one choice and keeps every reason."""
    same = [one for one in choices if one.transport == new.transport and one.addressee.same_as(new.addressee)]
    if not same:
        return [*choices, new]
    if "mailbox" in {new.addressee.kind, *(one.addressee.kind for one in same)}:
        same = same[:1]  # a mailbox two people share does not make them one
    merged = same[0]
    for other in (*same[1:], new):
        merged = _merged(merged, other)
    return [merged if one is same[0] else one for one in choices if one is same[0] or one not in same]


def _merged(first: Choice, other: Choice) -> Choice:
    lead = first if first.route else other
    return replace(
        first,
        addressee=first.addressee.joined(other.addressee),
        prefer=lead.prefer,
        attach_fhir=max(first.attach_fhir, other.attach_fhir, key=_STRENGTH.index),
        route=lead.route,
        reasons=tuple(dict.fromkeys(first.reasons + other.reasons)),
        named=first.named or other.named,
        in_team=first.in_team or other.in_team,
        received=first.received or other.received,
        end_of_exchange=first.end_of_exchange or other.end_of_exchange,
    )
