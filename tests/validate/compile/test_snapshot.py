"""A snapshot made from a differential asks what the published one asks."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gateway.validate.compile.snapshot import with_snapshot
from gateway.validate.compile.structure import BadDefinition, structure_of
from gateway.validate.element import Element
from tests.conftest import SHARED

JSON = dict[str, Any]
PACKAGES = SHARED / "fhir-packages"
ROOT = "http://hl7.org/fhir/StructureDefinition/"

needs_packages = pytest.mark.skipif(not PACKAGES.is_dir(), reason="the FHIR packages are not on this machine")


class Definitions:
    """Definitions in memory."""

    def __init__(self, definitions: list[JSON]) -> None:
        self._by_url = {one["url"]: one for one in reversed(definitions)}

    def structure_definition(self, canonical: str) -> JSON | None:
        """By canonical, whatever the version."""
        return self._by_url.get(canonical.partition("|")[0])

    def type_definition(self, name: str) -> JSON | None:
        """By the name of the type."""
        return self._by_url.get(ROOT + name)

    def every(self) -> list[JSON]:
        """All of them."""
        return list(self._by_url.values())


def element(id: str, codes: str = "", max: str = "1", **said: Any) -> JSON:
    """One ElementDefinition of a snapshot."""
    types = {"type": [{"code": code} for code in codes.split()]} if codes else {}
    return {"id": id, "path": re.sub(r":\w+", "", id), "min": 0, "max": max, **types, **said}


THING: JSON = {
    "url": f"{ROOT}Thing",
    "type": "Thing",
    "snapshot": {
        "element": [
            element("Thing", max="*"),
            element("Thing.part", "BackboneElement", "*"),
            element("Thing.part.name", "Name"),
            element("Thing.part.inner", max="*", contentReference="#Thing.part"),
            element("Thing.value[x]", "string Name boolean"),
            element("Thing.extension", "Extension", "*"),
        ]
    },
}
NAME: JSON = {
    "url": f"{ROOT}Name",
    "type": "Name",
    "snapshot": {
        "element": [
            element("Name", max="*", constraint=[{"key": "nam-1"}]),
            element("Name.family", "string"),
            element("Name.given", "string", "*"),
        ]
    },
}
STRING: JSON = {"url": f"{ROOT}string", "type": "string", "snapshot": {"element": [element("string")]}}
ELEMENT: JSON = {
    "url": f"{ROOT}Element",
    "type": "Element",
    "snapshot": {"element": [element("Element", max="*"), element("Element.extension", "Extension", "*")]},
}


def made(*differential: JSON, **said: Any) -> dict[str, JSON]:
    """The snapshot of a profile of Thing, by id."""
    profile = {
        "url": "https://example.org/profile",
        "type": "Thing",
        "baseDefinition": f"{ROOT}Thing|4.0.1",
        "derivation": "constraint",
        "differential": {"element": [{"path": re.sub(r":[\w/]+", "", one["id"]), **one} for one in differential]},
        **said,
    }
    whole = with_snapshot(profile, Definitions([THING, NAME, STRING, ELEMENT]))
    return {one["id"]: one for one in whole["snapshot"]["element"]}


def test_what_is_not_said_stays_as_the_base_has_it() -> None:
    assert list(made()) == [one["id"] for one in THING["snapshot"]["element"]]


def test_a_path_that_goes_further_opens_the_type() -> None:
    found = made({"id": "Thing.part.name.family", "min": 1})
    assert found["Thing.part.name.family"]["min"] == 1
    assert found["Thing.part.name.given"]["max"] == "*"


def test_what_every_type_of_a_choice_has_may_be_asked_of_the_choice() -> None:
    found = made({"id": "Thing.value[x].extension", "min": 1})
    assert found["Thing.value[x].extension"]["min"] == 1
    assert len(found["Thing.value[x]"]["type"]) == 3


def test_a_reference_to_an_element_is_opened_like_it() -> None:
    found = made({"id": "Thing.part.inner.name", "min": 1})
    assert found["Thing.part.inner.name"]["min"] == 1
    assert "contentReference" not in found["Thing.part.inner"]
    assert "contentReference" in found["Thing.part.inner.inner"]


def test_a_slice_has_what_it_slices_and_says_its_own_over_it() -> None:
    found = made(
        {"id": "Thing.part", "slicing": {"discriminator": [{"type": "value", "path": "name.family"}], "rules": "open"}},
        {"id": "Thing.part:one", "sliceName": "one", "max": "1"},
        {"id": "Thing.part:one.name.family", "fixedString": "A"},
        {"id": "Thing.part:one/inner", "sliceName": "one/inner", "min": 1},
    )
    assert found["Thing.part:one"]["max"] == "1"
    assert found["Thing.part:one.name.family"]["fixedString"] == "A"
    assert found["Thing.part:one/inner.name.family"]["fixedString"] == "A"
    assert "slicing" not in found["Thing.part:one"]
    assert "Thing.part.name.family" not in found


def test_a_type_named_in_a_choice_is_a_slice_and_the_only_type_left() -> None:
    found = made({"id": "Thing.valueName", "min": 1})
    assert [one["code"] for one in found["Thing.value[x]"]["type"]] == ["Name"]
    assert found["Thing.value[x]"]["slicing"]["rules"] == "closed"
    assert found["Thing.value[x]:valueName"]["min"] == 1
    both = made({"id": "Thing.valueName"}, {"id": "Thing.valueString"})
    assert [one["code"] for one in both["Thing.value[x]"]["type"]] == ["Name", "string"]


def test_extensions_are_told_apart_by_their_url() -> None:
    found = made({"id": "Thing.extension:mark", "sliceName": "mark", "min": 1})
    assert found["Thing.extension"]["slicing"]["discriminator"] == [{"type": "value", "path": "url"}]


def test_a_rule_names_the_definition_it_comes_from() -> None:
    (rule,) = made({"id": "Thing", "constraint": [{"key": "own-1"}]})["Thing"]["constraint"]
    assert rule["source"] == "https://example.org/profile"


def test_a_new_value_takes_the_place_of_the_old_one() -> None:
    over = [
        {"id": "Thing.part.name.family", "patternString": "A"},
        {"id": "Thing.part.name.family", "fixedString": "A"},
    ]
    assert "patternString" not in made(*over)["Thing.part.name.family"]


@pytest.mark.parametrize(
    ("differential", "base"),
    [
        ([{"id": "Thing.nothing"}], f"{ROOT}Thing"),
        ([{"id": "Thing.part.name.nothing"}], f"{ROOT}Thing"),
        ([], f"{ROOT}Nothing"),
        ([], "https://example.org/profile"),
        ([{"id": "Thing.part", "path": None}], f"{ROOT}Thing"),
    ],
)
def test_what_cannot_be_is_said_and_breaks_nothing(differential: list[JSON], base: str) -> None:
    with pytest.raises(BadDefinition):
        made(*differential, baseDefinition=base)


def test_bases_that_go_round_in_a_circle_end() -> None:
    one = {"url": "https://example.org/1", "baseDefinition": "https://example.org/2", "derivation": "constraint"}
    two = {"url": "https://example.org/2", "baseDefinition": "https://example.org/1", "derivation": "constraint"}
    with pytest.raises(BadDefinition, match="circle"):
        with_snapshot(one, Definitions([one, two]))


@needs_packages
def test_generated_snapshots_ask_what_the_published_ones_ask(record_property: Any) -> None:
    """What remains: publishers let rules of a list not reach its slices, or write out what a datatype asks anyway."""
    published = definitions()
    equal, total = Counter[str](), 0
    for definition in published.every():
        if definition.get("derivation") != "constraint" or not definition.get("snapshot"):
            continue
        bare = {name: value for name, value in definition.items() if name != "snapshot"}
        if definition["url"] in NOT_AS_PUBLISHED:
            continue
        theirs = asked(structure_of(definition).root)
        ours = asked(structure_of(with_snapshot(bare, published)).root)
        for id in theirs.keys() | ours.keys():
            if not re.search(r"xtension:[^.]*\.", id):  # opened or not, an extension is held to its own definition
                total += 1
                equal[str(theirs.get(id) == ours.get(id))] += 1
    share = equal["True"] / total
    record_property("figure", f"{share:.1%} of {total} elements of generated snapshots are as published")
    assert share >= 0.975


NOT_AS_PUBLISHED = {f"{ROOT}picoelement"}
"""Its differential speaks of an element that the snapshot of its base does not have (definition[x])."""


@cache
def definitions() -> Definitions:
    """Every StructureDefinition of the packages."""
    files = (file for package in sorted(PACKAGES.iterdir()) for file in package.glob("package/StructureDefinition-*"))
    return Definitions([json.loads(Path(file).read_bytes()) for file in files])


def asked(root: Element) -> dict[str, tuple[Any, ...]]:
    """What each element asks, versions and rules of datatypes aside."""
    found: dict[str, tuple[Any, ...]] = {}

    def walk(one: Element, id: str) -> None:
        types = sorted(
            (t.code, *map(bare, t.profiles), *sorted(map(bare, t.targets)), *t.aggregation) for t in one.types
        )
        binding = one.binding and (one.binding.strength, bare(one.binding.value_set))
        keys = sorted(rule.key for rule in one.constraints)
        numbers = (one.min, one.max, one.max_length, one.min_value, one.max_value)
        found[id] = (numbers, types, one.fixed, one.pattern, binding, keys, one.slicing, bool(one.content))
        for child in one.children:
            walk(child, f"{id}.{child.name}")
        for part in one.slices:
            walk(part, f"{id}:{part.slice_name}")

    walk(root, "")
    return found


def bare(canonical: str) -> str:
    """A canonical without its version."""
    return canonical.partition("|")[0]
