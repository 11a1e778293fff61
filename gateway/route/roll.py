"""The roll of a team: who is in it and who was, found by number or by mailbox. Relatives are never on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.model.team import Member, Team
from gateway.route.addressee import Addressee, mailbox, of_member


@dataclass(frozen=True, slots=True)
class Roll:
    """`members` are the latest participation of each member, `present` the ids of those in the team.

    active  the present ones, under every key they have · past  keys of those who are gone
    """

    team: Team | None
    members: tuple[Member, ...]
    present: frozenset[str]
    active: Mapping[str, Member]
    past: frozenset[str]

    @classmethod
    def of(cls, team: Team | None, now: datetime, *, closing: bool = False) -> Roll:
        """The roll of a team on that day; empty without a team. `closing`: whoever was in it until its end still is."""
        members = _latest(team.members) if team else ()
        active: dict[str, Member] = {}
        present: set[str] = set()
        past: set[str] = set()
        for member in members:
            keys = _keys_of(member)
            if member.active(now) or (closing and team is not None and member.until == team.until):
                present.add(member.id)
                active |= dict.fromkeys((key for key in keys if key not in active), member)
            else:
                past |= keys
        return cls(team, members, frozenset(present), active, frozenset(past))

    def member(self, addressee: Addressee) -> Member | None:
        """The active member who is the one addressed."""
        return next((self.active[key] for key in _keys(addressee) if key in self.active), None)

    def gone(self, addressee: Addressee) -> bool:
        """True for someone whose every participation has ended."""
        return self.member(addressee) is None and not self.past.isdisjoint(_keys(addressee))


def _latest(participations: tuple[Member, ...]) -> tuple[Member, ...]:
    latest: dict[str, Member] = {}
    for one in participations:
        known = latest.get(one.id)
        if known is None or not one.begins_before(known):
            latest[one.id] = one
    return tuple(latest.values())


def _keys(addressee: Addressee) -> Iterator[str]:
    return (f"{addressee.kind} {id}" for id in addressee.ids)


def _keys_of(member: Member) -> set[str]:
    whom = of_member(member)
    if whom is None:
        return set()
    box = set(_keys(mailbox(whom.address))) if whom.address else set()
    return box.union(_keys(whom))
