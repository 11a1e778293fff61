"""Functions on collections: existence, filters, subsets, navigation, flow (FHIRPath 2.0 §5.1–5.4, §5.8)."""

from __future__ import annotations

from typing import Any

from gateway.validate.fhirpath.comparing import sameness
from gateway.validate.fhirpath.context import Collection, Context, Evaluate
from gateway.validate.fhirpath.functions.function import Function, given_number
from gateway.validate.fhirpath.operators import union
from gateway.validate.fhirpath.values import Item, NotEvaluated, plain, truth


def _empty(context: Context, items: Collection) -> Collection:
    return [not items]


def _exists(context: Context, items: Collection, criterion: Evaluate | None = None) -> Collection:
    return [bool(items if criterion is None else _where(context, items, criterion))]


def _where(context: Context, items: Collection, criterion: Evaluate) -> Collection:
    return [focus[0] for focus in context.each(items) if truth(criterion(context, focus)) is True]


def _all(context: Context, items: Collection, criterion: Evaluate) -> Collection:
    return [all(truth(criterion(context, focus)) is True for focus in context.each(items))]


def _truths(items: Collection) -> list[bool]:
    values = [plain(item) for item in items]
    if any(not isinstance(value, bool) for value in values):
        raise NotEvaluated("true or false expected")
    return values


def _select(context: Context, items: Collection, projection: Evaluate) -> Collection:
    found: Collection = []
    for focus in context.each(items):
        found.extend(projection(context, focus))
    return found


def _repeat(context: Context, items: Collection, projection: Evaluate) -> Collection:
    seen: dict[Any, Any] = {}
    front = items
    while front:
        found = _select(context, front, projection)
        fresh = {sameness(item): item for item in found}
        front = [item for key, item in fresh.items() if key not in seen]
        seen.update({key: item for key, item in fresh.items() if key not in seen})
    return list(seen.values())


def _single(context: Context, items: Collection) -> Collection:
    if len(items) > 1:
        raise NotEvaluated("several items where one is expected")
    return items


def _skip(context: Context, items: Collection, number: Evaluate) -> Collection:
    count = given_number(context, number)
    return [] if count is None else items[max(0, count) :]


def _take(context: Context, items: Collection, number: Evaluate) -> Collection:
    count = given_number(context, number)
    return [] if count is None else items[: max(0, count)]


def _keys(context: Context, items: Collection) -> set[Any]:
    context.spend(len(items))
    return {sameness(item) for item in items}


def _distinct(context: Context, items: Collection) -> Collection:
    return union(items, [])


def _is_distinct(context: Context, items: Collection) -> Collection:
    return [len(_keys(context, items)) == len(items)]


def _subset_of(context: Context, items: Collection, other: Evaluate) -> Collection:
    return [_keys(context, items) <= _keys(context, other(context, context.this))]


def _superset_of(context: Context, items: Collection, other: Evaluate) -> Collection:
    return [_keys(context, items) >= _keys(context, other(context, context.this))]


def _intersect(context: Context, items: Collection, other: Evaluate) -> Collection:
    kept = _keys(context, other(context, context.this))
    return [item for item in union(items, []) if sameness(item) in kept]


def _exclude(context: Context, items: Collection, other: Evaluate) -> Collection:
    left_out = _keys(context, other(context, context.this))
    return [item for item in items if sameness(item) not in left_out]


def _union(context: Context, items: Collection, other: Evaluate) -> Collection:
    return union(items, other(context, context.this))


def _combine(context: Context, items: Collection, other: Evaluate) -> Collection:
    return [*items, *other(context, context.this)]


def _children(context: Context, items: Collection) -> Collection:
    found: Collection = []
    for item in items:
        if item.__class__ is Item:
            context.members.children(item, found)
    context.spend(len(found) + 1)
    return found


def _descendants(context: Context, items: Collection) -> Collection:
    found: Collection = []
    front = items
    while front:
        front = _children(context, front)
        found.extend(front)
    return found


def _iif(
    context: Context, items: Collection, criterion: Evaluate, then: Evaluate, otherwise: Evaluate | None = None
) -> Collection:
    if len(items) > 1:
        raise NotEvaluated("several items where one is expected")
    this = context.this
    context.this = items or this
    try:
        if truth(criterion(context, items)) is True:
            return then(context, items)
        return otherwise(context, items) if otherwise else []
    finally:
        context.this = this


def _aggregate(context: Context, items: Collection, step: Evaluate, start: Evaluate | None = None) -> Collection:
    outer, context.total = context.total, start(context, context.this) if start else []
    try:
        for focus in context.each(items):
            context.total = step(context, focus)
        return context.total
    finally:
        context.total = outer


def _define(context: Context, items: Collection, name: Evaluate, value: Evaluate | None = None) -> Collection:
    named = name(context, context.this)
    if len(named) != 1 or not isinstance(named[0], str):
        raise NotEvaluated("a name expected")
    context.variables[named[0]] = items if value is None else value(context, items)
    return items


COLLECTIONS: dict[str, tuple[Function, int, int]] = {
    "empty": (_empty, 0, 0),
    "exists": (_exists, 0, 1),
    "all": (_all, 1, 1),
    "allTrue": (lambda context, items: [all(_truths(items))], 0, 0),
    "anyTrue": (lambda context, items: [any(_truths(items))], 0, 0),
    "allFalse": (lambda context, items: [not any(_truths(items))], 0, 0),
    "anyFalse": (lambda context, items: [not all(_truths(items))], 0, 0),
    "count": (lambda context, items: [len(items)], 0, 0),
    "distinct": (_distinct, 0, 0),
    "isDistinct": (_is_distinct, 0, 0),
    "subsetOf": (_subset_of, 1, 1),
    "supersetOf": (_superset_of, 1, 1),
    "where": (_where, 1, 1),
    "select": (_select, 1, 1),
    "repeat": (_repeat, 1, 1),
    "single": (_single, 0, 0),
    "first": (lambda context, items: items[:1], 0, 0),
    "last": (lambda context, items: items[-1:], 0, 0),
    "tail": (lambda context, items: items[1:], 0, 0),
    "skip": (_skip, 1, 1),
    "take": (_take, 1, 1),
    "intersect": (_intersect, 1, 1),
    "exclude": (_exclude, 1, 1),
    "union": (_union, 1, 1),
    "combine": (_combine, 1, 1),
    "children": (_children, 0, 0),
    "descendants": (_descendants, 0, 0),
    "iif": (_iif, 2, 3),
    "aggregate": (_aggregate, 1, 2),
    "defineVariable": (_define, 1, 2),
    "trace": (lambda context, items, *_: items, 1, 2),
    "not": (lambda context, items: [not known for known in [truth(items)] if known is not None], 0, 0),
}
