"""What the header of an event's document says: which type, whose, by whom, about which act.

Nothing is guessed. Where the minimal structure demands a value that no event brings, the default stands here:
frame of practice AMBULATOIRE, kind of place SA43 ("Secteur non défini"), confidentiality N, language fr-FR.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from uuid import NAMESPACE_OID, uuid5

from gateway.model.codes import Terms
from gateway.model.event import Event, Recipient, ReportCancelled
from gateway.model.facts import Facts, Writer, person_key
from gateway.model.known import Known
from gateway.model.people import Organization, Professional
from gateway.model.report import Report
from gateway.model.team import Team
from gateway.pack import times
from gateway.pack.header import PERSONS, STRUCTURES, Act, Body, Code, Header, Id, Party, Stay, Subject, is_oid
from gateway.pack.matter import (
    PlanEvent,
    TeamEvent,
    created,
    is_newer_version,
    report_of,
    service,
    team_now,
    title,
    type_of,
    written_by,
)
from gateway.pack.names import patient_line
from gateway.pack.packed import Earlier, Minted, Software
from gateway.pack.parties import as_code, body, coded, first_given, party, person_ids, relatives, subject

DEFAULT_SETTING = "AMBULATOIRE"
DEFAULT_FACILITY = "SA43"
TEAM_MEMBER = "353"  # JDV_J47: Membre de l'équipe de soins


def draft(
    event: Event,
    known: Known,
    terms: Terms,
    minted: Minted,
    software: Software,
    team_type: str,
    previous: Sequence[Earlier] = (),
    issuer: str = "",
) -> Header:
    """The header of the document of one event.

    known     what is known once the event is counted
    previous  who carried the report that this event replaces, oldest first
    issuer    whose words the report's id is in

    Raises Rejected `unknown-code` for a report whose type is not in JDV_J07, Broken for such a `team_type`.
    """
    report = report_of(event)
    made = times.hl7(created(event))
    team = team_now(event, known)
    close = relatives(event.patient, terms, event.occurred_at.moment)
    authors = tuple(_author(who, event, terms, team, software, made) for who in written_by(event))
    before = previous[-1] if previous and is_newer_version(event) else None
    return Header(
        id=Id(minted.oid("document")),
        code=type_of(event, terms, team_type),
        title=title(event, known, terms, team_type),
        effective=made,
        confidentiality=_listed(report.confidentiality if report else None, "J08", "N", terms),
        language=_language(report),
        set_id=(before.set_id if before else None) or _set_id(event, known, minted, issuer),
        version=_version(event, known),
        subject=subject(event.patient, minted, tuple(one for one in close if one.role == "GUARD")),
        authors=authors,
        custodian=_custodian(event, team),
        authenticator=_authenticator(event, terms, authors, made),
        acts=_acts(event, terms, authors),
        stay=_stay(event, terms),
        entered_by=_entered_by(event, terms, made),
        informants=tuple(one for one in close if one.role != "GUARD"),
        recipients=tuple(who for one in event.recipients if (who := _recipient(one, team, terms))),
        participants=_participants(event, terms, team),
        masks=tuple(_listed(mask, "J08", mask, terms) for mask in report.masks) if report else (),
        replaces=before.document if before else None,
    )


def withdrawals(header: Header, previous: Sequence[Earlier]) -> tuple[Header, ...]:
    """The headers by which a cancellation takes back every document that carried the report, the newest first.

    Each stands in for one of them, under its very identifier: by it the recipient's software finds what to remove.
    They say no more of the patient than who it is. With nothing known to take back, the one of `header` itself.
    """
    whom = header.subject
    bare = replace(
        header,
        subject=Subject(
            ids=whom.ids, name=whom.name, sex=whom.sex, birth_time=whom.birth_time, birth_place=whom.birth_place
        ),
        informants=(),
        recipients=(),
        participants=(),
    )
    return tuple(replace(bare, id=one.document, set_id=one.set_id or bare.set_id) for one in reversed(previous)) or (
        bare,
    )


def event_facts(event: Event, type_code: str | None) -> Facts:
    """The Facts of the event, packed as a document of that type if any; what it leaves to a default is not said."""
    patient, report = event.patient, report_of(event)
    ins = patient.outgoing_ins
    ids = [person_key(ins.kind.oid, ins.number)] if ins else []
    ids += [person_key(one.system, one.value) for one in patient.outgoing_local_ids]
    begun = report.service_start if report else service(event)[0]
    return Facts(
        patient=frozenset(ids) or None,
        birth_name=patient.birth_name,
        given_name=first_given(patient) or None,
        birth_date=patient.birth_date.text if patient.birth_date else None,
        sex=patient.sex,
        author=tuple(_writer(who) for who in written_by(event) if who.rpps or who.ids or who.name),
        type=type_code,
        created=times.hl7(created(event)),
        service=times.hl7(begun) if begun else None,
        line=patient_line(patient) or None,
    )


def _writer(who: Professional) -> Writer:
    ids = frozenset(person_key(id.system, id.extension) for id in person_ids(who))
    return Writer(ids=ids, name=who.name)


def _listed(code: str | None, name: str, default: str, terms: Terms) -> Code:
    term = terms.find(code or default, name) or terms.find(default, name)
    return as_code(term) if term else Code(default)


def _language(report: Report | None) -> str:
    said = report.language if report and report.language else "fr"
    if re.fullmatch(r"[a-z]{2}-[A-Z]{2}", said, re.ASCII):
        return said
    return f"{said}-{said.upper()}" if said in ("fr", "es", "it", "de", "pt", "nl") else "fr-FR"


def _set_id(event: Event, known: Known, minted: Minted, issuer: str) -> Id:
    """One for all versions of a report of one organisation's software; a page of ours is a document by itself."""
    told = report_of(event) or (event.report if isinstance(event, ReportCancelled) else None)
    if told is None:
        return Id(minted.oid("document-set"))
    organization = event.sender.organization
    owner = (organization.national or organization.name) if organization else event.sender.key
    first = known.report.series if known.report and known.report.id == told.id else told.id
    return Id(f"2.25.{uuid5(NAMESPACE_OID, f'{owner}|{issuer}|report|{first}').int}")


def _version(event: Event, known: Known) -> int:
    """As the sender counts; what replaces another version counts higher than it."""
    report = report_of(event)
    said = (report.version if report else None) or (known.report.version if known.report else None) or 1
    before = (known.replaced.version if known.replaced else None) or 1
    return max(said, before + 1) if is_newer_version(event) else max(said, 1)


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
    report = report_of(event)
    organization: Organization | None = (report.custodian if report else None) or event.sender.organization
    if organization is None and team and team.structures:
        organization = team.structures[0]
    return body(organization) or Body(name=event.sender.name)


def _authenticator(event: Event, terms: Terms, authors: tuple[Party, ...], made: str) -> Party:
    """Who answers for the document: the signatory, else the one acted for, else the sender, else an author."""
    report = report_of(event)
    if report and report.signed_by:
        signed = report.signed_by
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


def _acts(event: Event, terms: Terms, authors: tuple[Party, ...]) -> tuple[Act, ...]:
    """The first act carries the bounds and the performer; a report may name more."""
    report = report_of(event)
    start, end = service(event)
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
    report = report_of(event)
    met = report.encounter if report else None
    sector = event.sender.organization.sector if event.sender.organization else None
    facility = _listed((report.facility if report else None) or sector, "J02", DEFAULT_FACILITY, terms)
    if met is None:
        return Stay(facility=facility)
    kind = terms.find(met.type, "J142") if met.type else None
    return Stay(
        id=_numbered(met.id, event, "encounter") if met.id else None,
        code=as_code(kind) if kind else None,
        low=times.hl7(met.since) if met.since else "",
        high=times.hl7(met.until) if met.until else "",
        facility=facility,
    )


def _entered_by(event: Event, terms: Terms, made: str) -> Party | None:
    typist = event.sender.entered_by
    return party(typist, terms, time=made) if typist else None


def _numbered(said: str, event: Event, what: str) -> Id:
    """An identifier in the sender's own numbering; one that names its root keeps it (`1.2.3^45`)."""
    root, _, extension = said.partition("^")
    if extension and is_oid(root):
        return Id(root, extension)
    return Id(f"2.25.{uuid5(NAMESPACE_OID, f'{event.sender.key}|{what}').int}", said)


def _participants(event: Event, terms: Terms, team: Team | None) -> tuple[tuple[str, Party], ...]:
    """The declared treating physician, the sender's supervisor and, on a page about a team or a plan, its members."""
    told: list[tuple[str, Party]] = []
    physician = event.patient.treating_physician
    if physician and not (physician.none or physician.unknown):
        told.append(("INF", _participant(physician, terms, "PCP")))
    if event.sender.supervisor:
        told.append(("RESP", _participant(event.sender.supervisor, terms)))
    if team and isinstance(event, TeamEvent | PlanEvent):
        now = event.occurred_at.moment
        told += [
            ("PRF", _participant(who, terms, TEAM_MEMBER))
            for who in team.members
            if who.kind == "professional" and who.active(now)
        ]
    return tuple(told)


def _participant(who: Professional, terms: Terms, function: str = "") -> Party:
    term = terms.find(function, "J47")
    return replace(party(who, terms), function=as_code(term) if term else None)


def _recipient(one: Recipient, team: Team | None, terms: Terms) -> Party | None:
    """A recipient the sender names by a number, a mailbox or a place in the team; roles and the patient are not."""
    if one.member:
        member = team.member(one.member) if team else None
        return _addressee(member, terms) if member and member.kind != "related" else None
    if one.rpps:
        known = next((who for who in (team.members if team else ()) if who.rpps == one.rpps), None)
        if known:
            return _addressee(known, terms)
        return Party(ids=(Id(PERSONS, one.rpps.national),), organization=_addressed(one.organization))
    if one.finess or one.siret or one.ids:
        place = _addressed(Organization(ids=one.ids, finess=one.finess, siret=one.siret))
        return Party(organization=place) if place else None
    if one.mss:
        return Party(mail=one.mss.text)
    return None


def _addressee(who: Professional, terms: Terms) -> Party:
    told = party(who, terms)  # intendedRecipient has no room for a profession or a function
    return Party(ids=told.ids, name=told.name, organization=_addressed(who.organization), mail=told.mail)


def _addressed(organization: Organization | None) -> Body | None:
    """Where a recipient is, by its national identifiers: CI-SIS has no room for others there."""
    whole = body(organization)
    if whole is None:
        return None
    ids = [id for id in (whole.id, *whole.others) if id and id.root == STRUCTURES]
    if not ids:
        return Body(name=whole.name) if whole.name else None
    return Body(id=ids[0], name=whole.name, others=tuple(ids[1:]))
