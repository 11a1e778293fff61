"""Our FHIRPath beside fhirpathpy, and each Python function beside the expression it stands for.

On every published resource at hand and on thousands of random edits of them.
"""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest

from gateway.validate.fhirpath import Context, Item, NotEvaluated, compile_expression, truth
from gateway.validate.invariants.native import NATIVE
from gateway.validate.place import at_root
from gateway.validate.run import Run, Scope
from tests.validate.invariants.edits import edited
from tests.validate.invariants.published import EXAMPLES, expressions, judged, members, resources

pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the official packages are not at hand")

CANNOT = ("hasValue", "dom-3", "htmlChecks", "resolve")
"""What fhirpathpy has not (`hasValue`), raises on by its own fault (R4's dom-3), or asks its caller for."""
LOCAL = next(expression for expression in NATIVE if expression.startswith("reference.startsWith"))
BY_WORDS = {
    "start.hasValue().not() or end.hasValue().not() or (start <= end)": "precision that does not tell is no fault",
    "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')": "no name is no wrong name; and the whole name is meant",
    "htmlChecks()": "told where the narrative is read",
    LOCAL: "`#` is the container",
}
"""Functions that follow a rule's words against its expression, each with the reason native.py gives."""


_HELD = {"resourceType": "Organization", "id": "o", "name": "x"}
_ORGANIZATION: dict[str, Any] = {"resourceType": "Organization", "id": "a", "partOf": {"reference": "#o"}}
MADE = [
    {**_ORGANIZATION, "contained": [{**_HELD, **more}]}
    for more in (
        {"contained": [{**_HELD, "id": "p"}]},
        {"meta": {"versionId": "1"}},
        {"meta": {"lastUpdated": "2024-01-01T00:00:00Z"}},
        {"meta": {"security": [{"code": "R"}]}},
        {"id": "nobody"},
        {"id": "back", "partOf": {"reference": "#"}},
        {"address": [{"id": "only"}]},
    )
]
MADE.append({"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "https://a.test/x/_history/1"}]})
"""What published resources never do and these rules are about."""


class Nothing:
    """Surroundings that know nothing."""

    def resolve(self, reference: str) -> Item | None:
        return None

    def member_of(self, item: Item, value_set: str) -> bool:
        raise NotEvaluated("not here")

    def subsumes(self, system: str, above: str, below: str) -> bool:
        raise NotEvaluated("not here")

    def conforms_to(self, item: Item, canonical: str) -> bool:
        raise NotEvaluated("not here")

    def html_checks(self, text: str) -> bool:
        return True

    def now(self) -> str:
        return "2026-11-22T10:00:00Z"


def edits(count: int) -> list[dict[str, Any]]:
    """The resources themselves and random edits of them, the same ones every time."""
    chance = Random(5)
    return [*MADE, *resources(), *(edited(chance.choice(resources()), chance) for _ in range(count))]


@cache
def compiled(expression: str) -> Any:
    return compile_expression(expression)


def ours(expression: str, whole: Item, part: Item) -> object:
    context = Context(members(), Nothing(), subject=part, resource=whole, root=whole, steps=1_000_000)
    try:
        return truth(compiled(expression)(context, [part]))
    except NotEvaluated:
        return "not evaluated"


@cache
def _theirs(expression: str) -> Any:
    import fhirpathpy
    from fhirpathpy.models import models

    return fhirpathpy.compile(expression, models["r4"])


def theirs(expression: str, whole: Any, part: Item) -> object:
    from fhirpathpy.engine.nodes import ResourceNode

    create: Any = ResourceNode.create_node
    node = create(floats(part.value), part.shape.name if part.shape else part.code)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what trace() is given
            answer = _theirs(expression)(node, {"resource": whole, "rootResource": whole})
    except Exception:  # whatever it raises: it has no opinion then
        return "not evaluated"
    return None if not answer else answer[0] if len(answer) == 1 and isinstance(answer[0], bool) else True


def floats(tree: Any) -> Any:
    """JSON as that library knows it."""
    if isinstance(tree, dict):
        return {key: floats(held) for key, held in tree.items()}
    if isinstance(tree, list):
        return [floats(held) for held in tree]
    return float(tree) if isinstance(tree, Decimal) else tree


def test_every_expression_of_every_package_is_understood() -> None:
    assert len(expressions()) > 200
    for expression in expressions():
        compile_expression(expression)


def test_both_engines_answer_alike(record_property: Callable[[str, object], None]) -> None:
    counted: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    unlike: dict[str, tuple[object, object]] = {}
    for resource in edits(300):
        raws: dict[int, Any] = {}
        for whole, part, constraint in judged(resource):
            expression = constraint.expression
            seen[expression] += 1
            if any(word in expression for word in CANNOT) or constraint.key in CANNOT or seen[expression] > 80:
                continue
            if id(whole) not in raws:
                raws[id(whole)] = floats(whole.value)
            mine, other = ours(expression, whole, part), theirs(expression, raws[id(whole)], part)
            if "not evaluated" in (mine, other):
                counted["one has no opinion"] += 1
            elif mine != other and _asks_a_text(expression):
                counted["asks a text that is not there"] += 1  # we say no, the letter nothing: see decision 32
            else:
                counted["compared"] += 1
                if mine != other:
                    unlike[constraint.key] = (mine, other)
    record_property("figure", f"FHIRPath beside fhirpathpy: {dict(counted)}, {len(unlike)} unlike")
    assert unlike == {}
    assert counted["compared"] > 5_000
    assert counted["asks a text that is not there"] < counted["compared"] / 50
    assert counted["one has no opinion"] < counted["compared"] / 50


def _asks_a_text(expression: str) -> bool:
    return any(f".{name}(" in expression for name in ("startsWith", "endsWith", "contains", "matches"))


@pytest.mark.parametrize("expression", sorted(set(NATIVE) - set(BY_WORDS)))
def test_a_function_answers_as_its_expression(expression: str) -> None:
    asked = met = 0
    for resource in edits(1_000):
        for whole, part, constraint in judged(resource):
            if constraint.expression != expression or not isinstance(part.value, dict) or not part.value:
                continue
            scope = Scope(whole.value, at_root(whole.code))
            answer = NATIVE[expression](part.value, scope, Run(scope))
            if expression.startswith("contained.where(") and _without_id(part.value):
                continue
            assert answer is (ours(expression, whole, part) is True), (constraint.key, part.value)
            asked, met = asked + 1, met + answer
    assert asked == 0 or 0 < met < asked or asked < 100


def _without_id(value: dict[str, Any]) -> bool:
    held = value.get("contained")
    return isinstance(held, list) and any(not isinstance(one, dict) or "id" not in one for one in held)
