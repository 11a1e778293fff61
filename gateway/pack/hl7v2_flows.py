"""What the French flows put into HL7 v2 messages: a document, its mail, its masks, who takes part, and the answers.

Sources: CI-SIS, Transmission d'un document CDA-R2 en HL7v2 (sending), Transmission au LPS d'un document CDA reçu par
courriel MSSanté (receiving). Only what a message says; nothing is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.pack.hl7v2 import Message, Segment
from gateway.pack.unsaid import without_unsaid
from gateway.pack.xds import Action

MASKS = {
    "MASQUE_PS": "MASQUE_PS",
    "INVISIBLE_PATIENT": "INVISIBLE_PATIENT",
    "INVISIBLE_REP_LEGAUX": "INVISIBLE_REPRESENTANTS_LEGAUX",
    "INVISIBLE_REPRESENTANTS_LEGAUX": "INVISIBLE_REPRESENTANTS_LEGAUX",
}
"""The masks of OBX-3 → our words (JDV_J08)."""

_KINDS: Mapping[str, str] = {
    "MDM": "document",
    "ORU": "document",
    "ACK": "acknowledgement",
    "ZAM^Z01": "dmp-receipt",
    "ZAM^Z02": "delivery-receipt",
    "ZAM^Z03": "read-receipt",
    "ADT": "admission",
}
_BY_TRIGGER: Mapping[str, Action] = {"T10": "replace", "T04": "delete"}
_BY_ORDER: Mapping[str, Action] = {"RO": "replace", "CA": "delete"}  # ORC-1 of an ORU
_BY_RESULT: Mapping[str, Action] = {"C": "replace", "D": "delete"}  # OBX-11
_SUBJECT = "XDM/1.0/DDM"
_FLAGS = ("CWE", "CE")


@dataclass(frozen=True, slots=True, repr=False)
class Carried:
    """A document in a message: its bytes, what is asked to be done with it, and the OBX it stands in (from 1)."""

    data: bytes
    action: Action | None
    observation: int


def kind_of(message: Message) -> str:
    """`document`, `acknowledgement`, `dmp-receipt`, `delivery-receipt`, `read-receipt`, `admission`, else `other`."""
    return _KINDS.get(message.type) or _KINDS.get(message.type.partition("^")[0]) or "other"


def documents_of(message: Message) -> tuple[Carried, ...]:
    """The XML documents of an MDM or ORU."""
    trigger = _BY_TRIGGER.get(message.head.said(9, 2)) or _BY_ORDER.get(message.first("ORC").said(1))
    found = []
    for n, one in enumerate(message.all("OBX"), start=1):
        content = one.content(5) if one.said(2) == "ED" and one.said(5, 3).upper() == "XML" else None
        if content is not None:
            found.append(Carried(content, trigger or _BY_RESULT.get(one.said(11)), n))
    return tuple(found)


def flags_of(message: Message) -> dict[str, bool]:
    """What is asked by yes or no, masks and destinations among it, by its own name."""
    found = {}
    for one in message.all("OBX"):
        name, said = one.said(3).replace(" ", ""), one.said(5)
        if one.said(2) in _FLAGS and said in ("Y", "N"):
            found[name] = said == "Y"
    return found


def masks_of(message: Message) -> tuple[str, ...]:
    """The masks set, in our words."""
    flags = flags_of(message)
    return tuple(dict.fromkeys(ours for theirs, ours in MASKS.items() if flags.get(theirs)))


def message_words(message: Message) -> dict[str, Any]:
    """All of it as plain words for a person who looks: what is absent is left out."""
    head = message.head
    words: dict[str, Any] = without_unsaid({
        "type": message.type,
        "version": head.said(12),
        "profile": "^".join(part for part in (head.said(21), head.said(21, 2)) if part),
        "control_id": head.said(10),
        "processing": head.said(11),
        "sent": head.said(7),
        "charset": message.charset,
        "from": [head.said(3), head.said(4)],
        "to": [head.said(5), head.said(6)],
        "segments": [one.name for one in message.segments],
        "patient": _patient(message.first("PID")),
        "visit": message.first("PV1").said(2),
        "document": _document(message.first("TXA"), message.first("OBR")),
        "mail": _mail(message),
        "texts": {one.said(3): _text(one) for one in message.all("OBX") if one.said(3).startswith("CORPSMAIL")},
        "flags": flags_of(message),
        "masks": list(masks_of(message)),
        "participants": [_participant(one) for one in message.all("PRT")],
        "acknowledges": _acknowledged(message),
        "errors": [_error(one) for one in message.all("ERR")],
    })  # fmt: skip
    return words


def _patient(pid: Segment) -> dict[str, Any]:
    return {
        "ids": [
            {"value": pid.part(one, 1), "system": pid.part(one, 4, 2) or pid.part(one, 4), "type": pid.part(one, 5)}
            for one in pid.values(3)
        ],
        "names": [[pid.part(one, 1), pid.part(one, 2), pid.part(one, 7)] for one in pid.values(5)],
        "birth_date": pid.said(7),
        "sex": pid.said(8),
        "birth_place": next((pid.part(one, 9) for one in pid.values(11) if pid.part(one, 7) == "BDL"), ""),
        "reliability": [pid.part(one, 1) for one in pid.values(32)],
    }


def _document(txa: Segment, obr: Segment) -> dict[str, Any]:
    return {
        "type": txa.said(2) or obr.said(4),
        "label": obr.said(4, 2),
        "id": _entity(txa, 12),
        "replaces": _entity(txa, 13),
        "availability": txa.said(19),
    }


def _entity(txa: Segment, n: int) -> str:
    """An EI as CDA writes it: `root^extension`, or the root alone."""
    extension, root = txa.said(n), txa.said(n, 3)
    return f"{root}^{extension}" if root else extension


def _mail(message: Message) -> dict[str, Any]:
    """The mail by which the document came (receiving flow): OBX-3 has its Message-ID and subject, OBX-5 its body."""
    for one in message.all("OBX"):
        if one.said(3, 2).startswith(_SUBJECT):
            return {"message_id": one.said(3), "subject": one.said(3, 2), "text": _text(one)}
    return {}


def _text(one: Segment) -> str:
    content = one.content(5)
    return content.decode("utf-8", "replace") if content is not None else one.said(5)


def _participant(prt: Segment) -> dict[str, Any]:
    return {
        "role": prt.said(4),
        "id": prt.said(5),
        "name": " ".join(part for part in (prt.said(5, 3), prt.said(5, 2)) if part),
        "organization": prt.said(8),
        "address": prt.said(15, 4),
    }


def _acknowledged(message: Message) -> dict[str, Any]:
    """What an ACK (MSA) or a business receipt (ZAM) answers: yes or no, to which message, of whom."""
    msa, first = message.first("MSA"), message.first("OBX")
    if kind_of(message).endswith("-receipt"):
        whom = next((one for one in message.all("OBX") if one.said(2) == "XTN"), Segment("OBX", (), first.marks))
        return {"message": first.said(4), "code": first.said(5), "id": whom.said(4), "address": whom.said(5, 4)}
    return {"message": msa.said(2), "code": msa.said(1), "text": msa.said(3)}


def _error(err: Segment) -> dict[str, Any]:
    return {
        "code": err.said(3),
        "severity": err.said(4),
        "application": err.said(5),
        "text": err.said(5, 2) or err.said(3, 2),
    }
