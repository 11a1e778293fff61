"""What the header of an event's document says: which type, whose, by whom, about which act.

Nothing is guessed. Where the minimal structure demands a value that no event brings, the default stands here:
frame of practice AMBULATOIRE, kind of place SA43 ("Secteur non défini"), confidentiality N, language fr-FR.
"""

from __future__ import annotations

import re
from uuid import NAMESPACE_OID, uuid5

from gateway.model.codes import Terms
from gateway.model.errors import Broken, Rejected
from gateway.model.event import Event, MemberJoined, PlanCreated, Recipient, ReportShared, TeamCreated
from gateway.model.facts import Facts
from gateway.model.faults import Fault
from gateway.model.known import Known
from gateway.model.people import Organization, Professional
from gateway.model.report import Report
from gateway.model.team import Team
from gateway.model.when import Instant, When
from gateway.pack import times
from gateway.pack.header import PERSONS, Act, Body, Code, Header, Id, Party, Stay
from gateway.pack.packed import Minted, Software
from gateway.pack.parties import as_code, body, coded, first_given, party, relatives, subject

PLAN_TYPE = "18776-5"  # Plan personnalisé de soins (JDV_J07)
DEFAULT_SETTING = "AMBULATOIRE"
DEFAULT_FACILITY = "SA43"


def draft(event: Event, known: Known, terms: Terms, minted: Minted, software: Software, team_type: str) -> Header:
    """The header of the document of one event.

    Raises Rejected `unknown-code` for a report whose type is not in JDV_J07, Broken for such a `team_type`.
    """
    report = event.report if isinstance(event, ReportShared) else None
    made = times.hl7(created(event))
    team = team_now(event, known)
    close = relatives(event.patient, terms, event.occurred_at.moment)
    authors = tuple(_author(who, event, terms, team, software, made) for who in written_by(event))
    return Header(
        id=Id(minted.oid("document")),
        code=_type(event, terms, team_type),
        title=title(event, terms, team_type),
        effective=made,
        confidentiality=_listed(report.confidentiality if report else None, "J08", "N", terms),
        language=_language(report),
        set_id=_set_id(event, minted),
        version=(report.version if report and report.version and report.version > 0 else 1),
        subject=subject(event.patient, minted, tuple(one for one in close if one.role == "GUARD")),
        authors=authors,
        custodian=_custodian(event, team),
        authenticator=_authenticator(event, terms, authors, made),
        acts=_acts(event, terms, authors),
        stay=_stay(event, terms),
        entered_by=_entered_by(event, terms, made),
        informants=tuple(one for one in close if one.role != "GUARD"),
        recipients=tuple(who for one in event.recipients if (who := _recipient(one, team, terms))),
        participants=_participants(event, terms),
    )


def event_facts(event: Event, type_code: str) -> Facts:
    """The Facts of the event itself, for the document type it is packed as."""
    patient, first = event.patient, written_by(event)[0]
    ins, local = patient.outgoing_ins, patient.local_id
    mine = f"{local.system.removeprefix('urn:oid:')}|{local.value}" if local else None
    return Facts(
        patient=ins.number if ins else mine,
        birth_name=(patient.birth_name or "").upper() or None,
        given_name=first_given(patient).upper() or None,
        birth_date=patient.birth_date.text if patient.birth_date else None,
        sex=patient.sex,
        author=first.rpps.number if first.rpps else first.name or None,
        type=type_code,
        created=times.utc(times.hl7(created(event))),
        service=times.utc(times.hl7(_service(event)[0])),
    )


def created(event: Event) -> Instant:
    """When the document came to be: a report when it was written, a page of ours when what it tells happened."""
    return event.report.created_at if isinstance(event, ReportShared) else event.occurred_at


def written_by(event: Event) -> tuple[Professional, ...]:
    """The authors in order, at least one: the report's, the plan's, else the sender."""
    if isinstance(event, ReportShared) and event.report.authors:
        return event.report.authors
    if isinstance(event, PlanCreated) and event.plan.author:
        return (event.plan.author,)
    return (event.sender,)


def team_now(event: Event, known: Known) -> Team | None:
    """The team as it stands once the event has happened; None when there is none."""
    if isinstance(event, TeamCreated):
        return event.team
    team = known.team.team if known.team else None
    if not isinstance(event, MemberJoined):
        return team
    others = tuple(one for one in (team.members if team else ()) if one.id != event.member.id or one.until)
    base = team or event.team
    return Team(
        id=base.id,
        name=event.team.name or base.name,
        structures=event.team.structures or base.structures,
        since=event.team.since or base.since,
        ground=event.team.ground or base.ground,
        members=(*(one for one in others if one != event.member), event.member),
    )


def title(event: Event, terms: Terms, team_type: str) -> str:
    """The document's title: the sender's own, else what the document is."""
    match event:
        case ReportShared():
            return event.report.title or _type(event, terms, team_type).display
        case PlanCreated():
            return event.plan.title or _type(event, terms, team_type).display
        case MemberJoined():
            return "Nouveau membre de l'équipe de soins"
    return "Équipe de soins"


def _type(event: Event, terms: Terms, team_type: str) -> Code:
    if isinstance(event, ReportShared):
        if term := terms.find(event.report.type, "J07"):
            return as_code(term)
        raise Rejected([Fault("unknown-code", ("report", "type"), "JDV_J07")])
    code = PLAN_TYPE if isinstance(event, PlanCreated) else team_type
    if term := terms.find(code, "J07"):
        return as_code(term)
    raise Broken("the document type of teams is not in JDV_J07", advice="Correct documents.team_type")


def _listed(code: str | None, name: str, default: str, terms: Terms) -> Code:
    term = terms.find(code or default, name) or terms.find(default, name)
    return as_code(term) if term else Code(default)


def _language(report: Report | None) -> str:
    said = report.language if report and report.language else "fr"
    if re.fullmatch(r"[a-z]{2}-[A-Z]{2}", said, re.ASCII):
        return said
    return f"{said}-{said.upper()}" if said in ("fr", "es", "it", "de", "pt", "nl") else "fr-FR"


def _set_id(event: Event, minted: Minted) -> Id:
    """One for all versions of a report of one sender; a page of ours is a document by itself."""
    if not isinstance(event, ReportShared):
        return Id(minted.oid("document-set"))
    organization = event.sender.organization
    owner = (organization.national or organization.name) if organization else event.sender.key
    return Id(f"2.25.{uuid5(NAMESPACE_OID, f'{owner}|report|{event.report.id}').int}")


def _author(who: Professional, event: Event, terms: Terms, team: Team | None, software: Software, time: str) -> Party:
    """An author; an organisation that speaks by itself writes through its software (CDA: assignedAuthoringDevice)."""
    told = party(who, terms, team=team, time=time)
    if told.name or who is not event.sender:
        return told
    organization = body(who.organization)
    ids = told.ids or ((organization.id,) if organization and organization.id else ())
    device = (software.vendor or software.name, f"{software.name} {software.version}".strip())
    code = _listed(None, "J01", "AUTOMATE", terms)
    return Party(ids=ids, time=time, code=code, device=device, organization=organization)


def _custodian(event: Event, team: Team | None) -> Body:
    """Who keeps the document: named by the report, else the sender's organisation, else the team's first structure."""
    named = event.report.custodian if isinstance(event, ReportShared) else None
    organization: Organization | None = named or event.sender.organization
    if organization is None and team and team.structures:
        organization = team.structures[0]
    return body(organization) or Body(name=event.sender.name)


def _authenticator(event: Event, terms: Terms, authors: tuple[Party, ...], made: str) -> Party:
    """Who answers for the document: the signatory, else the one acted for, else the sender, else an author."""
    if isinstance(event, ReportShared) and event.report.signed_by:
        signed = event.report.signed_by
        return party(signed.professional, terms, time=times.hl7(signed.at))
    sender = party(event.sender.acting_for or event.sender, terms, time=made)
    if sender.name:
        return sender
    named = next((author for author in authors if author.name), None)
    if named:
        return Party(ids=named.ids, time=made, code=named.code, name=named.name, organization=named.organization)
    organization = body(event.sender.organization)
    ids = (organization.id,) if organization and organization.id else ()
    return Party(ids=ids, time=made, organization=organization)


def _service(event: Event) -> tuple[When | Instant, When | None]:
    """When what is documented began and ended."""
    match event:
        case ReportShared(report=report):
            return report.service_start or report.service_end or report.created_at, report.service_end
        case PlanCreated(plan=plan):
            return plan.since or event.occurred_at, plan.until
        case MemberJoined(member=member):
            return member.since or event.occurred_at, None
        case TeamCreated(team=team):
            return team.since or event.occurred_at, None
    return event.occurred_at, None


def _acts(event: Event, terms: Terms, authors: tuple[Party, ...]) -> tuple[Act, ...]:
    """The first act carries the bounds and the performer; a report may name more."""
    report = event.report if isinstance(event, ReportShared) else None
    start, end = _service(event)
    setting = _listed(report.setting if report else None, "J04", DEFAULT_SETTING, terms)
    first = authors[0]
    where = first.organization or Body()
    performer = Party(
        ids=first.ids,
        code=first.code,
        name=first.name,
        organization=Body(id=where.id, name=where.name, setting=setting),
    )
    codes: list[Code | None] = [coded(act, terms) for act in report.acts] if report else []
    low, high = times.hl7(start), times.hl7(end) if end else ""
    codes = codes or [None]
    return (Act(code=codes[0], low=low, high=high, performer=performer), *(Act(code=code) for code in codes[1:]))


def _stay(event: Event, terms: Terms) -> Stay:
    report = event.report if isinstance(event, ReportShared) else None
    met = report.encounter if report else None
    sector = event.sender.organization.sector if event.sender.organization else None
    facility = _listed((report.facility if report else None) or sector, "J02", DEFAULT_FACILITY, terms)
    if met is None:
        return Stay(facility=facility)
    kind = terms.find(met.type, "J142") if met.type else None
    return Stay(
        id=Id(f"2.25.{uuid5(NAMESPACE_OID, f'{event.sender.key}|encounter').int}", met.id) if met.id else None,
        code=as_code(kind) if kind else None,
        low=times.hl7(met.since) if met.since else "",
        high=times.hl7(met.until) if met.until else "",
        facility=facility,
    )


def _entered_by(event: Event, terms: Terms, made: str) -> Party | None:
    typist = event.sender.entered_by
    return party(typist, terms, time=made) if typist else None


def _participants(event: Event, terms: Terms) -> tuple[tuple[str, Party], ...]:
    """The treating physician, when declared."""
    physician = event.patient.treating_physician
    if physician is None or physician.none or physician.unknown:
        return ()
    function = terms.find("PCP", "J47")
    told = party(physician, terms)
    return (
        ("INF", Party(ids=told.ids, code=told.code, function=as_code(function) if function else None, name=told.name,
                      organization=told.organization)),
    )  # fmt: skip


def _recipient(one: Recipient, team: Team | None, terms: Terms) -> Party | None:
    """A recipient the sender names by a number, a mailbox or a place in the team; roles and the patient are not."""
    if one.member:
        member = team.member(one.member) if team else None
        return _addressee(member, terms) if member and member.kind != "related" else None
    if one.rpps:
        known = next((who for who in (team.members if team else ()) if who.rpps == one.rpps), None)
        if known:
            return _addressee(known, terms)
        return Party(ids=(Id(PERSONS, one.rpps.national),), organization=body(one.organization))
    if one.finess or one.siret or one.ids:
        return Party(organization=body(Organization(ids=one.ids, finess=one.finess, siret=one.siret)))
    if one.mss:
        return Party(mail=one.mss.text)
    return None


def _addressee(who: Professional, terms: Terms) -> Party:
    told = party(who, terms)  # intendedRecipient has no room for a profession or a function
    return Party(ids=told.ids, name=told.name, organization=told.organization, mail=told.mail)
