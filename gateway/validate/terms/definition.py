"""CodeSystem and ValueSet as definitions: what they say of themselves must hold (R4 §§4.8, 4.9)."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from gateway.validate.place import Place
from gateway.validate.run import Run, Scope
from gateway.validate.terms.coding import is_absolute
from gateway.validate.terms.grammar import GRAMMARS, SNOMED, has_form
from gateway.validate.terms.system import dicts, property_types
from gateway.validate.terms.valueset import ValueSets

_PROPERTIES = "http://hl7.org/fhir/concept-properties#"
_STANDARD = {
    "status": "code",
    "inactive": "boolean",
    "effectiveDate": "dateTime",
    "deprecationDate": "dateTime",
    "retirementDate": "dateTime",
    "notSelectable": "boolean",
    "parent": "code",
    "child": "code",
    "partOf": "code",
    "synonym": "code",
    "comment": "string",
    "itemWeight": "decimal",
}
"""The properties every code system may have, with their types."""
_ON_CODES = frozenset({"=", "is-a", "descendent-of", "is-not-a", "generalizes"})
_TERM = re.compile(r"\|[^|]*\|")
_ADJACENT = re.compile(r"[0-9*]\s+(?:[<>^]|[0-9])")
"""Of SNOMED's Expression Constraint Language this much is looked at: two operands with nothing between them."""


def check_definition(run: Run, scope: Scope, sets: ValueSets) -> None:
    """Tell the faults of a CodeSystem or ValueSet that no invariant sees."""
    kind = scope.resource.get("resourceType")
    if kind == "CodeSystem":
        _check_system(run, scope.place, scope.resource)
    elif kind == "ValueSet":
        _check_value_set(run, scope.place, scope.resource, sets)


def _check_system(run: Run, place: Place, definition: dict[str, Any]) -> None:
    content = definition.get("content")
    top = dicts(definition.get("concept"))
    count = definition.get("count")
    if content == "not-present" and top:
        run.tell(_item(place, "concept", 0), "concepts-not-present")
    elif content == "complete" and isinstance(count, int) and (found := _number(top)) != count:
        run.tell((place, "count", "count"), "wrong-count", found=found, count=count)
    _check_properties(run, place, dicts(definition.get("property")))
    types = property_types(definition)
    if types:
        _check_values(run, place, definition, types)


def _check_values(run: Run, place: Place, definition: dict[str, Any], types: dict[str, str]) -> None:
    """The properties of concepts have the types that the code system gives them."""
    waiting = [(place, definition)]
    while waiting:
        above, holder = waiting.pop()
        for index, concept in enumerate(dicts(holder.get("concept"))):
            here = _item(above, "concept", index)
            waiting.append((here, concept))
            for nth, held in enumerate(dicts(concept.get("property"))):
                wanted = types.get(str(held.get("code")), "")
                key = f"value{wanted[:1].upper()}{wanted[1:]}"
                if wanted and key not in held and any(each.startswith("value") for each in held):
                    run.tell(_item(here, "property", nth), "property-value", type=wanted[:64])


def _number(concepts: list[dict[str, Any]]) -> int:
    total, waiting = 0, list(concepts)
    while waiting:
        one = waiting.pop()
        total += 1
        waiting.extend(dicts(one.get("concept")))
    return total


def _check_properties(run: Run, place: Place, properties: list[dict[str, Any]]) -> None:
    seen: Counter[str] = Counter()
    for index, one in enumerate(properties):
        here = _item(place, "property", index)
        code, uri, type_code = one.get("code"), one.get("uri"), one.get("type")
        if isinstance(code, str):
            seen[code] += 1
            if seen[code] == 2:
                run.tell(here, "property-twice")
        meaning = uri.removeprefix(_PROPERTIES) if isinstance(uri, str) and uri.startswith(_PROPERTIES) else None
        if meaning in _STANDARD and code != meaning and code in _STANDARD:
            run.tell(here, "property-misnamed", code=meaning)
        if meaning in _STANDARD and isinstance(type_code, str) and type_code != _STANDARD[meaning]:
            run.tell(here, "property-type", code=meaning, type=_STANDARD[meaning])


def _check_value_set(run: Run, place: Place, definition: dict[str, Any], sets: ValueSets) -> None:
    compose = definition.get("compose")
    if not isinstance(compose, dict):
        return
    above = (place, "compose", "compose")
    for key in ("include", "exclude"):
        clauses = compose.get(key)
        for index, clause in enumerate(clauses if isinstance(clauses, list) else ()):
            if isinstance(clause, dict):
                _check_clause(run, _item(above, key, index), clause, sets)


def _check_clause(run: Run, place: Place, clause: dict[str, Any], sets: ValueSets) -> None:
    url = clause.get("system")
    if not isinstance(url, str):
        return
    if not is_absolute(url):
        run.tell(place, "system-relative")
        return
    filters = clause.get("filter")
    if isinstance(filters, list) and filters:
        types = {**_STANDARD, **property_types(sets.definition(url) or {})}
        for index, one in enumerate(filters):
            rule = _filter_fault(one, url, types, sets) if isinstance(one, dict) else None
            if rule is not None:
                run.tell(_item(place, "filter", index), rule, property=str(one.get("property"))[:64], system=url[:200])


def _filter_fault(one: dict[str, Any], url: str, types: dict[str, str], sets: ValueSets) -> str | None:
    """The rule that the value of a filter breaks."""
    name, op, value = str(one.get("property")), one.get("op"), one.get("value")
    if not isinstance(value, str):
        return None
    if name in ("concept", "code") and op in _ON_CODES and _is_no_code(url, value, sets):
        return "filter-not-code"
    if op in ("=", "in", "not-in"):
        values = [value] if op == "=" else [each.strip() for each in value.split(",")]
        if types.get(name) == "Coding" and not all(map(_is_coding, values)):
            return "filter-not-coding"
        if types.get(name) == "boolean" and not {"true", "false"}.issuperset(values):
            return "filter-not-boolean"
    if url == SNOMED and name == "constraint" and _ADJACENT.search(_TERM.sub(" ", value)):
        return "filter-expression"
    return None


def _is_no_code(url: str, value: str, sets: ValueSets) -> bool:
    system = sets.system(url)
    if system is not None and system.content != "not-present":
        return system.content == "complete" and system.whole.judge(value).answer is False
    return url in GRAMMARS and not has_form(url, value)


def _is_coding(text: str) -> bool:
    system, mark, code = text.partition("#")
    return bool(mark and code) and is_absolute(system)


def _item(place: Place, key: str, index: int) -> Place:
    return ((place, key, key), index, f"[{index}]")
