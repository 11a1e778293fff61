"""fhir: an event ⇄ its FHIR R4 transaction Bundle, in the shape of the French guides.

Reading back what was written gives the same event, save one thing: an INS that is not qualified never leaves.
A new kind of event is one more file here with its `KINDS`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from gateway.model.codes import Terms
from gateway.model.errors import Rejected
from gateway.model.event import RESERVED, Event, read_event
from gateway.model.faults import Fault, Place
from gateway.model.known import Known
from gateway.translate.fhir import bundle as frame
from gateway.translate.fhir.audit import audit_event
from gateway.translate.fhir.audit_search import IDENTIFYING, audit_search, parameter_of
from gateway.translate.fhir.delivery import acknowledgement
from gateway.translate.fhir.delivery_search import Sought, delivery_named, delivery_search
from gateway.translate.fhir.facts import facts_of
from gateway.translate.fhir.names import AUDIT_EVENT, DELIVERY
from gateway.translate.fhir.report import with_document
from gateway.translate.fhir.report_change import without_older

__all__ = [
    "AUDIT_EVENT",
    "DELIVERY",
    "IDENTIFYING",
    "Sought",
    "acknowledgement",
    "audit_event",
    "audit_search",
    "delivery_named",
    "delivery_search",
    "facts_of",
    "from_bundle",
    "parameter_of",
    "profile_of",
    "to_bundle",
    "with_document",
    "without_older",
]


def to_bundle(event: Event, known: Known, terms: Terms, *, issuer: str = "") -> dict[str, Any]:
    """The transaction Bundle of an event. The same event gives the same bundle.

    known   what is known AFTER the event: what changes a team or a plan carries the whole of it.
    issuer  whose ids these are (tenant and client): teams, plans and reports of two issuers never meet, although their
            ids are unique for one client only. Stable, and safe to show.

    Raises Rejected `unknown-team` or `unknown-plan` when what changed is not known.
    """
    return frame.write(_kinds()[event.type], event, known, terms, issuer)


def from_bundle(bundle: dict[str, Any], known: Known, terms: Terms, *, seen: set[Place] | None = None) -> Event:
    """The event a Bundle tells. Without a type tag its type is found by comparison with what is known.

    known  what is known BEFORE the event.
    seen   gathers the places of the values that were looked at.

    Raises Rejected with every fault at once, each with its JSON Pointer into the bundle where it has one:
    `not-a-bundle`, `bad-resource`, `missing-field`, `ambiguous-event`, `unknown-type`, `unsupported-type`, and those
    of the canonical event.
    """
    received = frame.Received(bundle, terms, seen)
    kind = _kind_of(received, known)
    tree = frame.read(kind, received, known)
    faults = list(received.sources.faults)
    try:
        event = read_event(tree)
    except Rejected as bad:
        faults += bad.faults
    if faults:
        raise Rejected(dict.fromkeys(faults))
    return event


def profile_of(kind: type[Event]) -> str:
    """The canonical of our own profile of the bundles of that kind of event (profiles/)."""
    return _kinds()[kind.type].shape


@cache
def _kinds() -> dict[str, frame.Kind]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return {kind.event.type: kind for module in modules for kind in getattr(module, "KINDS", ())}


def _kind_of(received: frame.Received, known: Known) -> frame.Kind:
    if name := received.tag():
        if name not in _kinds():
            code = "unsupported-type" if name in RESERVED else "unknown-type"
            raise Rejected([Fault(code, ("type",), pointer="/meta/tag")])
        return _kinds()[name]
    fitting = [kind for kind in _kinds().values() if kind.fits(received, known)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting and not any(map(received.all, ("CareTeam", "CarePlan", "DocumentReference", "Parameters"))):
        raise Rejected([Fault("missing-field", about="CareTeam / CarePlan / DocumentReference", pointer="/entry")])
    raise Rejected([Fault("ambiguous-event", ("type",), pointer="/meta/tag")])
