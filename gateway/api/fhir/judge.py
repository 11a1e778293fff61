"""POST /fhir/{type}/$validate: does a resource conform to its type and profiles? (R4, Resource-validate)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.body import Body
from gateway.api.callers import Admitted
from gateway.api.door import TheDoor
from gateway.api.fhir.form import BODIES, Format, answers, body_type, language, respond, wanted
from gateway.api.fhir.turn import Turn
from gateway.api.problem import Refused
from gateway.model.faults import Fault
from gateway.validate import Finding, Validator, no_such_profile, outcome

router = APIRouter(prefix="/fhir", tags=["fhir"])

MODES = ("create", "update", "profile")
_RESOURCE = {"schema": {"type": "object", "description": "A resource, or Parameters that hold it"}}


@router.post(
    "/{type}/$validate",
    operation_id="validate-resource",
    summary="Check a resource against its type and profiles",
    response_class=Response,
    responses=answers(
        {
            200: "every finding, or one issue that all is well",
            404: "R4 has no such type of resource",
            422: "what was asked cannot be done",
            503: "busy: send again after Retry-After",
        }
    ),
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(BODIES, _RESOURCE)}},
)
def validate_resource(
    request: Request,
    door: TheDoor,
    visitor: Admitted,
    type: Annotated[str, Path(description="A type of resource of R4", max_length=64)],
    body: Body,
    validator: Turn,
    profile: Annotated[list[str] | None, Query(description="Canonical of a profile; may be repeated")] = None,
    mode: Annotated[str | None, Query(description="create, update or profile: the checks are the same")] = None,
    _format: Format = None,
) -> Response:
    """Nothing of it is kept or logged. The profiles it claims itself are always asked for; those that are not installed
    are told as such.
    """
    kind, spoken, media = wanted(request), language(request), body_type(request)
    structure = validator.structures.type(type)
    if structure is None or structure.kind != "resource" or structure.abstract:
        raise Refused(404, "not-found")
    findings = _findings(validator, body, media, type, profile or (), mode)
    return respond(door.gateway, kind, outcome(findings, spoken))


def _findings(
    validator: Validator, body: bytes, media: str, type: str, profiles: Sequence[str], mode: str | None
) -> list[Finding]:
    """Of the resource that came, or of the one that Parameters hold: its places are then its own."""
    asked = list(profiles)

    def wanted_of(tree: dict[str, Any]) -> list[str]:
        return [] if _held(tree, type) else _known(validator, asked)

    report = validator.check(body, media_type=media, as_type=type, profiles=wanted_of)
    held = _held(report.tree, type) if report.tree else None
    if held:
        asked += held.profiles
    elif report.tree and type != "Parameters" and report.tree.get("resourceType") == "Parameters":
        raise Refused(422, "bad-parameter", faults=[Fault("missing-field", about="resource", pointer="?resource")])
    _check_mode(mode or (held.mode if held else None), asked)
    found = [no_such_profile(url, _packages(validator)) for url in asked if url not in _known(validator, asked)]
    if held is None:
        return [*found, *report.findings]
    right = held.resource.get("resourceType") == type
    around = (one for one in report.findings if not one.path.startswith("Parameters.parameter"))
    found += [one for one in around if not (right and one.rule == "resource-type")]
    return [*found, *validator.check_tree(held.resource, profiles=_known(validator, asked)).findings]


@dataclass(frozen=True, slots=True)
class _Held:
    """What the Parameters of the operation say."""

    resource: dict[str, Any]
    mode: str | None
    profiles: list[str]


def _held(tree: dict[str, Any], type: str) -> _Held | None:
    """The resource in the operation's Parameters; None for a resource that came bare."""
    parameters = tree.get("parameter")
    if type == "Parameters" or tree.get("resourceType") != "Parameters" or not isinstance(parameters, list):
        return None
    named = [one for one in parameters if isinstance(one, dict)]
    resources = [one.get("resource") for one in named if one.get("name") == "resource"]
    resource = next((one for one in resources if isinstance(one, dict)), None)
    if resource is None:
        return None
    modes = [one.get("valueCode") for one in named if one.get("name") == "mode"]
    profiles = [one.get("valueCanonical") or one.get("valueUri") for one in named if one.get("name") == "profile"]
    mode = next((one for one in modes if isinstance(one, str)), None)
    return _Held(resource, mode, [one for one in profiles if isinstance(one, str)])


def _known(validator: Validator, asked: Sequence[str]) -> list[str]:
    return [url for url in asked if validator.library.structure_definition(url) is not None]


def _packages(validator: Validator) -> list[str]:
    return [f"{one.id}#{one.version}".rstrip("#") for one in validator.library.packages]


def _check_mode(mode: str | None, asked: Sequence[str]) -> None:
    """Raises Refused 422 for a mode there is not: nothing is created, changed or deleted here."""
    fault = None
    if mode is not None and mode not in MODES:
        fault = Fault("unknown-code", about=", ".join(MODES), pointer="?mode")
    elif mode == "profile" and not asked:
        fault = Fault("missing-field", about="profile", pointer="?profile")
    if fault is not None:
        raise Refused(422, "bad-parameter", about=fault.pointer[1:], faults=[fault])
