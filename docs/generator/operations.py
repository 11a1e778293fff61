"""http.md: every operation of the HTTP door, who may ask for it, and what it answers."""

from __future__ import annotations

from typing import Any, cast

from docs.generator.table import table
from gateway.api import create_app
from gateway.api.callers import ANYONE, MATRIX
from gateway.journey.gateway import Gateway

ROLES = ("vendor", "admin", "auditor", "dpo")


def operations() -> str:
    """The page."""
    nothing_is_asked_of_it = cast("Gateway", None)
    document = create_app(nothing_is_asked_of_it).openapi()
    every = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    rows = [
        (f"`{method} {path}`", operation["summary"], *(_may(operation["operationId"], role) for role in ROLES))
        for method, path, operation in every
    ]
    parts = [
        "# HTTP operations\n",
        "The whole of it, with every schema, is the OpenAPI document at `/openapi.json` (readable at `/docs`). A key "
        "is sent as `Authorization: Bearer KEY`; `·` needs none. A problem is `application/problem+json`: see "
        "[codes](errors.md).\n",
        table(("Operation", "Does", *ROLES), rows),
    ]
    for method, path, operation in every:
        parts += [f"## {method} {path}\n", operation.get("description", operation["summary"]).strip() + "\n"]
        if parameters := operation.get("parameters"):
            parts.append(table(("Parameter", "In", "Says"), map(_parameter, parameters)))
        parts.append(table(("Answer", "Means"), _answers(operation)))
    return "\n".join(parts)


def _may(operation: str, role: str) -> str:
    roles = MATRIX[operation]
    return "·" if roles == ANYONE else "yes" if role in roles else ""


def _parameter(parameter: dict[str, Any]) -> tuple[str, str, str]:
    needed = " (required)" if parameter.get("required") else ""
    return f"`{parameter['name']}`{needed}", parameter["in"], parameter.get("description", "")


def _answers(operation: dict[str, Any]) -> list[tuple[str, str]]:
    return [(status, answer["description"]) for status, answer in sorted(operation["responses"].items())]
