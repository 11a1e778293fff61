"""How a FHIR answer is to look: JSON or XML, French or English (R4 §3.1.0.1.11, RFC 9110 §12)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.envelope import media_type
from gateway.api.problem import Refused
from gateway.journey.gateway import Gateway

JSON, XML = "application/fhir+json", "application/fhir+xml"
BODIES = (JSON, "application/json", XML, "application/xml", "text/xml")
"""Content types a resource may come in."""

Language = Literal["fr", "en"]

_FORMATS = {
    **dict.fromkeys((JSON, "application/json", "text/json", "json", "*/*", "application/*"), JSON),
    **dict.fromkeys((XML, "application/xml", "text/xml", "xml", "text/*"), XML),
}
_R4 = re.compile(r"fhirversion=\"?(?:4\.0(?:\.\d+)?)\"?", re.IGNORECASE)

Format = Annotated[
    str | None, Query(alias="_format", description="`json` or `xml`, or a media type: comes before `Accept`")
]


def answers(said: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """What an operation answers, for its description: 200 as said, any other status as an OperationOutcome."""
    content = {JSON: {"schema": {"type": "object"}}, XML: {"schema": {"type": "string"}}}
    told: dict[int | str, str] = {**dict[int | str, str](said.items()), "default": "why it was not done"}
    return {
        status: {"description": about if status == 200 else f"OperationOutcome: {about}", "content": content}
        for status, about in told.items()
    }


def body_type(request: Request) -> str:
    """The media type of the resource that came. Raises Refused 415, also for another version of FHIR."""
    said = request.headers.get("content-type", "")
    for parameter in said.split(";")[1:]:
        if parameter.strip().lower().startswith("fhirversion") and not _R4.fullmatch(parameter.strip()):
            raise Refused(415, "unsupported-media-type", headers={"Accept-Post": ", ".join(BODIES)})
    return media_type(request.headers, *BODIES)


def wanted(request: Request) -> str:
    """The media type to answer in. Raises Refused 406 when the caller takes none of ours."""
    asked = request.query_params.get("_format")
    names = [asked.replace(" ", "+")] if asked else list(_preferred(request.headers.get("accept", ""), "*/*"))
    for name in names:
        if found := _FORMATS.get(name.lower()):
            return found
    raise Refused(406, "not-acceptable", about=f"{JSON}, {XML}")


def language(request: Request) -> Language:
    """French unless English is preferred."""
    for name in _preferred(request.headers.get("accept-language", ""), "fr"):
        if name.lower().startswith("en"):
            return "en"
        if name.lower().startswith("fr"):
            return "fr"
    return "fr"


def respond(
    gateway: Gateway, kind: str, tree: dict[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A resource as the answer. XML is written by the validator; a gateway without one has JSON only."""
    if kind == XML and gateway.validator is not None:
        return Response(gateway.validator().xml_of(tree), status, headers, media_type=XML)
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "backslashreplace"), status, headers, media_type=JSON)


def _preferred(said: str, default: str) -> Iterator[str]:
    """What a header lists, best first; what has a weight of 0 is not wanted."""
    listed: list[tuple[float, str]] = []
    for part in (said or default).split(",")[:50]:
        name, *parameters = (one.strip() for one in part.split(";"))
        weight = next((one[2:] for one in parameters if one.lower().startswith("q=")), "1")
        try:
            listed.append((float(weight), name))
        except ValueError:
            continue
    yield from (name for weight, name in sorted(listed, key=lambda one: -one[0]) if weight > 0)
