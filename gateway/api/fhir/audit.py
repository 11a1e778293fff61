"""The audit log as AuditEvents, for auditors' tools: search and read (ITI-81, TDE 2.0.0)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.body import Body
from gateway.api.callers import Admitted, Visitor
from gateway.api.door import Door, TheDoor
from gateway.api.envelope import media_type
from gateway.api.fhir.form import Format, answers, respond, wanted
from gateway.api.fhir.searchset import Pairs, searchset
from gateway.api.problem import Refused
from gateway.journey.consult import Found, Question, search_log
from gateway.journey.reopen import place_of, read_entry, taken_up
from gateway.journey.steer import NotFound
from gateway.model import form
from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.translate import AUDIT_EVENT, IDENTIFYING, audit_event, audit_search, parameter_of

router = APIRouter(prefix="/fhir/AuditEvent", tags=["fhir"])

FORM = "application/x-www-form-urlencoded"
_MOST_PARAMETERS = 100
_PAGE = re.compile(r"([0-9]{1,15}\.[0-9]{1,15})(?:\.([0-9]{1,15}))?", re.ASCII)

SEARCHED = {
    "date": "When it happened: eq, ge, gt, le, lt, sa or eb, and a date or an instant; may be repeated. This, or "
    "`period-start`, is required. A day is one of Paris",
    "period-start": "The same: an entry is written when it happens",
    "TDE_AuditEvent_period-start": "The same, as TDE's statement spells it",
    "subtype": "The kind of entry: event-accepted, gate-decision, leg-moved, attempt-result…",
    "agent:identifier": "Who did it, as entries name them: key:…, worker:…; also `agent.identifier`",
    "_count": "Most entries in one page, 100 if not said; more than 1000 is 1000",
    "page": "Of the `next` link",
}
IN_THE_BODY = {
    "entity:identifier": "An exchange, or a patient as entries name them: system|value; also `entity.identifier`",
    "patient:identifier": "A patient: an INS (urn:oid:…|number), or as entries name them; also `patient.identifier`",
}
_ALSO = ("agent.identifier",)
_PERIOD_START = "https://interop.esante.gouv.fr/ig/fhir/tde/SearchParameter/TDE-AuditEvent-period-start"
STATEMENT: dict[str, Any] = {
    "supportedProfile": [AUDIT_EVENT],
    "interaction": [{"code": "read"}, {"code": "search-type"}],
    "searchParam": [
        {"name": "date", "type": "date", "documentation": SEARCHED["date"]},
        {"name": "period-start", "definition": _PERIOD_START, "type": "date"},
        {"name": "TDE_AuditEvent_period-start", "definition": _PERIOD_START, "type": "date"},
        {"name": "subtype", "type": "token", "documentation": SEARCHED["subtype"]},
        {"name": "agent", "type": "reference", "documentation": f"By :identifier. {SEARCHED['agent:identifier']}"},
        *(
            {"name": name, "type": "reference", "documentation": f"By :identifier, POST _search only. {about}"}
            for name, about in (
                ("entity", IN_THE_BODY["entity:identifier"]),
                ("patient", IN_THE_BODY["patient:identifier"]),
            )
        ),
    ],
}
"""Of the CapabilityStatement."""

_ANSWERS = answers(
    {
        200: "a searchset Bundle, oldest first; `next` leads to the following page. Purged entries are left out",
        406: "neither JSON nor XML is wanted",
        422: "every fault of what was asked: `date` is required",
    }
)


def fault_of_unknown(operation: str, name: str) -> str:
    """The code for a parameter of an address that this operation does not know: some exist, but not there."""
    return "identifier-in-address" if operation == "search-audit-events" and _identifies(name) else "unknown-parameter"


def _identifies(name: str) -> bool:
    return re.split("[.:]", name, maxsplit=1)[0] in IDENTIFYING


def _described(place: dict[str, Any]) -> list[dict[str, Any]]:
    names = {**SEARCHED, **dict.fromkeys(_ALSO, SEARCHED["agent:identifier"])}
    return [{"name": name, "schema": {"type": "string"}, "description": text, **place} for name, text in names.items()]


@router.get(
    "",
    operation_id="search-audit-events",
    summary="Search the audit log as FHIR",
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra={"parameters": _described({"in": "query"})},
)
def search_audit_events(request: Request, door: TheDoor, visitor: Admitted, _format: Format = None) -> Response:
    """Entries of your tenant. Who they are about is asked by POST /fhir/AuditEvent/_search, in the body: identifiers
    stay out of addresses. The search itself is written into the log.
    """
    return _search(request, door, visitor, request.query_params.multi_items())


@router.post(
    "/_search",
    operation_id="search-audit-events-by-form",
    summary="Search the audit log as FHIR, also by patient",
    response_class=Response,
    responses={**_ANSWERS, **answers({415: "the body is no form"})},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            name: {"type": "string", "description": text}
                            for name, text in {**SEARCHED, **IN_THE_BODY}.items()
                        },
                    }
                }
            },
        }
    },
)
def search_audit_events_by_form(
    request: Request, door: TheDoor, visitor: Admitted, body: Body, _format: Format = None
) -> Response:
    """The same, with the parameters in the body. `next` is an address to GET, which names this search by the entry it
    left in the log, and never the patient; only the key that searched may follow it.
    """
    media_type(request.headers, FORM)
    try:
        asked = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise Refused(422, "rejected", faults=[Fault("wrong-type", about=FORM, pointer="?")]) from None
    formats = [(name, value) for name, value in request.query_params.multi_items() if name == "_format"]
    return _search(request, door, visitor, [*formats, *asked])


@router.get(
    "/{id}",
    operation_id="read-audit-event",
    summary="One entry of the audit log as FHIR",
    response_class=Response,
    responses=answers({200: "AuditEvent", 404: "no such entry of yours", 410: "its record was purged"}),
)
def read_audit_event(
    id: Annotated[int, Path(description="The entry's place in the log", ge=0, le=10**15)],
    request: Request,
    door: TheDoor,
    visitor: Admitted,
    _format: Format = None,
) -> Response:
    """Reading it is written into the log. It proves nothing by itself: `/v1/audit/proof?seq=` does."""
    kind = wanted(request)
    try:
        opened = read_entry(door.gateway, visitor.caller, id)
    except NotFound:
        raise Refused(404, "not-found") from None
    if opened.record is None:
        raise Refused(410, "not-found")
    return respond(door.gateway, kind, audit_event(opened.record, _observer(door)))


def _search(request: Request, door: Door, visitor: Visitor, asked: Pairs) -> Response:
    kind = wanted(request)
    question, search = _question(door, visitor, asked)
    found = search_log(door.gateway, visitor.caller, question)
    shown = [(name, value) for name, value in asked if name != "page" and not _identifies(name)]
    following = None
    if found.next_cursor:
        if search is None and any(_identifies(name) for name, _ in asked):
            search = place_of(door.gateway, found.written)
        following = [*shown, ("page", found.next_cursor if search is None else f"{found.next_cursor}.{search}")]
    here = [*shown, *((name, value) for name, value in asked if name == "page")]
    address = f"{request.base_url}fhir/AuditEvent"
    return respond(door.gateway, kind, searchset(address, _events(door, found), here, following))


def _question(door: Door, visitor: Visitor, asked: Pairs) -> tuple[Question, int | None]:
    """What is looked for, and the place of the entry that says for whom, when this is a further page of such a search.

    Raises Rejected with every fault, each with its parameter.
    """
    pages = [_PAGE.fullmatch(value) for name, value in asked if name == "page"]
    faults = [] if all(pages) and len(pages) < 2 else [Fault("wrong-type", about="link.next", pointer="?page")]
    try:
        tree = audit_search([one for one in asked if one[0] not in ("page", "_format")])
        question = form.read(Question, tree)
    except Rejected as bad:
        faults += [
            fault if fault.pointer else replace(fault, pointer=f"?{parameter_of(str((*fault.at, '')[0]))}")
            for fault in bad.faults
        ]
    if faults:
        raise Rejected(faults)
    page = pages[0] if pages else None
    if page is None:
        return question, None
    question = replace(question, cursor=page[1])
    if page[2] is None:
        return question, None
    try:
        return taken_up(door.gateway, visitor.caller, question, int(page[2])), int(page[2])
    except NotFound:
        raise Rejected([Fault("wrong-type", about="link.next", pointer="?page")]) from None


def _events(door: Door, found: Found) -> list[dict[str, Any]]:
    records = (one["record"] for one in found.entries)
    return [audit_event(record, _observer(door)) for record in records if record is not None]


def _observer(door: Door) -> str:
    """The log's origin."""
    return door.gateway.notary.verifier.name
