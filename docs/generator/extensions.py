"""The definitions of our extensions, from the model's own classes: what FHIR has no element for, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.model.event import KINDS, Event
from gateway.model.form import grammar
from gateway.model.people import (
    Contact,
    Organization,
    Patient,
    Professional,
    Sender,
    Structure,
    TreatingPhysician,
)
from gateway.model.plan import Activity, Goal, Plan, Problem
from gateway.model.report import Report
from gateway.model.team import Member, Team
from gateway.translate.fhir import extension, names
from gateway.translate.fhir.remainder import address

JSON = dict[str, Any]

PARTS: Mapping[type, str] = {
    Event: "Bundle.meta",
    Sender: "Reference",
    Professional: "Reference",
    TreatingPhysician: "Reference",
    Organization: "Reference",
    Structure: "Reference",
    Patient: "Patient",
    Contact: "Patient.contact",
    Team: "CareTeam",
    Member: "CareTeam.participant",
    Plan: "CarePlan",
    Problem: "Condition",
    Goal: "Goal",
    Activity: "CarePlan.activity",
    Report: "DocumentReference",
}
"""Part of an event → the element its extension stands on."""

MARKS: Mapping[str, tuple[str, str, str]] = {
    "joined": ("Bundle.meta", "string", "The id of the member who joined."),
    "left": ("Bundle.meta", "string", "The id of the member who left."),
    "role-changed": ("Bundle.meta", "string", "The id of the member whose role changed."),
    "changed": ("Bundle.meta", "string", "The id of the activity that changed."),
    "spoken-by": ("Bundle.meta", "Reference", "Who tells the event."),
    "made-page": ("Attachment", "boolean", "The gateway made this document of the event, which brought none."),
}
"""Name → the element it stands on, the type of its value, what it says."""


def extensions() -> Iterator[JSON]:
    """Every extension of ours, without snapshot."""
    for kind, context in PARTS.items():
        url = address(kind)
        what = "event" if kind is Event else kind.__name__
        about = f"What FHIR has no element for in this part of an event ({what}): each field under its name there."
        yield _definition(url, context, about, [*_fields(kind), *_words()])
    told = [("field", ("code",), "*")]
    yield _definition(names.extension("told"), "Bundle.meta", "The fields the event told of a team or plan.", told)
    for name, (context, type, about) in MARKS.items():
        yield _definition(names.extension(name), context, about, [], type)


def _fields(kind: type) -> Iterator[tuple[str, tuple[str, ...], str]]:
    kinds = [one for one in KINDS.values() if issubclass(one, Event)] if kind is Event else [kind]
    found = {name: hint for one in kinds for name, (hint, _) in grammar(one).items()}
    for name, hint in sorted(found.items()):
        yield name, extension.value_types(hint), "*" if extension.is_list(hint) else "1"


def _words() -> list[tuple[str, tuple[str, ...], str]]:
    return [(extension.UNSAID, ("code",), "*"), (extension.NOTHING, ("boolean",), "1")]


def _definition(
    url: str, context: str, about: str, fields: list[tuple[str, tuple[str, ...], str]], type: str = ""
) -> JSON:
    id = url.rpartition("/")[2]
    elements: list[JSON] = [_element("Extension", max="1")]
    if fields:
        by_url = {"discriminator": [{"type": "value", "path": "url"}], "rules": "closed"}
        elements.append(_element("Extension.extension", slicing=by_url, min=1))
        for name, types, most in fields:
            elements += _slice(name, types, most)
    else:
        elements.append(_element("Extension.extension", max="0"))
    elements.append(_element("Extension.url", fixedUri=url))
    value: JSON = {"min": 1, "type": [_type(type)]} if type else {"max": "0"}
    elements.append(_element("Extension.value[x]", **value))
    return {
        "resourceType": "StructureDefinition",
        "id": id,
        "url": url,
        "version": "1.0.0",
        "name": "".join(word.capitalize() for word in id.split("-")),
        "title": f"Extension: {id}",
        "status": "active",
        "experimental": False,
        "publisher": "Passerelle",
        "description": about,
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": context}],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {"element": elements},
    }


def _slice(name: str, types: tuple[str, ...], most: str) -> Iterator[JSON]:
    id = f"Extension.extension:{name}"
    yield _element(id, max=most)
    if types:
        yield _element(f"{id}.extension", max="0")
    yield _element(f"{id}.url", fixedUri=name)
    yield _element(
        f"{id}.value[x]", **({"min": 1, "type": [{"code": one} for one in types]} if types else {"max": "0"})
    )


def _type(code: str) -> JSON:
    if code == "Reference":
        return {"code": code, "targetProfile": [names.profile("practitioner-role")]}
    return {"code": code}


def _element(id: str, **asked: Any) -> JSON:
    steps = [step.partition(":") for step in id.split(".")]
    path = ".".join(name for name, _, _ in steps)
    sliced = {"sliceName": steps[-1][2]} if steps[-1][2] else {}
    return {"id": id, "path": path, **sliced, **asked}
