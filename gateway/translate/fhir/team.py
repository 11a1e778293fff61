"""team.created and team.member-joined ⇄ CareTeam (CDS 2.0.1: creation and update transactions).

An update carries the whole CareTeam as known after the event, with all its actors, so that it stands alone
(CDS, interaction_transaction). A member who comes back has a second participant.
"""

from __future__ import annotations

from gateway.model.codes import Terms
from gateway.model.errors import Rejected
from gateway.model.event import Event, MemberJoined, TeamCreated, TeamReference
from gateway.model.faults import Fault
from gateway.model.known import Known
from gateway.model.people import Structure
from gateway.model.team import Member, Team
from gateway.translate.fhir import codes, names, people, places
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import JSON, Node, said
from gateway.translate.fhir.remainder import complete, keep, tree_of
from gateway.translate.fhir.shelf import Entries, Shelf, search

JOINED = names.extension("joined")
TOLD = names.extension("told")


class Creation:
    """A care team begins: the CareTeam is created unless one with its identifier exists."""

    event: type[Event] = TeamCreated
    profile: str | None = names.TEAM_CREATION

    def write(self, event: TeamCreated, known: Known, entries: Entries) -> JSON:
        """Put the CareTeam and its actors."""
        where = search(entries.ours("team"), event.team.id)
        create = {"method": "POST", "url": "CareTeam", "ifNoneExist": where}
        entries.add("team", care_team(event.team, entries), create)
        return {}

    def read(self, received: Received, known: Known) -> JSON:
        """The team."""
        return said(team=read_care_team(received.the("CareTeam"), received.terms))

    def fits(self, received: Received, known: Known) -> bool:
        """A CareTeam, and no such team known."""
        return bool(received.all("CareTeam")) and not _is_known(received, known)


class Joining:
    """Someone joins: the whole CareTeam is put again. `Bundle.meta` says who joined and what the event told of it."""

    event: type[Event] = MemberJoined
    profile: str | None = names.TEAM_UPDATE

    def write(self, event: MemberJoined, known: Known, entries: Entries) -> JSON:
        """Put the CareTeam as it is now, and its actors."""
        if known.team is None:
            raise Rejected([Fault("unknown-team", ("team", "id"))])
        team = known.team.team
        update = {"method": "PUT", "url": f"CareTeam?{search(entries.ours('team'), team.id)}"}
        entries.add("team", care_team(team, entries), update)
        told = [{"url": "field", "valueCode": name} for name in sorted(event.team.said() - {"id"})]
        joined = {JOINED: {"valueString": event.member.id}}
        return {**joined, TOLD: {"extension": told}} if told else joined

    def read(self, received: Received, known: Known) -> JSON:
        """What the event told of the team, and the member: the one named, else the only one not known yet."""
        node = received.the("CareTeam")
        whole = read_care_team(node, received.terms)
        told = {one.text("valueCode") for one in received.meta.extension(TOLD).each("extension")}
        team = {name: value for name, value in whole.items() if name == "id" or (name in told and name != "members")}
        members = whole.get("members", [])
        id = received.meta.extension(JOINED).text("valueString")
        new = [one for one in members if one.get("id") == id] if id else strangers(members, known)
        if id is None and len(new) != 1:
            node.fault("participant", code="ambiguous-event" if new else "unknown-member")
        return said(team=team, member=new[-1] if new else None)

    def fits(self, received: Received, known: Known) -> bool:
        """A CareTeam with one member more than known."""
        if not _is_known(received, known):
            return False
        members = read_care_team(received.the("CareTeam"), received.terms).get("members", [])
        return len(strangers(members, known)) == 1


KINDS = (Creation(), Joining())


def refer_team(team: TeamReference, shelf: Shelf) -> JSON:
    """A logical Reference to a team: the recipient may not hold its CareTeam."""
    return {"type": "CareTeam", "identifier": {"system": shelf.ours("team"), "value": team.id}}


def read_team(node: Node) -> str | None:
    """The team's id such a Reference names."""
    return node.one("identifier").text("value")


def _is_known(received: Received, known: Known) -> bool:
    found = received.all("CareTeam")
    if known.team is None or len(found) != 1:
        return False
    return read_care_team(found[0], received.terms).get("id") == known.team.team.id


def strangers(members: list[JSON], known: Known) -> list[JSON]:
    """The participations that are not in the team as known."""
    team = known.team.team.members if known.team else ()
    seen = {(one.id, one.since.text if one.since else None) for one in team}
    return [one for one in members if (one.get("id"), one.get("since")) not in seen]


def care_team(team: Team, entries: Entries) -> JSON:
    """The CareTeam of a team. What the profile requires and the team does not say is marked as absent."""
    over = team.until is not None or team.closed_reason is not None
    since, until = team.since and team.since.text, team.until and team.until.text
    # Structures first: a member may work in one of them, and only here is its kind told.
    structures = [places.refer(entries, one) for one in team.structures]
    resource = {
        "resourceType": "CareTeam",
        "meta": {"profile": [names.CARE_TEAM]},
        **said(
            identifier=[{"system": entries.ours("team"), "value": team.id}],
            status=team.status or ("inactive" if over else "active"),
            name=team.name,
            _name=None if team.name else names.absent(),
            subject={"reference": entries.patient},
            period=said(start=since, _start=None if since else names.absent(), end=until),
            participant=[_participant(one, team, entries) for one in team.members],
            reasonCode=[codes.concept(entries.terms, one) for one in team.reasons],
            managingOrganization=structures,
        ),
    }
    keep(resource, Team, tree_of(team), _read(entries.look(resource), entries.terms))
    return resource


def read_care_team(node: Node, terms: Terms) -> JSON:
    """The canonical team of a CareTeam."""
    return complete(node, Team, _read(node, terms))


def _participant(member: Member, team: Team, entries: Entries) -> JSON:
    since, until = member.since and member.since.text, member.until and member.until.text
    period = said(start=since, _start=None if since else names.absent(), end=until) if since or until else None
    element = said(
        role=[codes.concept(entries.terms, one, *people.ROLES) for one in member.roles],
        member=people.refer_member(entries, member, team.id),
        period=period,
    )
    keep(element, Member, tree_of(member), _read_participant(entries.look(element), entries.terms))
    return element


def _read(node: Node, terms: Terms) -> JSON:
    period = node.one("period")
    return said(
        id=next((value for one in node.each("identifier") if (value := one.text("value"))), None),
        name=node.text("name"),
        structures=[places.read_reference(one, Structure) for one in node.each("managingOrganization")],
        since=period.text("start"),
        until=period.text("end"),
        status=node.text("status"),
        reasons=[found for one in node.each("reasonCode") if (found := codes.read_concept(terms, one))],
        members=[complete(one, Member, _read_participant(one, terms)) for one in node.each("participant")],
    )


def _read_participant(node: Node, terms: Terms) -> JSON:
    period = node.one("period")
    roles = [found for one in node.each("role") if (found := codes.read_concept(terms, one, *people.ROLES))]
    start, end = period.text("start"), period.text("end")
    return said(**people.read_member(node.one("member"), terms), roles=roles, since=start, until=end)
