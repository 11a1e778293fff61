"""What became of one recipient's parcel as a FHIR Communication: the acknowledgement of a delivery.

No French profile of one exists. It tells the sender's side what the receipts said, never what the parcel holds. A
patient is named by no identifier: theirs would be the matricule.
"""

from __future__ import annotations

from gateway.model.dossier import Exchange, Leg
from gateway.model.exchange import PROOF_FR, LegState
from gateway.model.identity import Scheme
from gateway.translate.fhir import names
from gateway.translate.fhir.node import JSON, said

_STATES = names.code_system("leg-state")
_REASONS = names.code_system("leg-reason")
_MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"

_STATUS: dict[LegState, str] = {
    LegState.WAITING: "preparation",
    LegState.ATTEMPTED: "in-progress",
    LegState.UNKNOWN: "unknown",
    LegState.POSTPONED: "in-progress",
    LegState.HELD: "on-hold",
    LegState.HANDED_OVER: "in-progress",
    LegState.DELIVERED: "completed",
    LegState.UNREAD: "completed",
    LegState.READ: "completed",
    LegState.ARRIVED: "completed",
    LegState.FAILED: "stopped",
    LegState.REFUSED: "stopped",
    LegState.DENIED: "not-done",
    LegState.CANCELLED: "not-done",
}
"""R4 event-status says less than a leg: the state itself is the first coding of statusReason."""

_OF_PATIENTS = "@patient.mssante.fr"  # Référentiel socle MSSanté #2, ECO.2.2.8: the matricule stands before it
_LEFT = frozenset({"handed-over", "arrived"})
_TYPES = {"professional": "Practitioner", "structure": "Organization", "patient": "Patient"}
_SYSTEMS = {"RPPS": names.RPPS, **{scheme.value: scheme.url for scheme in Scheme if scheme.url}}


def acknowledgement(exchange: Exchange, leg: Leg) -> JSON:
    """The Communication of a leg as it stands: status and why, when it left, when a receipt says it was received.

    `basedOn` names the event by the sender's own id; `identifier` is ours, and the Message-ID (RFC 2392) where there
    is one. `note` says what the state proves and what it does not.
    """
    sent = next((one.at for one in leg.attempts if one.outcome in _LEFT), None)
    arrived = leg.receipt.at if leg.receipt and leg.state in (LegState.DELIVERED, LegState.READ) else None
    reasons = [{"system": _STATES, "code": leg.state.value}]
    if leg.reason:
        reasons.append({"system": _REASONS, "code": leg.reason})
    proves, not_ = PROOF_FR[leg.state]
    found = [{"system": names.ours("leg"), "value": f"{exchange.id}/{leg.n}"}]
    if leg.message_id:
        found.append({"system": names.RFC3986, "value": f"mid:{leg.message_id}"})
    return {
        "resourceType": "Communication",
        "id": f"{exchange.id}-{leg.n}",
        "meta": {"profile": [names.DELIVERY]},
        **said(
            identifier=found,
            basedOn=[{"identifier": {"system": names.EVENT_ID, "value": exchange.event_id}}],
            status=_STATUS[leg.state],
            statusReason={"coding": reasons},
            medium=[_medium(leg.transport)],
            sent=sent.isoformat() if sent else None,
            received=arrived.isoformat() if arrived else None,
            recipient=[_recipient(leg)],
            note=[{"text": f"Prouve : {proves}. Ne prouve pas {not_}."}],
        ),
    }


def _medium(transport: str) -> JSON:
    if transport == "mssante":
        return {"coding": [{"system": _MODES, "code": "EMAILWRIT"}], "text": transport}
    return {"text": transport}


def _recipient(leg: Leg) -> JSON:
    if leg.recipient_kind == "patient" or leg.recipient_id.endswith(_OF_PATIENTS):
        return {"type": "Patient", "display": "patient"}
    scheme, _, number = leg.recipient_id.partition(":")
    system = _SYSTEMS.get(scheme)
    identifier = (system, number) if system else (names.ours("recipient"), leg.recipient_id)
    kind = _TYPES.get(leg.recipient_kind)
    named = {"system": identifier[0], "value": identifier[1]}
    return said(type=kind, identifier=named, display=leg.recipient_name or None)
