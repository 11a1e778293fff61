"""team.member-joined, team.member-left, team.role-changed and team.closed ⇄ CareTeam (CDS 2.0.1: update transaction).

An update carries the whole CareTeam as known after the event, with all its actors, so that it stands alone
(CDS, interaction_transaction). Who leaves has a participant with an end; whose role changes has two. `Bundle.meta` says
which member the event is about and what it told of the team.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.model.errors import Rejected
from gateway.model.event import MemberJoined, MemberLeft, RoleChanged, TeamClosed
from gateway.model.faults import Fault
from gateway.model.known import Known
from gateway.model.team import TEAM_ENDS, Member
from gateway.translate.fhir import names
from gateway.translate.fhir.bundle import Received, telling
from gateway.translate.fhir.node import JSON, said
from gateway.translate.fhir.shelf import Entries, search
from gateway.translate.fhir.team import care_team, is_known, read_care_team


class Change:
    """Something changes in a known team: the whole CareTeam is put again."""

    profile: str | None = names.TEAM_UPDATE
    shape: str = names.profile("team-update")

    def write(
        self, event: MemberJoined | MemberLeft | RoleChanged | TeamClosed, known: Known, entries: Entries
    ) -> JSON:
        """Put the CareTeam as it is now, and its actors."""
        if known.team is None:
            raise Rejected([Fault("unknown-team", ("team", "id"))])
        team = known.team.team
        update = {"method": "PUT", "url": f"CareTeam?{search(entries.ours('team'), team.id)}"}
        entries.add("team", care_team(team, entries), update)
        return telling(event.team.said())

    def told(self, received: Received) -> tuple[JSON, JSON]:
        """The whole team, and as much of it as the event told."""
        whole = read_care_team(received.the("CareTeam"), received.terms)
        told = received.told() - {"members"} | {"id"}
        return whole, {name: value for name, value in whole.items() if name in told}


@dataclass(frozen=True)
class MemberChange(Change):
    """A change about one member.

    mark   the extension of `Bundle.meta` that names them
    among  the participations an unmarked bundle may be about, by comparison with what is known
    """

    event: type[MemberJoined | MemberLeft | RoleChanged]
    mark: str
    among: Callable[[list[JSON], Known], list[JSON]]

    def write(self, event: MemberJoined | MemberLeft | RoleChanged, known: Known, entries: Entries) -> JSON:  # type: ignore[override]
        """See Change."""
        return {self.mark: {"valueString": event.member.id}, **super().write(event, known, entries)}

    def read(self, received: Received, known: Known) -> JSON:
        """What the event told of the team, and the member: the one named, else the one found by comparison."""
        whole, team = self.told(received)
        members = whole.get("members", [])
        id = received.meta.extension(self.mark).text("valueString")
        found = [one for one in members if one.get("id") == id] if id else self.among(members, known)
        if id is None and len(found) != 1:
            received.the("CareTeam").fault("participant", code="ambiguous-event" if found else "unknown-member")
        return said(team=team, member=found[-1] if found else said(id=id) or None)

    def fits(self, received: Received, known: Known) -> bool:
        """A team known, that has not ended, in which exactly one participation changed in this way."""
        if not is_known(received, known):
            return False
        team = read_care_team(received.the("CareTeam"), received.terms)
        return team.get("status") not in TEAM_ENDS and len(self.among(team.get("members", []), known)) == 1


class Closing(Change):
    """The team ends: status and end of its period."""

    event = TeamClosed

    def read(self, received: Received, known: Known) -> JSON:
        """What the event told of the team; from others, that it ended, when and why."""
        whole, team = self.told(received)
        ended = {name: whole[name] for name in ("until", "status", "closed_reason") if name in whole}
        return said(team=ended | team)

    def fits(self, received: Received, known: Known) -> bool:
        """A team known to be open that has ended."""
        if not is_known(received, known) or known.team is None or not known.team.team.open:
            return False
        return read_care_team(received.the("CareTeam"), received.terms).get("status") in TEAM_ENDS


def _joined(members: list[JSON], known: Known) -> list[JSON]:
    """New participations of somebody who was not in, or who is in as before."""
    changed = _role_changed(members, known)
    return [one for one in _new(members, known) if one not in changed]


def _left(members: list[JSON], known: Known) -> list[JSON]:
    """Participations that were open, and now have an end or are no longer there, when no other took their place."""
    now = {_key(one): one for one in members}
    new = {one.get("id") for one in _new(members, known)}
    ended = (one for one in _known(known) if one.until is None and one.id not in new)
    found = [(one, now.get((one.id, one.since.text if one.since else None))) for one in ended]
    return [here or {"id": one.id} for one, here in found if here is None or "until" in here]


def _role_changed(members: list[JSON], known: Known) -> list[JSON]:
    """New participations of somebody who was in, with other roles."""
    roles = {one.id: {role.code for role in one.roles} for one in _known(known) if one.until is None}
    return [
        one
        for one in _new(members, known)
        if one.get("id") in roles and {role.get("code") for role in one.get("roles", [])} != roles[one["id"]]
    ]


def _new(members: list[JSON], known: Known) -> list[JSON]:
    """The participations that are not in the team as known."""
    seen = {(one.id, one.since.text if one.since else None) for one in _known(known)}
    return [one for one in members if _key(one) not in seen]


def _known(known: Known) -> tuple[Member, ...]:
    return known.team.team.members if known.team else ()


def _key(member: JSON) -> tuple[str | None, str | None]:
    return member.get("id"), member.get("since")


KINDS = (
    MemberChange(MemberJoined, names.extension("joined"), _joined),
    MemberChange(MemberLeft, names.extension("left"), _left),
    MemberChange(RoleChanged, names.extension("role-changed"), _role_changed),
    Closing(),
)
