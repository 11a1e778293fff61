"""A document received, as the event it would become: a report shared, replaced or taken back by its author.

Only what the header says is taken over. A document does not tell how sure the patient's identity is: carrying a whole
INS it vouches for it (INS/va1.53), otherwise it counts as provisional.
"""

from __future__ import annotations

import base64
from typing import Any

from gateway.model.event import Event, read_event
from gateway.model.identity import InsKind
from gateway.pack import times
from gateway.pack.cda import Cda
from gateway.pack.header import PERSONS, STRUCTURES, Body, Header, Id, Name, Party, Subject
from gateway.pack.xds import Action

_KINDS = {kind.oid: kind.value for kind in InsKind}
_SCHEMES = {"0": "ADELI-RANG", "1": "FINESS", "2": "SIREN", "3": "SIRET", "4": "RPPS-RANG"}
"""First digit of a structure's national identifier → what follows it (ANS, TRE_G08)."""


def as_event(document: Cda, action: Action | None = None) -> Event:
    """The event this document would become: report.shared; report.replaced when it names an older document.

    action  what the archive asks to do with it: `delete` makes it report.cancelled. No archive says why, and no
            reason would be truer than another: it is `error`

    Raises Rejected with every fault when the header says too little, or says it wrongly.
    """
    tree = _cancelled(document.header) if action == "delete" else _tree(document.header, document.body)
    return read_event(_without_nothing(tree))


def _cancelled(header: Header) -> dict[str, Any]:
    whole = _tree(header, None)
    kept = {name: whole[name] for name in ("occurred_at", "sender", "patient")}
    id = _word(header.id)
    return {"id": f"{id}#delete"[-128:], "type": "report.cancelled", **kept, "report": {"id": id, "reason": "error"}}


def _tree(header: Header, body: bytes | None) -> dict[str, Any]:
    author = header.authors[0] if header.authors else Party()
    custodian = _organization(header.custodian)
    created = times.written(header.effective)
    signed = header.authenticator
    act = header.acts[0] if header.acts else None
    return {
        "id": _word(header.id)[:128],
        "type": "report.replaced" if header.replaces else "report.shared",
        "occurred_at": created,
        "sender": {**_person(author), "organization": _person(author).get("organization") or custodian},
        "patient": _patient(header.subject),
        "report": {
            "id": _word(header.id),
            "title": header.title,
            "type": header.code.code,
            "created_at": created,
            "authors": [_person(one) for one in header.authors if one.device is None],
            "signed_by": {"professional": _person(signed), "at": times.written(signed.time)} if signed else None,
            "custodian": custodian,
            "service_start": times.written(act.low) if act else None,
            "service_end": times.written(act.high) if act else None,
            "facility": header.stay.facility.code if header.stay.facility else None,
            "setting": header.setting.code if header.setting else None,
            "language": header.language,
            "confidentiality": header.confidentiality.code,
            "version": header.version or None,
            "replaces": _word(header.replaces) if header.replaces else None,
            "document": {
                "content_type": header.media_type or "application/pdf",
                "data": base64.b64encode(body).decode("ascii"),
            }
            if body
            else None,
        },
    }


def _patient(subject: Subject) -> dict[str, Any]:
    name, ins = subject.name or Name(), subject.ins
    return {
        "ins": {"number": ins.extension, "kind": _KINDS[ins.root]} if ins else None,
        "identity_status": "qualified" if subject.ins_complete else "provisional",
        "birth_name": name.family("BR", ""),
        "first_given_name": name.given("BR"),
        "given_names": name.given("").split(),
        "used_name": name.family("CL"),
        "used_given_name": name.given("CL"),
        "sex": {"F": "F", "M": "M", "UN": "U"}.get(subject.sex),
        "birth_date": times.day(subject.birth_time),
        "birth_place": subject.birth_place,
        "local_id": {"system": subject.local.system, "value": subject.local.extension} if subject.local else None,
    }


def _person(party: Party) -> dict[str, Any]:
    name = party.name or Name()
    national = next((one.extension for one in party.ids if one.root == PERSONS and one.extension[:1] == "8"), "")
    others = [] if national else [one for one in party.ids if one.extension]
    return {
        "rpps": national[1:],
        "ids": [{"scheme": "LOCAL", "system": one.system, "value": one.extension} for one in others],
        "family": name.family(""),
        "given": name.given(""),
        "organization": _organization(party.organization) if party.organization else None,
    }


def _organization(body: Body) -> dict[str, Any]:
    id = body.id
    return {"name": body.name, "ids": [_structure(id)] if id and id.extension else []}


def _structure(id: Id) -> dict[str, Any]:
    scheme = _SCHEMES.get(id.extension[:1]) if id.root == STRUCTURES else None
    if scheme:
        return {"scheme": scheme, "value": id.extension[1:]}
    return {"scheme": "LOCAL", "system": id.system, "value": id.extension}


def _word(id: Id) -> str:
    return f"{id.root}^{id.extension}" if id.extension else id.root


def _without_nothing(tree: Any) -> Any:
    """A tree without what is empty: an event leaves out what it does not know."""
    if isinstance(tree, dict):
        kept = {name: _without_nothing(value) for name, value in tree.items()}
        return {name: value for name, value in kept.items() if value not in (None, "", [], {})}
    return [_without_nothing(item) for item in tree] if isinstance(tree, list) else tree
