"""An entry of the audit log as a FHIR AuditEvent (TDE 2.0.0): for auditors' tools, by no means a proof.

The proof of an entry is its record and its place in the tree; this form leaves out the salt and cannot be hashed back.
Patients stay random handles, and nothing stands here that the entry does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.model.exchange import LegState
from gateway.translate.fhir import names
from gateway.translate.fhir.node import JSON, said

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
_ENTITY_TYPES = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
_KINDS = names.code_system("audit-kind")

_ACTIVITY, _LOG_USED, _SECURITY, _SIGN_IN = "110100", "110101", "110113", "110114"
_EXPORT, _IMPORT = "110106", "110107"

_BY_KIND: dict[str, tuple[str, str]] = {
    "event-accepted": (_IMPORT, "C"),
    "event-rejected": (_IMPORT, "E"),
    "attempt-started": (_EXPORT, "R"),
    "attempt-result": (_EXPORT, "R"),
    "reply-started": (_EXPORT, "R"),
    "reply-tried": (_EXPORT, "R"),
    "notice-sent": (_EXPORT, "R"),
    "notice-failed": (_EXPORT, "R"),
    "receipt-received": (_IMPORT, "U"),
    "receipt-unmatched": (_IMPORT, "C"),
    "mail-collected": (_IMPORT, "C"),
    "mail-not-understood": (_IMPORT, "E"),
    "inbox-received": (_IMPORT, "C"),
    "content-uploaded": (_IMPORT, "C"),
    "content-refused": (_IMPORT, "E"),
    "audit-searched": (_LOG_USED, "R"),
    "audit-exported": (_LOG_USED, "R"),
    "log-verified": (_LOG_USED, "R"),
    "checkpoint-signed": (_LOG_USED, "E"),
    "gate-decision": (_SECURITY, "E"),
    "access-refused": (_SECURITY, "E"),
    "key-created": (_SECURITY, "C"),
    "key-revoked": (_SECURITY, "D"),
    "objection-recorded": (_SECURITY, "C"),
    "objection-withdrawn": (_SECURITY, "U"),
    "signed-in": (_SIGN_IN, "E"),
    "signed-out": (_SIGN_IN, "E"),
}
"""Kind of entry → DICOM audit event and AuditEvent.action. A disclosure reads what leaves (BALP 1.1.4)."""

_LIFE: dict[str, tuple[str, str]] = {
    "content-read": ("access", "R"),
    "content-purged": ("destroy", "D"),
    "content-expired": ("destroy", "D"),
    "records-purged": ("destroy", "D"),
    "mail-forgotten": ("destroy", "D"),
    "document-converted": ("transform", "U"),
    "document-not-converted": ("transform", "E"),
    "leg-created": ("originate", "C"),
}
"""Kind of entry → step in a record's life and AuditEvent.action; kinds in neither table are activity of the gateway."""

_REFUSED = frozenset({"event-rejected", "access-refused", "content-refused", "mail-not-understood", "notice-failed"})
_MINOR = frozenset({"document-not-converted", "receipt-unmatched"})
_FAILED = frozenset({str(LegState.FAILED), str(LegState.REFUSED), str(LegState.DENIED)})
_OURS = ("worker", "gateway")
_SUCCESS, _MINOR_FAILURE, _SERIOUS_FAILURE = "0", "4", "8"


def audit_event(record: Mapping[str, Any], observer: str) -> JSON:
    """The AuditEvent of an entry, as the log keeps it (its record, parsed).

    observer  the name of the gateway whose log it is

    `subtype` is the entry's kind, in a list of ours; the exchange and the patient's handle are entities, each fact a
    detail of the exchange, or of the log itself where there is none.
    """
    kind, actor, facts = str(record["kind"]), str(record["actor"]), dict(record.get("facts") or {})
    outcome = _outcome(kind, facts)
    if "leg" in record:
        facts = {"leg": record["leg"], **facts}
    details = [{"type": name, "valueString": text} for name, value in facts.items() if (text := _word(value))]
    entities = [_entity("exchange", record["exchange"], "2", "20")] if "exchange" in record else []
    if details and not entities:
        entities = [_entity("gateway", observer, "2", "17")]
    if details:
        entities[0]["detail"] = details
    if "patient" in record:
        entities.append(_entity("patient-handle", record["patient"], "1", "1"))
    event, action = _event(kind)
    return {
        "resourceType": "AuditEvent",
        "id": str(record["seq"]),
        "meta": {"profile": [names.AUDIT_EVENT]},
        **said(
            type=event,
            subtype=[{"system": _KINDS, "code": kind}],
            action=action,
            period={"start": record["at"]},
            recorded=record["at"],
            outcome=outcome,
            outcomeDesc=_word(facts.get("reason")) or None if outcome != _SUCCESS else None,
            agent=[{"who": _named("actor", actor), "requestor": not actor.startswith(_OURS)}],
            source=said(site=record["tenant"] or None, observer={"type": "Device", **_named("gateway", observer)}),
            entity=entities,
        ),
    }


def _event(kind: str) -> tuple[JSON, str]:
    if kind in _LIFE:
        step, action = _LIFE[kind]
        return {"system": _LIFECYCLE, "code": step}, action
    code, action = _BY_KIND.get(kind, (_ACTIVITY, "E"))
    return {"system": _DICOM, "code": code}, action


def _outcome(kind: str, facts: Mapping[str, Any]) -> str:
    if kind in _REFUSED or facts.get("state") in _FAILED:
        return _SERIOUS_FAILURE
    return _MINOR_FAILURE if kind in _MINOR else _SUCCESS


def _entity(word: str, value: str, type: str, role: str) -> JSON:
    return {
        "what": _named(word, value),
        "type": {"system": _ENTITY_TYPES, "code": type},
        "role": {"system": _ROLES, "code": role},
    }


def _named(word: str, value: str) -> JSON:
    return {"identifier": {"system": names.ours(word), "value": value}}


def _word(value: Any) -> str:
    """A fact as FHIR text; booleans as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
