"""What an event does to a team.

A participation is one period of one member: it begins when they join, ends when they leave, and a change of role ends
one and begins another.

What was told stays until it is taken back. `member-left` with the reason `error` takes a participation back as if it
had never been told; a joining or a change of role told again with the same `since` corrects the rest of it; and
`team.created` with a known id tells the team whole anew, also one that was closed by mistake.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.model.errors import Rejected
from gateway.model.event import MemberJoined, MemberLeft, RoleChanged, TeamClosed, TeamCreated
from gateway.model.faults import Fault, Notice
from gateway.model.known import periods
from gateway.model.known.state import (
    Known,
    KnownTeam,
    Notices,
    day_of,
    ending,
    is_late,
    late,
    newest,
    rebuilt,
)
from gateway.model.team import TEAM_ENDS, Member, Team
from gateway.model.when import When

ERROR = "error"
"""The reason that takes a participation back."""


def team_created(known: Known, event: TeamCreated, patient: str) -> tuple[Known, Notices]:
    """The team as told whole; told late, of a team that is known, it changes nothing."""
    notices = late(known.team, event)
    if notices:
        return known, (*notices, Notice("older-than-known", ("occurred_at",)))
    if known.team:
        notices = (Notice("team-replaced", ("team", "id")),)
    return replace(known, team=KnownTeam(team=event.team, patient=patient, as_of=event.occurred_at)), notices


def member_joined(known: Known, event: MemberJoined) -> tuple[Known, Notices]:
    """A participation begins. Raises Rejected `duplicate-member` when the id is already somebody else's."""
    held, told = _open(known, event), event.member
    mine = _participations(held.team, told.id)
    if any(_another(one, told) for one in mine):
        raise Rejected([Fault("duplicate-member", ("member", "id"))])
    now, already = rebuilt("member", periods.join, mine, told, day_of(event), late=is_late(held, event))
    notices = (Notice("member-already-in", ("member", "id")),) if already else ()
    return _changed(known, held, event, _members(held.team, told.id, now), notices)


def member_left(known: Known, event: MemberLeft) -> tuple[Known, Notices]:
    """A participation ends, or is taken back."""
    held, told = _open(known, event), event.member
    mine, already = _named(held.team, event), False
    if told.reason == ERROR:
        now = periods.take_back(mine, told)
    else:
        now, already = rebuilt("member", periods.leave, mine, told, day_of(event))
    notices = (Notice("member-already-left", ("member", "until")),) if already else ()
    return _changed(known, held, event, _members(held.team, told.id, now), notices)


def role_changed(known: Known, event: RoleChanged) -> tuple[Known, Notices]:
    """A participation ends, and another begins with the new roles."""
    held, told = _open(known, event), event.member
    now, differ = rebuilt("member", periods.change_role, _named(held.team, event), told, day_of(event))
    notices = (Notice("previous-roles-differ", ("member", "previous_roles")),) if differ else ()
    return _changed(known, held, event, _members(held.team, told.id, now), notices)


def team_closed(known: Known, event: TeamClosed) -> tuple[Known, Notices]:
    """The team ends, and every participation with it. Raises Rejected `unknown-code` for a status that is no end."""
    held, told = _open(known, event), event.team
    if told.status is not None and told.status not in TEAM_ENDS:
        raise Rejected([Fault("unknown-code", ("team", "status"), ", ".join(TEAM_ENDS))])
    until = ending(told.until, held.team.until, told.since or held.team.since, day_of(event))
    members = tuple(_ended(one, until) for one in held.team.members)
    known, notices = _changed(known, held, event, members, ())
    assert known.team is not None
    status = told.status or "inactive"
    closed = rebuilt("team", replace, known.team.team, until=until, status=status, closed_reason=told.closed_reason)
    return replace(known, team=replace(known.team, team=closed)), notices


def _open(known: Known, event: MemberJoined | MemberLeft | RoleChanged | TeamClosed) -> KnownTeam:
    assert known.team is not None  # `after` looked
    faults = []
    if event.team.members:
        faults.append(Fault("unknown-field", ("team", "members")))
    if not known.team.team.open:
        faults.append(Fault("team-closed", ("team", "id")))
    if faults:
        raise Rejected(faults)
    return known.team


def _changed(
    known: Known,
    held: KnownTeam,
    event: MemberJoined | MemberLeft | RoleChanged | TeamClosed,
    members: tuple[Member, ...],
    notices: Notices,
) -> tuple[Known, Notices]:
    """The team with these members and what else was told of it; a late event only adds what was not known."""
    names = event.team.said() - {"id"}
    if is_late(held, event):
        names -= held.team.said()
    told = {name: getattr(event.team, name) for name in names}
    team = rebuilt("team", replace, held.team, **told, members=members)
    now = replace(known, team=replace(held, team=team, as_of=newest(held, event)))
    return now, (*late(held, event), *notices)


def _participations(team: Team, id: str) -> tuple[Member, ...]:
    return tuple(one for one in team.members if one.id == id)


def _named(team: Team, event: MemberLeft | RoleChanged) -> tuple[Member, ...]:
    mine = _participations(team, event.member.id)
    if not mine:
        raise Rejected([Fault("unknown-member", ("member", "id"))])
    if any(_another(one, event.member) for one in mine):
        raise Rejected([Fault("unknown-member", ("member", "rpps"))])
    return mine


def _another(one: Member, told: Member) -> bool:
    return one.rpps is not None and told.rpps is not None and one.rpps != told.rpps


def _members(team: Team, id: str, mine: tuple[Member, ...]) -> tuple[Member, ...]:
    """The team's members with these participations of that one, where the first of them stood."""
    others = [one for one in team.members if one.id != id]
    place = next((index for index, one in enumerate(team.members) if one.id == id), len(others))
    return (*others[:place], *mine, *others[place:])


def _ended(member: Member, until: When) -> Member:
    if member.until is not None and not until.before(member.until):
        return member
    return replace(member, until=ending(None, until, member.since, until))
