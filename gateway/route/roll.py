"""The roll of a team: who is in it and who was, found by number or by mailbox. Relatives are never on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.model.team import Member, Team
from gateway.route.addressee import Addressee, mailbox, of_member


@dataclass(frozen=True, slots=True)
class Roll:
    """`members` are the latest participation of each member; those active are found under every key they have."""

    team: Team | None
    members: tuple[Member, ...]
    active: Mapping[str, Member]
    past: frozenset[str]

    @classmethod
    def of(cls, team: Team | None, now: datetime) -> Roll:
        """The roll of a team on that day; empty without a team."""
        members = tuple({member.id: member for member in team.members}.values()) if team else ()
        active: dict[str, Member] = {}
        past: set[str] = set()
        for member in members:
            keys = _keys_of(member)
            if member.active(now):
                active |= dict.fromkeys((key for key in keys if key not in active), member)
            else:
                past |= keys
        return cls(team, members, active, frozenset(past))

    def member(self, addressee: Addressee) -> Member | None:
        """The active member who is the one addressed."""
        return next((self.active[key] for key in _keys(addressee) if key in self.active), None)

    def gone(self, addressee: Addressee) -> bool:
        """True for someone whose every participation has ended."""
        return self.member(addressee) is None and not self.past.isdisjoint(_keys(addressee))


def _keys(addressee: Addressee) -> Iterator[str]:
    return (f"{addressee.kind} {id}" for id in addressee.ids)


def _keys_of(member: Member) -> set[str]:
    whom = of_member(member)
    if whom is None:
        return set()
    box = set(_keys(mailbox(whom.address))) if whom.address else set()
    return box.union(_keys(whom))
