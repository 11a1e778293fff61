"""GET /fhir/metadata: what this door can do (CapabilityStatement, R4 §3.1.0.9), and nothing that is not there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway import __version__
from gateway.api.door import TheDoor
from gateway.api.fhir import audit, delivery
from gateway.api.fhir.form import JSON, XML, Format, answers, respond, wanted
from gateway.api.problem import Refused
from gateway.model.faults import Fault
from gateway.translate import TAKEN

router = APIRouter(prefix="/fhir", tags=["fhir"])

_CHANGED = "2026-11-22"
"""The day this statement last said something else."""
_VALIDATE = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
_TRANSACTED = (
    "Binary", "Bundle", "CareTeam", "DocumentReference", "List", "Organization", "Patient", "Practitioner",
    "PractitionerRole", "RelatedPerson",
)  # fmt: skip
_READ = {"AuditEvent": audit.STATEMENT, "Communication": delivery.STATEMENT}
_ABOUT = (
    "Transactions of two guides come in at the root: a care circle is created or updated (cercle de soins 2.0.1), a "
    "document is provided (ITI-65, PDSm 3.1.1). Each becomes exactly one event, which the gateway delivers; or it is "
    "refused, with every reason. Resources are not kept: there is no read and no search of them, and no versions. "
    "Two are made of what the gateway keeps: AuditEvent of each entry of its log, Communication of each delivery. "
    "$validate checks any type of resource, and keeps nothing of it."
)


@router.get(
    "/metadata",
    operation_id="read-capabilities",
    summary="What the FHIR door can do",
    response_class=Response,
    responses=answers({200: "CapabilityStatement", 422: "a mode there is not"}),
)
def read_capabilities(
    request: Request,
    door: TheDoor,
    mode: Annotated[str | None, Query(description="`full` or `normative`; there is no terminology service")] = None,
    _format: Format = None,
) -> Response:
    """Anyone may read it."""
    kind = wanted(request)
    if mode not in (None, "full", "normative"):
        raise Refused(422, "bad-parameter", about="mode", faults=[Fault("unknown-code", (), "full", "?mode")])
    return respond(door.gateway, kind, capabilities(f"{request.base_url}fhir"))


def capabilities(address: str) -> dict[str, Any]:
    """The statement of the door at that address."""
    return {
        "resourceType": "CapabilityStatement",
        "name": "Passerelle",
        "title": "Passerelle, FHIR R4",
        "status": "active",
        "date": _CHANGED,
        "publisher": "Passerelle",
        "kind": "instance",
        "software": {"name": "Passerelle", "version": __version__},
        "implementation": {"description": "Passerelle for coordinated care", "url": address},
        "fhirVersion": "4.0.1",
        "format": [JSON, XML, "json", "xml"],
        "rest": [
            {
                "mode": "server",
                "documentation": _ABOUT,
                "security": {
                    "description": "Authorization: Bearer KEY, of the role vendor; for AuditEvent auditor "
                    "or dpo. This statement is open."
                },
                "resource": [_resource(type) for type in sorted({*_TRANSACTED, *_READ})],
                "interaction": [{"code": "transaction", "documentation": _profiles()}],
            }
        ],
    }


def _profiles() -> str:
    return "Judged by: " + ", ".join(TAKEN.values())


def _resource(type: str) -> dict[str, Any]:
    said = {"supportedProfile": list(TAKEN.values())} if type == "Bundle" else _READ.get(type, {})
    return {"type": type, **said, "operation": [{"name": "validate", "definition": _VALIDATE}]}
