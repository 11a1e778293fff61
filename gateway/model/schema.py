"""The published form of an event: a JSON Schema (2020-12) per type, made from the dataclasses.

It says what the form of a tree must be. What only a reader can know (keys of numbers, one field needed when another
is absent, codes of national lists, calendars) stays with `form.read`; what the schema refuses, the reader refuses too.
"""

from __future__ import annotations

import inspect
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from gateway.model.event import KINDS
from gateway.model.form import LINE_LIMIT, LIST_LIMIT, PROSE_LIMIT, Prose, grammar
from gateway.model.identity import Ins, MailAddress, Rpps
from gateway.model.people import Organization, Patient, Structure
from gateway.model.when import Day, Instant, When

Schema = dict[str, Any]

_DATE = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
_FINESS = {"type": "string", "pattern": "^([0-9]{2}|2A|2B)[0-9]{7}$"}
_SIRET = {"type": "string", "pattern": "^[0-9]{14}$"}

# One line: no control character, no line break, and not only blanks (form/reading.py names the rest).
_LINE: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": LINE_LIMIT,
    "pattern": r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$",
}

_WORDS: dict[Any, Schema] = {
    str: _LINE,
    Prose: {"type": "string", "minLength": 1, "maxLength": PROSE_LIMIT, "pattern": r"\S"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    Rpps: {"type": "string", "pattern": "^[0-9]{11}$", "title": "RPPS", "description": inspect.getdoc(Rpps)},
    Day: {"type": "string", "pattern": f"^{_DATE}$", "description": inspect.getdoc(Day)},
    Instant: {"type": "string", "pattern": f"^{_INSTANT}$", "description": inspect.getdoc(Instant)},
    When: {"type": "string", "pattern": f"^({_DATE}|{_INSTANT})$", "description": inspect.getdoc(When)},
    MailAddress: {"type": "string", "maxLength": 320, "pattern": "^[^@\\s]+@[^@\\s]+$"},
}

# Fields whose text has a form of its own.
_FIELDS: dict[tuple[type, str], Schema] = {
    (Ins, "number"): {"type": "string", "pattern": "^[0-9]{5}([0-9]{2}|2A|2B)[0-9]{8}$"},
    (Organization, "finess"): _FINESS,
    (Organization, "siret"): _SIRET,
    (Structure, "finess"): _FINESS,
    (Structure, "siret"): _SIRET,
    (Patient, "birth_place"): {"type": "string", "pattern": "^([0-9]{2}|2A|2B)[0-9]{3}$"},
    **{(kind, "id"): {**_LINE, "maxLength": 128} for kind in KINDS.values()},
}


def schema(kind: str) -> Schema:
    """The JSON Schema of the events of that type. Raises KeyError for a type that is not of the first wave."""
    event = KINDS[kind]
    found: dict[str, Schema] = {}
    whole = _object(event, found)
    properties = {"id": whole["properties"].pop("id"), "type": {"const": kind}, **whole["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/v1/schemas/{kind}",
        **whole,
        "title": kind,
        "properties": properties,
        "required": [name for name in properties if name == "type" or name in whole["required"]],
        "$defs": dict(sorted(found.items())),
    }


def schemas() -> dict[str, Schema]:
    """The JSON Schema of every type, by its name."""
    return {kind: schema(kind) for kind in KINDS}


def _object(kind: Any, found: dict[str, Schema]) -> Schema:
    form = grammar(kind)
    return {
        "title": kind.__name__,
        "description": _told(kind),
        "type": "object",
        "properties": {name: _FIELDS.get((kind, name)) or _schema(hint, found) for name, (hint, _) in form.items()},
        "required": [name for name, (_, must) in form.items() if must],
        "additionalProperties": False,
    }


def _schema(hint: Any, found: dict[str, Schema]) -> Schema:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _schema(next(arm for arm in get_args(hint) if arm is not NoneType), found)
    if origin is tuple:
        return {"type": "array", "items": _schema(get_args(hint)[0], found), "maxItems": LIST_LIMIT}
    if origin is Literal:
        return {"enum": list(get_args(hint))}
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"enum": [member.value for member in hint]}
    if hint in _WORDS:
        return _WORDS[hint]
    return _reference(hint, found)


def _reference(kind: Any, found: dict[str, Schema]) -> Schema:
    name = kind.__name__
    if name not in found:
        found[name] = {}  # a class may hold itself
        found[name] = _object(kind, found)
    whole = {"$ref": f"#/$defs/{name}"}
    short = getattr(kind, "SHORT", None) or getattr(kind, "SHORT_READ", None)
    if short is None:
        return whole
    return {"anyOf": [_schema(grammar(kind)[short][0], found), whole]}


def _told(kind: type[Any]) -> str:
    """The docstring, without what it says to programmers about exceptions."""
    text = inspect.getdoc(kind) or ""
    return " ".join(part for part in text.split("\n") if part).partition(" Raises ")[0].removesuffix(" Raises")
