"""A document received, as the event it would become: a report shared, replaced or taken back by its author.

Only what the header says is taken over, and leniently: a part that no event can hold is left out and told, never a
reason to refuse the document. A document does not tell how sure the patient's identity is: carrying a whole INS it
vouches for it (INS/va1.53), otherwise it counts as provisional.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.model.errors import Rejected
from gateway.model.event import Event, ReportReplaced, ReportShared, read_event
from gateway.model.faults import Fault, Notice
from gateway.model.faults import Place as At
from gateway.model.report import Document
from gateway.pack import times
from gateway.pack.cda import Cda
from gateway.pack.header import Code, Header, Id, Party
from gateway.pack.received_people import Reading, Tree, coded
from gateway.pack.unsaid import without_unsaid
from gateway.pack.xds import Action

WRONG_KEYS = frozenset({
    "ins-form", "ins-key", "rpps-form", "rpps-key", "finess-form", "finess-key", "siren-form", "identifier-form",
})  # fmt: skip
"""Notices about a number that is not what it claims to be."""

_NEEDED: frozenset[At] = frozenset({
    (), ("id",), ("type",), ("occurred_at",), ("sender",), ("patient",), ("patient", "identity_status"),
    ("report",), ("report", "id"), ("report", "type"), ("report", "created_at"), ("report", "reason"),
})  # fmt: skip
"""What an event cannot exist without."""
_ROUNDS = 8
_FRANCE = ZoneInfo("Europe/Paris")
_MASKS = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")


def as_event(
    document: Cda, action: Action | None = None, masks: Iterable[str] = ()
) -> tuple[Event, tuple[Notice, ...]]:
    """The event this document would become, and what is told of it.

    report.shared; report.replaced when it names an older document. Its `report.document` is the encapsulated document
    with its media type, or, when the body is structured, the CDA file itself as `text/xml`.

    action  what the archive asks to do with it: `delete` makes it report.cancelled. No archive says why, and no
            reason would be truer than another: it is `error`
    masks   what else the archive or the message that brings it says of who may see it (JDV_J08)

    Notices have the code of what would be a fault in an event, at the field left out, or `time-assumed`. Raises
    Rejected with every fault when the header lacks what an event cannot exist without.
    """
    reading, asked = Reading(), tuple(Code(mask) for mask in masks)
    header = replace(document.header, masks=(*document.header.masks, *asked))
    tree = _cancelled(header, reading) if action == "delete" else _shared(header, reading)
    event, left_out = _settled(without_unsaid(tree))
    if isinstance(event, ReportShared | ReportReplaced):
        event = replace(event, report=replace(event.report, document=_document(document)))
    return event, tuple(dict.fromkeys((*reading.notices, *left_out)))


def _document(document: Cda) -> Document | None:
    if document.body is None:
        return Document(content_type="text/xml", data=document.data) if document.data else None
    return Document(content_type=document.header.media_type or "application/pdf", data=document.body)


def _cancelled(header: Header, reading: Reading) -> Tree:
    whole = _shared(header, reading)
    kept = {name: whole[name] for name in ("occurred_at", "sender", "patient")}
    id = _word(header.id)
    return {"id": f"{id}#delete"[-128:], "type": "report.cancelled", **kept, "report": {"id": id, "reason": "error"}}


def _shared(header: Header, reading: Reading) -> Tree:
    created = _instant(header.effective, reading)
    older = header.replaces if header.replaces and header.replaces != header.id else None
    return {
        "id": _word(header.id)[:128],
        "type": "report.replaced" if older else "report.shared",
        "occurred_at": created,
        "sender": _sender(header, reading),
        "patient": _patient(header, reading),
        "recipients": [told for one in header.recipients if (told := _recipient(one, reading))],
        "report": {
            "id": _word(header.id),
            "title": header.title,
            "type": header.code.code,
            "created_at": created,
            **_signatures(header, reading),
            **_service(header),
            "language": header.language,
            "confidentiality": header.confidentiality.code,
            "masks": [mask for mask in _MASKS if mask in {one.code for one in header.masks}],
            "version": header.version or None,
            "replaces": _word(older) if older else None,
        },
    }


def _sender(header: Header, reading: Reading) -> Tree:
    """The first author speaks; software speaks for its organisation, and one who names no site for the custodian."""
    author = header.authors[0] if header.authors else Party()
    told = Reading().person(author, ()) if author.device else reading.person(author, ("sender",))
    site = told["organization"]
    if author.device:
        mine = {one.extension for one in ((author.organization.id,) if author.organization else ()) if one}
        told["ids"] = [one for one in told["ids"] if one["value"] not in mine]
    if site is None or not (site["ids"] or told["rpps"] or told["ids"]):
        site = reading.organization(header.custodian, ("sender", "organization")) or site
    typist = header.entered_by
    entered = reading.person(typist, ("sender", "entered_by")) if typist else None
    return {**told, "organization": site, "entered_by": entered}


def _patient(header: Header, reading: Reading) -> Tree:
    physician = next((who for _, who in header.participants if who.function and who.function.code == "PCP"), None)
    told: Tree = {}
    if physician:
        told = {**reading.person(physician, ("patient", "treating_physician")), "function": ""}
    close = (*header.subject.guardians, *header.informants)
    return {
        **reading.patient(header.subject),
        "treating_physician": told,
        "contacts": [reading.contact(one) for one in close if one.role != "PAT"],
    }


def _signatures(header: Header, reading: Reading) -> Tree:
    people = [one for one in header.authors if one.device is None]
    signed = header.authenticator
    return {
        "authors": [reading.person(one, ("report", "authors", index)) for index, one in enumerate(people)],
        "signed_by": {
            "professional": reading.person(signed, ("report", "signed_by", "professional")),
            "at": _when(signed.time),
        }
        if signed
        else None,
        "custodian": reading.organization(header.custodian, ("report", "custodian")),
    }


def _service(header: Header) -> Tree:
    act = header.acts[0] if header.acts else None
    stay = header.stay
    met = {
        "id": _numbered(stay.id) if stay.id else "",
        "type": stay.code.code if stay.code else "",
        "since": _when(stay.low),
        "until": _when(stay.high),
    }
    return {
        "service_start": _when(act.low) if act else None,
        "service_end": _when(act.high) if act else None,
        "acts": [coded(one.code) for one in header.acts if one.code],
        "facility": stay.facility.code if stay.facility else None,
        "setting": header.setting.code if header.setting else None,
        "encounter": met,
    }


def _recipient(party: Party, reading: Reading) -> Tree | None:
    """An addressee by a number or a mailbox; one who is only named reaches nobody."""
    told = Reading().person(party, ())
    site = told["organization"]
    if told["rpps"]:
        return {"rpps": told["rpps"], "organization": site}
    if told["mss"]:
        return {"mss": told["mss"]}
    return {"ids": site["ids"]} if site and site["ids"] and not party.ids and party.name is None else None


# — times and identifiers


def _instant(ts: str, reading: Reading) -> str:
    """A creation time; one without zone is taken as France's, one without clock as its day's beginning, and told."""
    said = times.written(ts)
    if "T" in said:
        return said
    digits = re.match(r"[0-9]{8}(?:[0-9]{2}){0,3}", ts.strip())
    if digits is None:
        return said
    try:
        moment = datetime.strptime(f"{digits[0]:0<14}", "%Y%m%d%H%M%S").replace(tzinfo=_FRANCE)
    except ValueError:
        return said
    reading.notices.append(Notice("time-assumed", ("report", "created_at")))
    return moment.isoformat()


def _when(ts: str) -> str:
    """A point in time; of one with a malformed clock or zone, the day."""
    found = re.match(r"[0-9]{4,8}", ts.strip())
    return times.written(ts) or (times.day(found[0]) if found else "")


def _word(id: Id) -> str:
    return f"{id.root}^{id.extension}" if id.extension else id.root


def _numbered(id: Id) -> str:
    """An identifier of the sender's own numbering: bare when its root says nothing (2.25, drawn by software)."""
    return id.extension if id.extension and id.root.startswith("2.25.") else _word(id)


# — leaving out what no event can hold


def _settled(tree: Tree) -> tuple[Event, list[Notice]]:
    """The event of a tree, without what it refuses; each part left out is told."""
    told: list[Notice] = []
    for _ in range(_ROUNDS):
        try:
            return read_event(tree), told
        except Rejected as rejected:
            if not all(_leave_out(tree, fault) for fault in rejected.faults):
                raise
            causes = (fault for fault in rejected.faults if not (told and fault.code == "missing-field"))
            told += [Notice(fault.code, fault.at, fault.about) for fault in causes]
            tree = without_unsaid(tree)
    return read_event(tree), told


def _leave_out(tree: Tree, fault: Fault) -> bool:
    """Empty the smallest part around a fault that an event may do without; False when there is none."""
    trail: list[tuple[Any, str | int, At]] = []
    part: Any = tree
    for depth, step in enumerate(fault.at, start=1):
        inside = isinstance(part, dict) and step in part
        if not inside and not (isinstance(part, list) and isinstance(step, int) and step < len(part)):
            break
        trail.append((part, step, fault.at[:depth]))
        part = part[step]
    for holder, step, at in reversed(trail):
        if at not in _NEEDED:
            holder[step] = None
            return True
    return False
