"""What anyone may read: the OpenAPI document, a plain page of it, the JSON Schemas, and what every code means."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from gateway.api.problem import Problem, Refused
from gateway.api.shown import ShownExchange
from gateway.api.told import Notification
from gateway.model.catalogue import FAULTS, NOTICES
from gateway.model.event import KINDS
from gateway.model.problems import PROBLEMS
from gateway.model.reasons import REASONS
from gateway.model.schema import schema
from gateway.translate import mapping_schema

router = APIRouter(tags=["published"])

OWN_SCHEMAS: dict[str, type[BaseModel]] = {
    "exchange": ShownExchange,
    "notification": Notification,
    "problem": Problem,
}


class Meaning(BaseModel):
    """What one code means, and what to do."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(description="Stable and permanent")
    kind: str = Field(
        description="`fault` of an event, `warning` about one, `reason` of an exchange or a leg, `problem` of a request"
    )
    fr: str
    en: str
    remedy: str = Field(description="What to do, in French; empty when there is nothing to do")
    remedy_en: str
    who_can_fix: str = Field(description="sender, recipient, operator, admin, gateway or nobody")


class Meanings(BaseModel):
    """Every code this gateway may answer."""

    model_config = ConfigDict(extra="forbid")

    errors: list[Meaning]


@router.get("/v1/errors", operation_id="list-errors", summary="Every code and what to do", response_model=Meanings)
def list_errors() -> dict[str, Any]:
    """Branch on `code`; show `fr` or `en` to people. `{about}` stands for a word told with the fault."""
    return {"errors": list(_meanings())}


def _meanings() -> Iterator[dict[str, str]]:
    for kind, texts in (("problem", PROBLEMS), ("fault", FAULTS), ("warning", NOTICES), ("reason", REASONS)):
        for code, text in texts.items():
            yield {
                "code": code,
                "kind": kind,
                "fr": text.fr,
                "en": text.en,
                "remedy": text.remedy_fr,
                "remedy_en": text.remedy_en,
                "who_can_fix": text.who,
            }


@router.get(
    "/v1/schemas/{type}",
    operation_id="read-schema",
    summary="JSON Schema of an event, an exchange, a notification, a problem, or a mapping table",
    response_class=JSONResponse,
    responses={
        200: {
            "content": {"application/schema+json": {"schema": {"type": "object"}}},
            "description": "JSON Schema 2020-12",
        },
        404: {"description": "No such type"},
    },
)
def read_schema(
    type: Annotated[str, Path(description="`team.created`…, `exchange`, `notification`, `problem` or `mapping`")],
) -> Response:
    """Of the canonical dialect; nothing beyond it is accepted."""
    if type in OWN_SCHEMAS:
        tree = OWN_SCHEMAS[type].model_json_schema(mode="serialization")
        tree = {"$schema": "https://json-schema.org/draft/2020-12/schema", **tree}
    elif type in KINDS:
        tree = schema(type)
    elif type == "mapping":  # what a dialect's YAML file may say, for editors
        tree = mapping_schema()
    else:
        raise Refused(404, "not-found")
    return JSONResponse(tree, media_type="application/schema+json")


@router.get(
    "/openapi.json", operation_id="read-openapi", summary="This interface, for machines", response_class=JSONResponse
)
def read_openapi(request: Request) -> Response:
    """OpenAPI 3.1."""
    return JSONResponse(request.app.openapi())


@router.get("/docs", operation_id="read-docs", summary="This interface, for people", response_class=HTMLResponse)
def read_docs(request: Request) -> Response:
    """One page, no script, nothing loaded from elsewhere."""
    return HTMLResponse(_page(request.app.title, _rows(request.app.openapi())))


def _rows(document: dict[str, Any]) -> tuple[tuple[str, str, str, str, str], ...]:
    return tuple(
        (
            method.upper(),
            path,
            operation["summary"],
            operation.get("description", ""),
            ", ".join(operation.get("x-roles", ())) or "anyone",
        )
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    )


@lru_cache(maxsize=4)
def _page(title: str, rows: tuple[tuple[str, str, str, str, str], ...]) -> str:
    lines = "\n".join(
        f"<tr><td><code>{escape(method)} {escape(path)}</code></td>"
        f"<td><strong>{escape(summary)}</strong><br>{escape(about)}</td><td>{escape(roles)}</td></tr>"
        for method, path, summary, about, roles in rows
    )
    return _FRAME.format(title=escape(title), lines=lines)


_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}}
table{{border-collapse:collapse}}th,td{{border-top:1px solid #999;padding:.5rem;text-align:left;vertical-align:top}}
</style></head><body><h1>{title}</h1>
<p>Send <code>Authorization: Bearer KEY</code>. Answers are JSON; those that say no are
<code>application/problem+json</code> with a stable <code>code</code> (<a href="/v1/errors">every code</a>) and texts in
French and English. For machines: <a href="/openapi.json">OpenAPI</a>; the schema of each event is at
<code>/v1/schemas/TYPE</code>, for example <a href="/v1/schemas/team.created">team.created</a>.</p>
<table><thead><tr><th scope="col">Call</th><th scope="col">Does</th><th scope="col">Roles</th></tr></thead><tbody>
{lines}
</tbody></table></body></html>
"""
