"""POST /fhir: a transaction of a French guide becomes one event, or is refused with every reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.body import Body
from gateway.api.callers import Admitted, Visitor
from gateway.api.door import Door, TheDoor
from gateway.api.envelope import idempotency_key
from gateway.api.fhir import issues
from gateway.api.fhir.form import BODIES, Format, Language, answers, body_type, language, respond, wanted
from gateway.api.fhir.turn import Turn
from gateway.api.pressure import ROOM
from gateway.api.problem import Refused
from gateway.journey.accept import Accepted, Duplicate, Moved, record_rejection
from gateway.journey.transact import transact
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.translate import guide_of
from gateway.validate import Finding, Report, Validator, no_such_profile
from gateway.validate import outcome as of_findings

router = APIRouter(prefix="/fhir", tags=["fhir"])

_BUNDLE = {"schema": {"type": "object", "description": "A Bundle of type transaction"}}
NONCONFORMANT = Fault("nonconformant")
_CONFLICTS = frozenset({"team-known"})
_DONE = {"POST": "201 Created"}


@router.post(
    "",
    operation_id="send-transaction",
    summary="Send a FHIR transaction of a French guide",
    response_class=Response,
    dependencies=[ROOM],
    responses=answers(
        {
            200: "a transaction-response. `entry.response.outcome` says what the sender should know, `Location` which "
            "exchange it became. The same Bundle again gets the same answer",
            400: "it cannot be read",
            406: "neither JSON nor XML is wanted",
            409: "`duplicate-event`, or `team-known`: create a care circle once, then update it",
            413: "it is too large",
            415: "the content type is not FHIR's",
            422: "every fault: against its profile, or what makes it no single event",
            429: "too much of yours, or of all, waits: send again after Retry-After",
            503: "busy or unavailable: send again after Retry-After",
            507: "`storage-full`: no room left; send again after Retry-After",
        }
    ),
    openapi_extra={
        "requestBody": {"required": True, "content": dict.fromkeys(BODIES, _BUNDLE)},
        "parameters": [
            {
                "name": name,
                "in": "header",
                "schema": {"type": "string", "maxLength": 255},
                "description": about,
            }
            for name, about in {
                "Idempotency-Key": "Names this request for good; without it the Bundle's identifier, else its digest",
                "Prefer": "`return=OperationOutcome`: also when there is nothing to say",
            }.items()
        ],
    },
)
def send_transaction(
    request: Request,
    door: TheDoor,
    visitor: Admitted,
    body: Body,
    validator: Turn,
    _format: Format = None,
) -> Response:
    """The creation or the update of a care circle (CDS 2.0.1), or a provided document (ITI-65, PDSm 3.1.1). It is
    judged by the profile it claims, else by that of the guide its entries follow. What is delivered follows at
    `Location`.
    """
    kind, spoken, media = wanted(request), language(request), body_type(request)
    key = idempotency_key(request.headers)
    report, unjudged = _judged(validator, body, media)
    if report.tree is None or not report.valid:
        record_rejection(door.gateway, visitor.caller, body, [NONCONFORMANT])
        status = 422 if report.tree is not None else 400
        wrong = [one for one in report.findings if one.severity in ("fatal", "error")]
        return respond(door.gateway, kind, of_findings(wrong, spoken), status)
    accepted, ids = _taken(door, visitor, report.tree, body, key)
    told = [issues.of_notice(one, spoken) for one in accepted.notices]
    if unjudged:
        told += of_findings(unjudged, spoken)["issue"]
    if "return=operationoutcome" in request.headers.get("prefer", "").lower().replace(" ", "") and not told:
        told = of_findings((), spoken)["issue"]
    tree = _response(report.tree, ids, told, spoken, str(request.base_url))
    return respond(door.gateway, kind, tree, 200, {"Location": f"/v1/exchanges/{accepted.exchange}"})


def _judged(validator: Validator, body: bytes, media: str) -> tuple[Report, list[Finding]]:
    """What the validator says, and what it could not judge: the guide's profile may not be installed.

    What it finds that makes nothing wrong stays with $validate: the answer to a transaction is about the event.
    """
    missing: list[Finding] = []

    def profiles(tree: dict[str, Any]) -> Sequence[str]:
        canonical = guide_of(tree)
        if canonical is None:
            return ()
        if validator.library.structure_definition(canonical) is None:
            packages = [f"{one.id}#{one.version}".rstrip("#") for one in validator.library.packages]
            missing.append(replace(no_such_profile(canonical, packages), severity="warning"))
            return ()
        return (canonical,)

    report = validator.check(body, profiles=profiles, media_type=media, as_type="Bundle")
    claimed = [one for one in report.findings if one.rule == "profile-unknown" and one.path.startswith("Bundle.meta")]
    return report, [*claimed, *missing]


def _taken(
    door: Door, visitor: Visitor, tree: dict[str, Any], body: bytes, key: str | None
) -> tuple[Accepted, tuple[tuple[str, str], ...]]:
    try:
        if guide_of(tree) is None:
            faults = [Fault("unsupported-transaction", pointer="/entry")]
            record_rejection(door.gateway, visitor.caller, body, faults)
            raise Rejected(faults)
        return transact(door.gateway, visitor.caller, tree, body, key=key)
    except Rejected as rejected:
        status = 409 if {fault.code for fault in rejected.faults} <= _CONFLICTS else 422
        raise Refused(status, "rejected", faults=rejected.faults) from None
    except Duplicate as duplicate:
        headers = {"Location": f"/v1/exchanges/{duplicate.exchange}"}
        raise Refused(409, "duplicate-event", headers=headers) from None
    except Moved:
        raise Refused(503, "unavailable", headers={"Retry-After": str(door.limits.retry_after)}) from None


def _response(
    tree: dict[str, Any],
    ids: Sequence[tuple[str, str]],
    told: Sequence[issues.Issue],
    spoken: Language,
    base: str,
) -> dict[str, Any]:
    """The transaction-response (R4 §3.1.0.11.3): an entry for each, in order. The ids are this gateway's."""
    entries = []
    first = next((n for n, (type, _) in enumerate(ids) if type in ("CareTeam", "List", "DocumentReference")), 0)
    for index, (entry, (type, id)) in enumerate(zip(tree["entry"], ids, strict=True)):
        method = entry.get("request", {}).get("method")
        response: dict[str, Any] = {"status": _DONE.get(method, "200 OK"), "location": f"{type}/{id}"}
        if mine := [one for one in told if _entry(one) == index or (_entry(one) is None and index == first)]:
            response["outcome"] = issues.outcome(mine, spoken)
        entries.append({"fullUrl": f"{base}fhir/{type}/{id}", "response": response})
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def _entry(issue: issues.Issue) -> int | None:
    """The number of the entry an issue is about, None when it is about the whole."""
    place = next(iter(issue.get("expression", ())), "")
    number = place.removeprefix("Bundle.entry[").partition("]")[0]
    return int(number) if place.startswith("Bundle.entry[") and number.isdecimal() else None
