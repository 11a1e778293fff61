"""The reference of fields and elements says what the translation does, and misses no field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given

from gateway.model.event import KINDS as OWN
from gateway.model.event import Event, write_event
from gateway.model.form import grammar
from gateway.translate.fhir.extension import is_object, item
from gateway.translate.fhir.remainder import long
from tests import strategies
from tests.translate.fhir.events import KINDS, PROJECT, as_others_see, bundle_of, modest

PAGE = (PROJECT / "docs/reference-fhir.md").read_text(encoding="utf-8")


@cache
def rows(type: str) -> list[tuple[str, str]]:
    """(field, element) of every line that holds for events of that type."""
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    chosen = [one for one in sections if one.partition("\n")[0] not in OWN or one.startswith(f"{type}\n")]
    return [(field, path) for one in chosen for field, path in re.findall(r"^\| `(.+?)` \| `(.+?)` \|", one, re.M)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_event_says_stands_where_the_reference_says(kind: str) -> None:
    @modest
    @given(event=strategies.KINDS[kind]())
    def stands(event: Event) -> None:
        if event.patient.ins and not event.patient.outgoing_ins and not event.patient.local_id:
            return
        tree, bundle = long(type(event), write_event(as_others_see(event, event))), bundle_of(event)
        for field, path in rows(event.type):
            if list(said(tree, field.split("."))) and not elsewhere(field, tree, bundle):
                assert list(found(bundle, path)), (field, path)

    stands()


@pytest.mark.parametrize("type", OWN)
def test_every_field_of_an_event_has_its_line(type: str) -> None:
    lines = {field for field, _ in rows(type)}
    missing = [
        field
        for field in fields_of(OWN[type])
        if not any(field == one or field.startswith(f"{one}.") for one in lines)
        and not any(one.startswith(f"{field}.") for one in lines)
    ]
    assert missing == []
    assert lines - {"type"} <= set(fields_of(OWN[type]))


def elsewhere(field: str, tree: dict[str, Any], bundle: dict[str, Any]) -> bool:
    """The exceptions told in the notes."""
    patient = tree["patient"]
    match field:
        case "patient.multiple_birth":
            return "birth_rank" in patient
        case "patient.treating_physician":
            return patient[field[8:]].keys() <= {"none", "unknown"}
        case "team.structures.part_of":
            return bool(list(found(bundle, "Reference.extension[structure].part_of")))
        case "patient.address":
            return not patient["address"]
        case _ if field in ENDS:  # an end before its start
            return bool(list(found(bundle, ENDS[field])))
    return False


ENDS = {
    "report.service_end": "DocumentReference.extension[report].service_end",
    "team.until": "CareTeam.extension[team].until",
    "team.members.until": "CareTeam.participant.extension[member].until",
    "plan.until": "CarePlan.extension[plan].until",
}


def fields_of(kind: type, above: str = "") -> Iterator[str]:
    """Every field of a class of the model, and of those within."""
    for name, (hint, _) in grammar(kind).items():
        yield above + name
        inner = item(hint)
        if is_object(inner):
            yield from fields_of(inner, f"{above}{name}.")


def said(tree: Any, steps: list[str]) -> Iterator[Any]:
    """What an event's tree holds at a field."""
    if isinstance(tree, list):
        for one in tree:
            yield from said(one, steps)
    elif not steps:
        yield tree
    elif isinstance(tree, dict) and steps[0] in tree:
        yield from said(tree[steps[0]], steps[1:])


def found(bundle: dict[str, Any], path: str) -> Iterator[Any]:
    """What a bundle holds at a path, in whichever resource, reference or contained resource it is."""
    kind, *steps = re.findall(r"[^.\[]+(?:\[[^\]]+\])?", path)
    for one in every_object(bundle):
        if one.get("resourceType") == kind or (kind == "Reference" and "reference" in one):
            yield from reached(one, steps)


def every_object(tree: Any) -> Iterator[dict[str, Any]]:
    """Each JSON object of a tree."""
    if isinstance(tree, dict):
        yield tree
    for one in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from every_object(one)


def reached(tree: Any, steps: list[str]) -> Iterator[Any]:
    """Follow element names, `extension[name]`, and the fields of an extension."""
    if isinstance(tree, list):
        for one in tree:
            yield from reached(one, steps)
    elif not steps:
        yield tree
    elif isinstance(tree, dict):
        name, _, wanted = steps[0].rstrip("]").partition("[")
        inside = tree.get("extension", [])
        if wanted:
            yield from reached([one for one in inside if one["url"].endswith(f"/{wanted}")], steps[1:])
        elif name in tree:
            yield from reached(tree[name], steps[1:])
        else:
            yield from reached([one for one in inside if one["url"] == name], steps[1:])
