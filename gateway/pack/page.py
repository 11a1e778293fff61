"""A page a person can read, as PDF/A-1a, for an event that brings no document.

What is said is decided here, in French; how it looks, in style/page.typ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from gateway.model.codes import Terms
from gateway.model.errors import Broken
from gateway.model.event import Event, ReportCancelled, ReportReplaced, ReportShared
from gateway.model.known import Known
from gateway.model.people import Patient, Professional
from gateway.pack.header import Header
from gateway.pack.matter import PlanEvent, TeamEvent, written_by
from gateway.pack.packed import Earlier, Minted, Software
from gateway.pack.page_parts import INS_LABELS, SEXES, Pairs, Section, told
from gateway.pack.page_plan import plan_sections, plan_subtitle
from gateway.pack.page_report import cancellation_sections, report_sections
from gateway.pack.page_team import team_sections, team_subtitle
from gateway.pack.parties import first_given, profession_label
from gateway.pack.times import french
from gateway.pack.typeset import typeset

_PARIS = ZoneInfo("Europe/Paris")
_STATUS = {"qualified": "qualifiée", "validated": "validée", "retrieved": "récupérée", "provisional": "provisoire"}


def write_page(
    event: Event,
    known: Known,
    terms: Terms,
    minted: Minted,
    software: Software,
    header: Header,
    previous: Sequence[Earlier] = (),
) -> bytes:
    """The page of one event, PDF/A-1a, tagged, in French. The same arguments give the same bytes.

    known     what is known once the event is counted
    previous  the exchanges by which a report that is taken back had reached someone

    A character no font has is shown as a hollow square; the CDA header keeps it. Raises Broken as typeset does.
    """
    words = _words(event, known, terms, minted, software, header)
    words["sections"] = _sections(event, known, terms, previous)
    return typeset("page", words, minted.at)


def _words(
    event: Event, known: Known, terms: Terms, minted: Minted, software: Software, header: Header
) -> dict[str, Any]:
    author = written_by(event)[0]
    organization = author.organization or event.sender.organization
    place = organization.name if organization and organization.name else event.sender.name
    made = minted.at.astimezone(_PARIS)
    return {
        "title": header.title,
        "subtitle": _subtitle(event, known),
        "author": author.name or place or "",
        "patient": {"name": _patient_name(event.patient), "pairs": _patient(event.patient)},
        "sender": {
            "label": "Auteur" if author.key != event.sender.key else "Émetteur",
            "name": author.name or place or "Non précisé",
            "pairs": _sender(author, event, terms),
        },
        "footer": " — ".join(
            part for part in (place, f"document produit par {software.name} le {made:%d/%m/%Y à %H:%M}") if part
        ),
    }


def _subtitle(event: Event, known: Known) -> str:
    if isinstance(event, TeamEvent):
        return team_subtitle(event, known)
    return plan_subtitle(event, known) if isinstance(event, PlanEvent) else ""


def _sections(event: Event, known: Known, terms: Terms, previous: Sequence[Earlier]) -> list[Section]:
    if isinstance(event, TeamEvent):
        return team_sections(event, known, terms)
    if isinstance(event, PlanEvent):
        return plan_sections(event, known, terms)
    match event:
        case ReportShared() | ReportReplaced():
            return report_sections(event, terms)
        case ReportCancelled():
            return cancellation_sections(event, previous)
    raise Broken(f"no page is known for {event.type}", advice="Report this to the makers of the gateway")


def _patient_name(patient: Patient) -> str:
    family = (patient.birth_name or patient.used_name or "").upper()
    return " ".join(part for part in (family, first_given(patient)) if part) or "Identité non connue"


def _patient(patient: Patient) -> Pairs:
    ins = patient.outgoing_ins
    used = " ".join(part for part in (patient.used_name, patient.used_given_name) if part)
    return told(
        ("Prénoms de naissance", " ".join(patient.names) if len(patient.names) > 1 else ""),
        ("Nom utilisé", used),
        ("Date de naissance", french(patient.birth_date) if patient.birth_date else ""),
        ("Lieu de naissance", f"code {patient.birth_place}" if patient.birth_place else ""),
        ("Sexe", SEXES.get(patient.sex or "", "")),
        (INS_LABELS[ins.kind.value] if ins else "", ins.number if ins else ""),
        ("Identité", _STATUS[patient.identity_status]),
    )


def _sender(author: Professional, event: Event, terms: Terms) -> Pairs:
    organization = author.organization or event.sender.organization
    told_by = event.sender.name if author.key != event.sender.key else ""
    return told(
        ("Profession", profession_label(author, terms)),
        ("RPPS", author.rpps.number if author.rpps else ""),
        ("Structure", (organization.name or "") if organization else ""),
        ("Pour", event.sender.acting_for.name if event.sender.acting_for else ""),
        ("Transmis par", told_by),
        ("Date", french(event.occurred_at)),
    )
