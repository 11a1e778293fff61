"""Tree → a Python function, once an expression: `evaluate(context, items) -> items`."""

from __future__ import annotations

from typing import Any

from gateway.validate.fhirpath.context import Collection, Context, Evaluate
from gateway.validate.fhirpath.functions import FUNCTIONS
from gateway.validate.fhirpath.functions.kinds import as_type, is_type, type_named
from gateway.validate.fhirpath.operators import OPERATORS, negated
from gateway.validate.fhirpath.syntax import Tree, read_expression
from gateway.validate.fhirpath.values import Item, NotEvaluated, single

_TERMS = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


def compile_expression(text: str) -> Evaluate:
    """The function of an expression. NotEvaluated says what in it is not understood."""
    return _compiled(read_expression(text), leading=True)


def _compiled(tree: Tree, leading: bool = False) -> Evaluate:
    """`leading`: a name here may be that of the type one starts from (`Patient.name`)."""
    kind = tree.kind
    if kind == "literal":
        return _constant([tree.value])
    if kind == "empty":
        return _constant([])
    if kind == "member":
        return _leading(tree.value) if leading and tree.value[:1].isupper() else _member(tree.value)
    if kind == "dot":
        if (asked := tree.parts[1]).kind == "call" and asked.value in ("exists", "empty") and not asked.parts:
            return _presence(tree.parts[0], asked.value == "exists", leading)
        return _then(_compiled(tree.parts[0], leading), _compiled(tree.parts[1]))
    if kind == "call":
        return _call(tree, leading)
    if kind == "operator":
        return _operator(tree)
    if kind == "type":
        return _type(tree)
    if kind == "item":
        return _numbered(_compiled(tree.parts[0], leading), _compiled(tree.parts[1], leading=True))
    if kind == "sign":
        return negated(_compiled(tree.parts[0], leading=True)) if tree.value == "-" else _compiled(tree.parts[0], True)
    if kind == "variable":
        return _variable(tree.value)
    if kind in _OF_CONTEXT:
        return _OF_CONTEXT[kind]
    raise NotEvaluated(f"“${kind}” is not known")


def _constant(collection: Collection) -> Evaluate:
    return lambda context, items: collection


def _member(name: str) -> Evaluate:
    def member(context: Context, items: Collection) -> Collection:
        found: Collection = []
        named = context.members.named
        for item in items:
            if item.__class__ is Item:
                named(item, name, found)
        context.spend(len(found) + 1)
        return found

    return member


def _presence(of: Tree, wanted: bool, leading: bool) -> Evaluate:
    """`name.exists()`, `name.empty()`: half of all that invariants ask, so nothing is taken out to be looked at."""
    last = of.parts[1] if of.kind == "dot" else of
    if last.kind != "member" or (of is last and leading and last.value[:1].isupper()):
        found = _compiled(of, leading)
        return lambda context, items: [bool(found(context, items)) is wanted]
    name: str = last.value

    def presence(context: Context, items: Collection) -> Collection:
        context.spend(1)
        has = context.members.has
        return [any(has(item, name) for item in items if item.__class__ is Item) is wanted]

    return presence if of is last else _then(_compiled(of.parts[0], leading), presence)


def _leading(name: str) -> Evaluate:
    wanted, member = type_named(name), _member(name)

    def leading(context: Context, items: Collection) -> Collection:
        if items and items[0].__class__ is Item and is_type(context, items[0], wanted):
            return items
        return member(context, items)

    return leading


def _then(first: Evaluate, second: Evaluate) -> Evaluate:
    return lambda context, items: second(context, first(context, items))


def _call(tree: Tree, leading: bool) -> Evaluate:
    name = tree.value
    if tree.type_name:
        return _typed(name, tree.type_name)
    known = FUNCTIONS.get(name)
    if known is None:
        raise NotEvaluated(f"the function {name[:40]}() is not known")
    function, fewest, most = known
    if not fewest <= len(tree.parts) <= most:
        raise NotEvaluated(f"{name}() does not take {len(tree.parts)} arguments")
    arguments = tuple(_compiled(part, leading=True) for part in tree.parts)
    if not arguments:
        return function
    return lambda context, items: function(context, items, *arguments)


def _typed(name: str, type_name: str) -> Evaluate:
    wanted = type_named(type_name)
    if name == "is":
        return lambda context, items: _is(context, items, wanted)
    if name == "as":
        return lambda context, items: as_type(context, items, wanted)
    return lambda context, items: [item for item in items if is_type(context, item, wanted)]


def _is(context: Context, items: Collection, wanted: tuple[str, str]) -> Collection:
    if len(items) > 1:
        raise NotEvaluated("several items where one is expected")
    return [is_type(context, item, wanted) for item in items]


def _type(tree: Tree) -> Evaluate:
    of, then = _compiled(tree.parts[0], leading=True), _typed(tree.value, tree.type_name)
    return lambda context, items: then(context, of(context, items))


def _operator(tree: Tree) -> Evaluate:
    left, right = (_compiled(part, leading=True) for part in tree.parts)
    return OPERATORS[tree.value](left, right)


def _numbered(of: Evaluate, number: Evaluate) -> Evaluate:
    def numbered(context: Context, items: Collection) -> Collection:
        found = of(context, items)
        at = single(number(context, context.this))
        if not isinstance(at, int) or at < 0:
            return []
        return found[at : at + 1]

    return numbered


def _variable(name: str) -> Evaluate:
    if name in _TERMS:
        return _constant([_TERMS[name]])
    for prefix, stem in (("vs-", "ValueSet/"), ("ext-", "StructureDefinition/")):
        if name.startswith(prefix):
            return _constant([f"http://hl7.org/fhir/{stem}{name.removeprefix(prefix)}"])
    if name in ("resource", "rootResource", "context"):
        place = {"resource": "resource", "rootResource": "root", "context": "subject"}[name]
        return lambda context, items: [getattr(context, place)]

    def defined(context: Context, items: Collection) -> Collection:
        if name not in context.variables:
            raise NotEvaluated(f"%{name[:40]} is not known")
        return context.variables[name]

    return defined


def _this(context: Context, items: Collection) -> Collection:
    return context.this


def _index(context: Context, items: Collection) -> Collection:
    return [context.index]


def _total(context: Context, items: Collection) -> Any:
    return context.total


_OF_CONTEXT: dict[str, Evaluate] = {"this": _this, "index": _index, "total": _total}
