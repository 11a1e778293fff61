"""What is looked at when routes choose: one event, the team as it stands after it, and the hour."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.model.event import Event, TeamClosed
from gateway.model.known import Known
from gateway.model.people import Organization, Structure
from gateway.model.team import Team
from gateway.route.addressee import Addressee, person_keys, structure_keys
from gateway.route.receiver import Receiver
from gateway.route.roll import Roll

FRANCE = ZoneInfo("Europe/Paris")
"""Where a bare day begins and ends."""

CLOSING = TeamClosed.type
"""The event by which a team ends: those it ends for are told."""

_OVER = frozenset({"inactive", "entered-in-error"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`received` are those who got the report that this event replaces or takes back; `roll` is of the team after it.

    now   in French time, for a bare day ends with the day in France
    """

    event: Event
    roll: Roll
    now: datetime
    tenant: str | None = None
    client: str | None = None
    received: Sequence[Receiver] = ()

    @classmethod
    def of(
        cls,
        event: Event,
        known: Known,
        now: datetime,
        *,
        tenant: str | None = None,
        client: str | None = None,
        received: Sequence[Receiver] = (),
    ) -> Scene:
        """The scene of an event; `known` is the state after it."""
        here = now.astimezone(FRANCE)
        roll = Roll.of(known.team.team if known.team else None, here, closing=event.type == CLOSING)
        return cls(event=event, roll=roll, now=here, tenant=tenant, client=client, received=received)

    @property
    def team(self) -> Team | None:
        """The team the event is about, with everyone in it."""
        return self.roll.team

    def receiver(self, addressee: Addressee) -> Receiver | None:
        """They as they got the report that this event replaces or takes back; None for those who did not."""
        return next((one for one in self.received if one.whom.same_as(addressee)), None)

    def in_team(self, addressee: Addressee) -> bool:
        """True for a member now in a team that is in force; a team being closed by this very event still is."""
        return in_force(self.team, self.event.type, self.now) and self.roll.member(addressee) is not None

    def is_sender(self, addressee: Addressee) -> bool:
        """True for the one who speaks: a structure speaks only when no person does."""
        sender = self.event.sender
        if addressee.kind == "mailbox":
            return sender.mss is not None and sender.mss.key == addressee.id
        keys = person_keys(sender)
        if not keys and sender.organization:
            keys = structure_keys(sender.organization.identifiers)
        return not set(keys).isdisjoint(addressee.ids)

    def structures(self) -> Iterator[Organization]:
        """The team's structures, what they are part of, and the sender's."""
        for one in self.team.structures if self.team else ():
            yield one
            if isinstance(one, Structure) and one.part_of:
                yield one.part_of
        if self.event.sender.organization:
            yield self.event.sender.organization


def belongs(addressee: Addressee, team: Team | None, event_type: str, now: datetime) -> bool:
    """True for a member of a team in force, on the day in France."""
    here = now.astimezone(FRANCE)
    roll = Roll.of(team, here, closing=event_type == CLOSING)
    return in_force(team, event_type, here) and roll.member(addressee) is not None


def in_force(team: Team | None, event_type: str, now: datetime) -> bool:
    """True while membership of that team says that someone takes part in care."""
    if team is None:
        return False
    if event_type == CLOSING:
        return team.status != "entered-in-error"
    ended = team.until is not None and team.until.over(now)
    return team.status not in _OVER and team.closed_reason is None and not ended


def same_name(one: str, other: str) -> bool:
    """True when two names differ at most in case and spacing."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
