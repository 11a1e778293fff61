"""A page a person can read, as PDF/A-1a, for an event that brings no document.

What is said is decided here, in French; how it looks, in style/page.typ. The words of an event reach typst as one
JSON string in sys.inputs: data, never markup.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst

from gateway.model.codes import Terms
from gateway.model.errors import Broken
from gateway.model.event import Event, ReportCancelled, ReportReplaced, ReportShared
from gateway.model.known import Known
from gateway.model.people import Patient, Professional
from gateway.pack.header import Header
from gateway.pack.matter import PlanEvent, TeamEvent, written_by
from gateway.pack.packed import Earlier, Minted, Software
from gateway.pack.page_parts import Pairs, Section
from gateway.pack.page_plan import plan_sections, plan_subtitle
from gateway.pack.page_report import cancellation_sections, report_sections
from gateway.pack.page_team import team_sections, team_subtitle
from gateway.pack.parties import first_given, profession_label
from gateway.pack.times import french

_STYLE = Path(__file__).with_name("style") / "page.typ"
_PARIS = ZoneInfo("Europe/Paris")
_SEXES = {"F": "Féminin", "M": "Masculin", "U": "Indéterminé"}
_INS = {"NIR": "INS-NIR", "NIA": "INS-NIA", "NIR-TEST": "INS-NIR de test", "NIR-DEMO": "INS-NIR de démonstration"}
_STATUS = {"qualified": "qualifiée", "validated": "validée", "retrieved": "récupérée", "provisional": "provisoire"}

# What the fonts in typst can show: first any alphabet they have, then Latin alone, for texts they still miss.
_SHOWN = re.compile("[^\n\x20-\x7e\xa0-\u024f\u0300-\u036f\u0370-\u03ff\u0400-\u04ff\u1e00-\u1eff\u2000-\u206f\u20ac]")
_LATIN = re.compile("[^\n\x20-\x7e\xa0-\u017f\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u20ac]")

_one_at_a_time = threading.Lock()  # a typst compiler is not made for several threads


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

    A page with more than 8,191 parts in one place (ISO 19005-1 §6.1.12) is PDF/A-1b, untagged. A character no font
    has (an emoji, an ideogram) is shown as a hollow square; the CDA header keeps it.
    Raises Broken when typst fails: its words are ours, not the sender's.
    """
    words = _words(event, known, terms, minted, software, header)
    words["sections"] = _sections(event, known, terms, previous)
    return _render(words, minted.at)


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
    said = [
        ("Prénoms de naissance", " ".join(patient.names) if len(patient.names) > 1 else ""),
        ("Nom utilisé", used),
        ("Date de naissance", french(patient.birth_date) if patient.birth_date else ""),
        ("Lieu de naissance", f"code {patient.birth_place}" if patient.birth_place else ""),
        ("Sexe", _SEXES.get(patient.sex or "", "")),
        (_INS[ins.kind.value] if ins else "", ins.number if ins else ""),
        ("Identité", _STATUS[patient.identity_status]),
    ]
    return [(name, value) for name, value in said if value]


def _sender(author: Professional, event: Event, terms: Terms) -> Pairs:
    organization = author.organization or event.sender.organization
    told_by = event.sender.name if author.key != event.sender.key else ""
    said = [
        ("Profession", profession_label(author, terms)),
        ("RPPS", author.rpps.number if author.rpps else ""),
        ("Structure", (organization.name or "") if organization else ""),
        ("Pour", event.sender.acting_for.name if event.sender.acting_for else ""),
        ("Transmis par", told_by),
        ("Date", french(event.occurred_at)),
    ]
    return [(name, value) for name, value in said if value]


# — typst


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(input=_STYLE, root=_STYLE.parent, ignore_system_fonts=True)


def _render(words: dict[str, Any], at: datetime) -> bytes:
    """Typeset as told; failing that, with what the fonts miss replaced, and untagged where PDF/A-1's limits bite."""
    text = json.dumps(words, ensure_ascii=False)
    stamp = at.astimezone(UTC).replace(microsecond=0)
    shown, latin = _SHOWN.sub("\u25a1", text), _LATIN.sub("?", text)
    for told, tagged in ((text, True), (shown, True), (shown, False), (latin, True), (latin, False)):
        try:
            with _one_at_a_time:
                made = _compiler().compile(
                    sys_inputs={"page": told},
                    format="pdf",
                    pdf_standards=["a-1a" if tagged else "a-1b"],
                    pdf_tags=tagged,
                    timestamp=stamp,
                )
        except typst.TypstError:
            continue
        if isinstance(made, bytes):
            return made
    raise Broken("the page could not be typeset", advice="Report this to the makers of the gateway")
