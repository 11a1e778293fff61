"""Faults, notices and problems as issues of an OperationOutcome: the same codes and sentences as elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.api.fhir.form import JSON, XML, Language, language, respond, wanted
from gateway.api.problem import MOST_ERRORS, Refused, text_of
from gateway.model.errors import Broken
from gateway.model.faults import Fault, Notice
from gateway.model.texts import Text
from gateway.translate import of_pointer

Issue = dict[str, Any]

ERRORS = "https://passerelle.example.org/fhir/CodeSystem/error"
"""Of `details.coding`: a code of /v1/errors."""

_TYPES = {
    "missing-field": "required",
    "no-sender": "required",
    "unknown-code": "code-invalid",
    "not-json": "structure",
    "not-xml": "structure",
    "bad-resource": "structure",
    "duplicate-key": "structure",
    "too-large": "too-long",
    "too-deep": "too-costly",
    "too-many": "too-costly",
    "unknown-team": "not-found",
    "unknown-report": "not-found",
    "unknown-member": "not-found",
    "unknown-participant": "not-found",
    "not-found": "not-found",
    "duplicate-event": "duplicate",
    "team-known": "duplicate",
    "team-closed": "conflict",
    "other-patient": "conflict",
    "no-versions": "not-supported",
    "unsupported-transaction": "not-supported",
    "unsupported-type": "not-supported",
    "unsupported-patch": "not-supported",
    "unsupported-document": "not-supported",
    "unsupported-media-type": "not-supported",
    "not-acceptable": "not-supported",
    "method-not-allowed": "not-supported",
    "unknown-parameter": "not-supported",
    "identifier-in-address": "security",
    "unknown-modifier": "extension",
    "several-changes": "business-rule",
    "no-change": "business-rule",
    "no-event-for-change": "business-rule",
    "no-mailbox-for-sender": "business-rule",
    "unauthenticated": "login",
    "forbidden": "forbidden",
    "too-busy": "throttled",
    "too-fast": "throttled",
    "too-many-unprepared": "throttled",
    "overloaded": "throttled",
    "too-slow": "timeout",
    "unavailable": "transient",
    "storage-full": "no-store",
    "broken": "exception",
}
"""Our code → http://hl7.org/fhir/issue-type; any other is a `value`, or `invalid` of a request."""

_NOT_KEPT = frozenset({"not-kept", "more-not-kept"})
_PLACED = _NOT_KEPT | {
    "time-of-receipt", "sender-in-charge", "sender-author", "identity-provisional", "kind-other", "unknown-recipient",
}  # fmt: skip
"""Notices whose `about` is a place of the Bundle."""


def outcome(issues: Sequence[Issue], language: Language) -> dict[str, Any]:
    """The OperationOutcome of these issues, at least one."""
    return {"resourceType": "OperationOutcome", "language": language, "issue": list(issues[:MOST_ERRORS])}


def of_fault(fault: Fault, language: Language) -> Issue:
    """One thing to correct, and where."""
    issue = _issue("error", _TYPES.get(fault.code, "value"), fault.code, fault.text, language)
    if fault.pointer.startswith("?"):
        return {**issue, "expression": [f"http.{fault.pointer[1:]}"]}
    return {**issue, "expression": [of_pointer(fault.pointer)]}


def of_notice(notice: Notice, language: Language) -> Issue:
    """Something accepted that the sender should know."""
    severity = "information" if notice.code in _NOT_KEPT else "warning"
    issue = _issue(severity, "informational", notice.code, notice.text, language)
    return {**issue, "expression": [notice.about]} if notice.code in _PLACED and "." in notice.about else issue


def of_problem(refused: Refused, language: Language) -> Issue:
    """Why a request was not done."""
    text = text_of(refused.code).about(refused.about)
    return _issue("error", _TYPES.get(refused.code, "invalid"), refused.code, text, language)


def refusal(request: Request, refused: Refused) -> Response:
    """The whole answer to a FHIR request that was refused: every fault, or the problem itself when it has none."""
    spoken = language(request)
    issues: Iterable[Issue] = [of_fault(fault, spoken) for fault in refused.faults] or [of_problem(refused, spoken)]
    try:
        kind = wanted(request)
    except Refused:
        kind = JSON
    tree = outcome(list(issues), spoken)
    return _InXml(request, refused, tree) if kind == XML else _written(request, refused, tree, JSON)


class _InXml(Response):
    """Written in a thread: the first XML opens the definitions, and nobody else shall wait for that."""

    def __init__(self, request: Request, refused: Refused, tree: dict[str, Any]) -> None:
        super().__init__(status_code=refused.status)
        self._told = request, refused, tree

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write and answer."""
        response = await run_in_threadpool(_written, *self._told, XML)
        await response(scope, receive, send)


def _written(request: Request, refused: Refused, tree: dict[str, Any], kind: str) -> Response:
    gateway = request.app.state.door.gateway
    try:
        return respond(gateway, kind, tree, refused.status, refused.headers)
    except Broken:  # no definitions, no XML: the reason must be told all the same
        return respond(gateway, JSON, tree, refused.status, refused.headers)


def _issue(severity: str, type: str, code: str, text: Text, language: Language) -> Issue:
    said, remedy = (text.fr, text.remedy_fr) if language == "fr" else (text.en, text.remedy_en)
    return {
        "severity": severity,
        "code": type,
        "details": {"coding": [{"system": ERRORS, "code": code}], "text": f"{said} {remedy}".strip()},
    }
