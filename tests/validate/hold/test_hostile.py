"""Whatever a tree holds, what holds what is found out without a crash."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.validate import Validator
from gateway.validate.element import Type
from gateway.validate.hold import Holding
from gateway.validate.place import at_root
from gateway.validate.run import Run, Scope

TEXTS = st.sampled_from(
    ["", "#", "#a", "a", "Patient/a", "urn:uuid:a", "https://a.example.org/Patient/a", "Patient?x", "self", "match"]
)
NAMED = (
    "id url type meta link entry fullUrl resource request search mode method relation reference contained extension"
    " profile section subject focus code coding system versionId size hash data differential element path"
)
KEYS = st.sampled_from(NAMED.split())
LEAVES = TEXTS | st.none() | st.booleans() | st.integers(-3, 3)
TREES = st.recursive(
    LEAVES, lambda held: st.lists(held, max_size=4) | st.dictionaries(KEYS, held, max_size=5), max_leaves=25
)
NAMES = st.sampled_from(
    ["Bundle", "Composition", "Patient", "Observation", "StructureDefinition", "SearchParameter", "CapabilityStatement"]
)
KINDS = st.sampled_from(["document", "message", "searchset", "transaction", "collection", 3, None])


@given(NAMES, KINDS, st.dictionaries(KEYS, TREES, max_size=6), st.dictionaries(KEYS, TREES, max_size=6))
def test_no_tree_crashes_it(
    validator: Validator, name: str, kind: Any, inner: dict[str, Any], more: dict[str, Any]
) -> None:
    first = {"resourceType": name, **inner}
    entry = {"fullUrl": "https://a.example.org/Patient/a", "resource": first, **more}
    tree = {"resourceType": name, **more, "type": kind, "entry": [entry, more, first], "contained": [first, inner]}
    scope = Scope(tree, at_root(name))
    run = Run(scope)
    holding = Holding(validator.structures, lambda *asked: True)
    holding.check_resource(run, scope)
    holding.claimed(run, scope)
    place = ((scope.place, "extension", "extension"), 0, "[0]")
    for value in (inner, more, *inner.values()):
        holding.check_reference(run, scope, place, value, Type("Reference", targets=("https://a.example.org/x",)), "")
        holding.check_extension(run, scope, place, value, "extension")
        if isinstance(value, dict):
            holding.check_attachment(run, scope, place, value)
