"""What is looked at when routes choose: one event, the team as it stands after it, and the hour."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.model.event import Event
from gateway.model.known import Known
from gateway.model.people import Organization, Structure
from gateway.model.team import Member, Team
from gateway.route.addressee import Addressee, mailbox, of_member, person_keys, structure_keys

_OVER = frozenset({"inactive", "entered-in-error"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`received` are those who got the report that this event replaces or takes back; `known` is the state after it."""

    event: Event
    known: Known
    now: datetime
    tenant: str | None = None
    client: str | None = None
    received: Sequence[Addressee] = ()

    @property
    def team(self) -> Team | None:
        """The team the event is about, with everyone in it."""
        return self.known.team.team if self.known.team else None

    def participations(self) -> tuple[Member, ...]:
        """The latest participation of each member."""
        return latest(self.team)

    def gone(self, addressee: Addressee) -> bool:
        """True for someone whose every participation in the team has ended."""
        mine = [one for one in self.participations() if is_member(addressee, one)]
        return bool(mine) and not any(one.active(self.now) for one in mine)

    def in_team(self, addressee: Addressee) -> bool:
        """True for a member now in a team that is in force; a team being closed by this very event still is."""
        return belongs(addressee, self.team, self.event.type, self.now)

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


def latest(team: Team | None) -> tuple[Member, ...]:
    """The latest participation of each member of a team."""
    return tuple({member.id: member for member in team.members}.values()) if team else ()


def belongs(addressee: Addressee, team: Team | None, event_type: str, now: datetime) -> bool:
    """True for a member of a team in force, on the day."""
    return in_force(team, event_type, now) and any(
        one.active(now) and is_member(addressee, one) for one in latest(team)
    )


def in_force(team: Team | None, event_type: str, now: datetime) -> bool:
    """True while membership of that team says that someone takes part in care."""
    if team is None:
        return False
    if event_type == "team.closed":
        return team.status != "entered-in-error"
    ended = team.until is not None and team.until.over(now)
    return team.status not in _OVER and team.closed_reason is None and not ended


def is_member(addressee: Addressee, member: Member) -> bool:
    """True when that member is the one addressed; relatives never are."""
    other = of_member(member)
    if other is None:
        return False
    if addressee.kind == "mailbox" and other.address is not None:
        return mailbox(other.address).id == addressee.id
    return addressee.kind == other.kind and addressee.same_as(other)


def same_name(one: str, other: str) -> bool:
    """True when two names differ at most in case and spacing."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
