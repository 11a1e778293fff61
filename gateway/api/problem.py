"""Problems: every answer that says no, as RFC 9457 `application/problem+json`, in two languages, with what to do next.

An answer never holds a value that was sent, nor anything of the gateway's inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.journey.refusal import told_fault
from gateway.model.catalogue import FAULTS
from gateway.model.faults import Fault
from gateway.model.problems import PROBLEMS
from gateway.model.texts import Text

MEDIA_TYPE = "application/problem+json"
FHIR = "/fhir"
MOST_ERRORS = 1000
"""Errors listed in one answer; what is beyond is counted in `errors_omitted`."""
LONGEST_PLACE = 500  # characters of a pointer: its words are the sender's own


class ProblemError(BaseModel):
    """One thing to correct, and where."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description="Stable code; all of them are listed at /v1/errors", examples=["ins-key"])
    pointer: str = Field(
        description="Where, in the body as sent: JSON Pointer (RFC 6901), XPath for XML, row and column for CSV; "
        "`?name` is a parameter",
        examples=["/patient/ins/number"],
    )
    line: int | None = Field(default=None, description="The line of that place, from 1; absent when not known")
    column: int | None = Field(default=None, description="Its column in that line, in characters, from 1")
    at: str = Field(description="The same place in canonical words", examples=["/patient/ins/number"])
    fr: str = Field(description="What is wrong, in French")
    en: str = Field(description="What is wrong, in English")
    remedy: str = Field(description="What to do, in French")
    remedy_en: str = Field(description="What to do, in English")


class Problem(BaseModel):
    """Why a request was not done (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(
        description="Names the kind of problem; relative to the gateway", examples=["/v1/errors#rejected"]
    )
    title: str = Field(description="What happened, in English")
    status: int = Field(description="The HTTP status", examples=[422])
    code: str = Field(description="Stable code to branch on", examples=["rejected"])
    fr: str = Field(description="What happened, in French")
    en: str = Field(description="What happened, in English; the same as `title`")
    remedy: str = Field(description="What to do, in French")
    remedy_en: str = Field(description="What to do, in English")
    request_id: str = Field(description="Quote it to the administrator: the technical log holds it too")
    errors: list[ProblemError] = Field(default=[], description="Every fault of what was sent, at once")
    errors_omitted: int = Field(default=0, description="Faults beyond the most listed in one answer")


class Refused(Exception):
    """Ends a request with a problem. `faults` are its `errors`, `headers` are added to the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        about: str = "",
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.about = status, code, about
        self.faults, self.headers = tuple(faults), dict(headers or {})


def text_of(code: str) -> Text:
    """What a code of either catalogue means."""
    return PROBLEMS.get(code) or FAULTS[code]


def describe(refused: Refused, request_id: str) -> dict[str, Any]:
    """The problem's JSON."""
    text = text_of(refused.code).about(refused.about)
    tree: dict[str, Any] = {
        "type": f"/v1/errors#{refused.code}",
        "title": text.en,
        "status": refused.status,
        "code": refused.code,
        "fr": text.fr,
        "en": text.en,
        "remedy": text.remedy_fr,
        "remedy_en": text.remedy_en,
        "request_id": request_id,
        "errors": [_error(fault) for fault in refused.faults[:MOST_ERRORS]],
    }
    if len(refused.faults) > MOST_ERRORS:
        tree["errors_omitted"] = len(refused.faults) - MOST_ERRORS
    return tree


def respond(request: Request, refused: Refused) -> Response:
    """The whole answer; at the FHIR door, as FHIR says it."""
    if request.url.path == FHIR or request.url.path.startswith(FHIR + "/"):
        from gateway.api.fhir.issues import refusal

        return refusal(request, refused)
    request_id = getattr(request.state, "request_id", "")
    return JSONResponse(describe(refused, request_id), refused.status, refused.headers, media_type=MEDIA_TYPE)


def _error(fault: Fault) -> dict[str, Any]:
    told = told_fault(fault)
    return {**told, "pointer": _short(told["pointer"]), "at": _short(told["at"])}


def _short(place: str) -> str:
    # a name no JSON encoder may write (lone surrogate) is shown escaped
    place = place.encode("utf-8", "backslashreplace").decode("utf-8")
    return place if len(place) <= LONGEST_PLACE else place[:LONGEST_PLACE] + "…"
