"""A team ⇄ CareTeam, and its beginning (CDS 2.0.1: creation transaction). What changes it is in `team_change`.

A member who comes back, or whose role changed, has a participant for each of their periods.
"""

from __future__ import annotations

from gateway.model.codes import Terms
from gateway.model.event import Event, TeamCreated, TeamReference
from gateway.model.known import Known
from gateway.model.people import Structure
from gateway.model.team import Member, Team
from gateway.model.when import When
from gateway.translate.fhir import codes, names, people, places
from gateway.translate.fhir.bundle import Received
from gateway.translate.fhir.node import JSON, Node, said, span
from gateway.translate.fhir.remainder import complete, keep, tree_of
from gateway.translate.fhir.shelf import Entries, Shelf, search


class Creation:
    """A care team begins: the CareTeam is created unless one with its identifier exists."""

    event: type[Event] = TeamCreated
    profile: str | None = names.TEAM_CREATION
    shape: str = names.profile("team-creation")

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
        return bool(received.all("CareTeam")) and not is_known(received, known)


KINDS = (Creation(),)


def refer_team(team: TeamReference, shelf: Shelf) -> JSON:
    """A logical Reference to a team: the recipient may not hold its CareTeam."""
    return {"type": "CareTeam", "identifier": {"system": shelf.ours("team"), "value": team.id}}


def read_team(node: Node) -> str | None:
    """The team's id such a Reference names."""
    return node.one("identifier").text("value")


def is_known(received: Received, known: Known) -> bool:
    """Whether the one CareTeam of a bundle is the team known."""
    found = received.all("CareTeam")
    if known.team is None or len(found) != 1:
        return False
    return read_care_team(found[0], received.terms).get("id") == known.team.team.id


def care_team(team: Team, entries: Entries) -> JSON:
    """The CareTeam of a team. What the profile requires and the team does not say is marked as absent."""
    over = team.until is not None or team.closed_reason is not None
    # Structures first: a member may work in one of them, and only here is its kind told.
    structures = [places.refer(entries, one) for one in team.structures]
    # The latest period first: a relative is one resource, and this is how they are now.
    participants = [_participant(one, team, entries) for one in reversed(team.members)]
    resource = {
        "resourceType": "CareTeam",
        "meta": {"profile": [names.CARE_TEAM]},
        **said(
            identifier=[{"system": entries.ours("team"), "value": team.id}],
            status=team.status or ("inactive" if over else "active"),
            name=team.name,
            _name=None if team.name else names.absent(),
            subject={"reference": entries.patient},
            period=_period(team.since, team.until),
            participant=participants[::-1],
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
    period = _period(member.since, member.until) if member.since or member.until else None
    element = said(
        role=[codes.concept(entries.terms, one, *people.ROLES) for one in member.roles],
        member=people.refer_member(entries, member, team.id),
        period=period,
    )
    keep(element, Member, tree_of(member), _read_participant(entries.look(element), entries.terms))
    return element


def _period(since: When | None, until: When | None) -> JSON:
    return span(since, until) | ({} if since else {"_start": names.absent()})


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
