"""A level-3 CDA document on paper: PDF/A-1a, tagged, in French, from its header and its narrative (ECO.2.1.5).

The narrative is the document's own, word for word; what stands around it is said by the header.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.identity import InsKind
from gateway.pack.cda_parties import at
from gateway.pack.header import INS_ROOTS, Body, Header, Name, Party, Subject
from gateway.pack.media import Media
from gateway.pack.narrative import Narrative, read_sections
from gateway.pack.narrative_fit import fit
from gateway.pack.opened import Opened, open_cda
from gateway.pack.packed import Minted, Software
from gateway.pack.page_parts import INS_LABELS, SEXES, Pairs, told
from gateway.pack.typeset import typeset
from gateway.pack.xml import Element

_PARIS = ZoneInfo("Europe/Paris")
_INS = {kind.oid: INS_LABELS[kind.value] for kind in InsKind}


def read_narrative(data: bytes) -> Narrative:
    """The narrative of a level-3 document.

    Raises Rejected as read_cda does, `no-narrative` when the document has no structuredBody, and `too-large` for more
    than TEXT_LIMIT characters, CELL_LIMIT cells or SECTION_LIMIT sections.
    """
    opened = open_cda(data)
    media = Media(opened.root, opened.encapsulated)
    return Narrative(read_sections(_body(opened.root), media.show), tuple(media.pictures))


def check_narrative(opened: Opened) -> None:
    """Raises Rejected as read_narrative does; no picture is looked at."""
    read_sections(_body(opened.root), lambda _: {})


def _body(root: Element) -> Element:
    body = at(root, "component/structuredBody")
    if body is None:
        raise Rejected([Fault("no-narrative")])
    return body


def write_narrative(narrative: Narrative, header: Header, minted: Minted, software: Software) -> bytes:
    """The page of a document, from its header and narrative. The same arguments give the same bytes.

    A character no font has is shown as a hollow square. Raises Broken as typeset does.
    """
    return typeset("document", _words(narrative, header, minted, software), minted.at)


def _words(narrative: Narrative, header: Header, minted: Minted, software: Software) -> dict[str, Any]:
    title = header.title or header.code.display or "Document"
    author = header.authors[0] if header.authors else Party()
    made = minted.at.astimezone(_PARIS)
    footer = (header.custodian.name, f"PDF produit à partir du document CDA par {software.name} le {made:%d/%m/%Y}")
    return {
        "title": title,
        "subtitle": header.code.display if header.code.display != title else "",
        "author": _name(author) or header.custodian.name,
        "cards": [
            {"label": "Patient", "name": _patient_name(header.subject), "pairs": _patient(header.subject)},
            {"label": "Auteur", "name": _name(author) or "Non précisé", "pairs": _author(author)},
        ],
        "pairs": _document(header),
        "sections": fit(narrative.sections),
        "pictures": [one.data.decode("latin-1") for one in narrative.pictures],
        "footer": " — ".join(part for part in footer if part),
    }


def _patient_name(subject: Subject) -> str:
    name = subject.name or Name()
    parts = (name.family("BR", "", "CL").upper(), name.given("BR", "", "CL"))
    return " ".join(part for part in parts if part) or "Identité non précisée"


def _patient(subject: Subject) -> Pairs:
    name, ins = subject.name or Name(), subject.ins
    used = " ".join(part for part in (name.family("CL"), name.given("CL")) if part)
    names = name.given("")
    others = [one.extension for one in subject.ids if one.root not in INS_ROOTS and one.extension]
    return told(
        ("Prénoms de naissance", names if " " in names else ""),
        ("Nom utilisé", used),
        ("Date de naissance", _moment(subject.birth_time)),
        ("Lieu de naissance", f"code {subject.birth_place}" if subject.birth_place else ""),
        ("Sexe", SEXES.get(subject.sex[:1], "")),
        (_INS[ins.root] if ins else "", ins.extension if ins else ""),
        ("Autre identifiant", "\n".join(others)),
    )


def _author(author: Party) -> Pairs:
    return told(
        ("Profession", author.code.display or author.code.code if author.code else ""),
        ("Fonction", author.function.display or author.function.code if author.function else ""),
        ("Identifiant", next((one.extension for one in author.ids), "")),
        ("Structure", _place(author.organization)),
        ("Date", _moment(author.time)),
    )


def _document(header: Header) -> Pairs:
    act = header.acts[0] if header.acts else None
    signed = header.authenticator
    acts = [code.display or code.code for one in header.acts if (code := one.code)]
    also = [" — ".join(part for part in (_name(one), _place(one.organization)) if part) for one in header.authors[1:]]
    recipients = [_name(one) or _place(one.organization) or one.mail for one in header.recipients]
    place = header.stay.facility
    return told(
        ("Type de document", header.code.display or header.code.code),
        ("Date du document", _moment(header.effective)),
        ("Version", str(header.version) if header.set_id or header.version > 1 else ""),
        ("Annule et remplace", f"le document {_id(header)}" if header.replaces else ""),
        ("Autres auteurs", "\n".join(one for one in also if one)),
        ("Responsable", " — ".join(part for part in (_name(signed), _moment(signed.time)) if part) if signed else ""),
        ("Acte documenté", "\n".join(acts)),
        ("Début de l'acte", _moment(act.low) if act else ""),
        ("Fin de l'acte", _moment(act.high) if act else ""),
        ("Lieu", (place.display or place.code) if place else ""),
        ("Destinataires", "\n".join(one for one in recipients if one)),
        ("Conservé par", header.custodian.name),
        ("Confidentialité", header.confidentiality.display if header.confidentiality.code in ("R", "V") else ""),
    )


def _id(header: Header) -> str:
    replaced = header.replaces
    return "^".join(part for part in (replaced.root, replaced.extension) if part) if replaced else ""


def _name(party: Party | None) -> str:
    """`DR Jeanne MARTIN`, by title or else civility; a device by what it is called."""
    if party is None:
        return ""
    if party.name is None:
        return " ".join(part for part in party.device if part) if party.device else ""
    name = party.name
    family, given = (name.families[0].text if name.families else ""), (name.givens[0].text if name.givens else "")
    return " ".join(part for part in (name.suffix or name.prefix, given, family) if part)


def _place(body: Body | None) -> str:
    return body.name if body else ""


def _moment(ts: str) -> str:
    """`20/11/2026 à 09:30`, as precise as it was written, in the zone it was written in."""
    digits = "".join(char for char in ts[:14].partition("+")[0].partition("-")[0] if char.isdecimal())
    day = "/".join(part for part in (digits[6:8], digits[4:6], digits[:4]) if part)
    return f"{day} à {digits[8:10]}:{digits[10:12]}" if len(digits) >= 12 and digits[8:] != "000000" else day
