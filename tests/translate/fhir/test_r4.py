"""Every resource we write is FHIR R4 for a library that did not write it."""

from __future__ import annotations

from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given

from gateway.model.event import Event
from tests import strategies
from tests.translate.fhir.events import KINDS, bundle_of, modest


@pytest.mark.parametrize("kind", KINDS)
def test_every_resource_parses_with_its_r4b_model(kind: str) -> None:
    @modest
    @given(event=strategies.KINDS[kind]())
    def parses(event: Event) -> None:
        bundle = bundle_of(event)
        get_fhir_model_class("Bundle").model_validate(bundle)
        for resource in _every(bundle):
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)

    parses()


@modest
@given(event=strategies.events())
def test_every_reference_leads_somewhere_and_nothing_contained_is_forgotten(event: Event) -> None:
    bundle = bundle_of(event)
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    for entry in bundle["entry"]:
        resource = entry["resource"]
        inside = {f"#{one['id']}" for one in resource.get("contained", ())}
        said = set(_references(resource))
        assert inside <= said  # dom-3
        assert {one for one in said if one.startswith("#")} == inside
        assert {one for one in said if not one.startswith("#")} <= set(urls)
    assert set(_references(bundle["meta"])) <= set(urls)


@modest
@given(event=strategies.events())
def test_nothing_is_empty_or_null(event: Event) -> None:
    assert all(_full(one) for one in _values(bundle_of(event)))


def _every(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return found + [one for resource in found for one in resource.get("contained", ())]


def _references(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        own = [tree["reference"]] if isinstance(tree.get("reference"), str) else []
        return own + [found for value in tree.values() for found in _references(value)]
    return [found for one in tree for found in _references(one)] if isinstance(tree, list) else []


def _values(tree: Any) -> list[Any]:
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [tree, *(found for one in inner for found in _values(one))]


def _full(value: Any) -> bool:
    return value is not None and value not in ("", [], {})
