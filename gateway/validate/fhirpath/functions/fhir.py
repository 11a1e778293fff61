"""What FHIR adds to FHIRPath (FHIR R4, FHIRPath page): extensions, references, terminology, profiles, narrative."""

from __future__ import annotations

from gateway.validate.fhirpath.context import Collection, Context, Evaluate
from gateway.validate.fhirpath.functions.function import Function, given_text
from gateway.validate.fhirpath.values import Item, NotEvaluated, plain


def _extension(context: Context, items: Collection, url: Evaluate) -> Collection:
    wanted = given_text(context, url)
    found: Collection = []
    for item in items:
        if item.__class__ is Item:
            context.members.named(item, "extension", found)
    return [extension for extension in found if extension.value.get("url") == wanted]


def _has_value(context: Context, items: Collection) -> Collection:
    if len(items) != 1:
        return [False]
    item = items[0]
    return [item.__class__ is not Item or (item.value is not None and not isinstance(item.value, dict))]


def _get_value(context: Context, items: Collection) -> Collection:
    return [plain(items[0])] if _has_value(context, items) == [True] else []


def _resolve(context: Context, items: Collection) -> Collection:
    """The resources that references and canonicals lead to; what cannot be found is left out, as FHIR says."""
    found: Collection = []
    for item in items:
        value = item.value if item.__class__ is Item else item
        literal = value.get("reference") if isinstance(value, dict) else value
        if isinstance(literal, str):
            context.spend(20)
            target = context.around.resolve(literal)
            if target is not None:
                found.append(target)
    return found


def _member_of(context: Context, items: Collection, value_set: Evaluate) -> Collection:
    wanted = given_text(context, value_set)
    if wanted is None or not items:
        return []
    if len(items) > 1:
        raise NotEvaluated("several items where one is expected")
    item = items[0]
    context.spend(20)
    return [context.around.member_of(item if item.__class__ is Item else Item(item, "code"), wanted)]


def _coding(collection: Collection) -> tuple[str, str]:
    value = collection[0].value if len(collection) == 1 and collection[0].__class__ is Item else None
    if isinstance(value, dict) and isinstance(value.get("coding"), list) and len(value["coding"]) == 1:
        value = value["coding"][0]
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("system"), str)
        or not isinstance(value.get("code"), str)
    ):
        raise NotEvaluated("a code with its system expected")
    return value["system"], value["code"]


def _subsumes(context: Context, items: Collection, other: Evaluate, above: bool = True) -> Collection:
    beside = other(context, context.this)
    if not items or not beside:
        return []
    one, another = _coding(items), _coding(beside)
    if one[0] != another[0]:
        return [False]
    upper, lower = (one[1], another[1]) if above else (another[1], one[1])
    return [context.around.subsumes(one[0], upper, lower)]


def _conforms_to(context: Context, items: Collection, canonical: Evaluate) -> Collection:
    wanted = given_text(context, canonical)
    if wanted is None or not items:
        return []
    if len(items) > 1 or items[0].__class__ is not Item:
        raise NotEvaluated("one resource expected")
    context.spend(100)
    return [context.around.conforms_to(items[0], wanted)]


def _html_checks(context: Context, items: Collection) -> Collection:
    return [all(isinstance(i.value, str) and context.around.html_checks(i.value) for i in items)]


FHIR: dict[str, tuple[Function, int, int]] = {
    "extension": (_extension, 1, 1),
    "hasValue": (_has_value, 0, 0),
    "getValue": (_get_value, 0, 0),
    "resolve": (_resolve, 0, 0),
    "memberOf": (_member_of, 1, 1),
    "subsumes": (_subsumes, 1, 1),
    "subsumedBy": (lambda context, items, other: _subsumes(context, items, other, above=False), 1, 1),
    "conformsTo": (_conforms_to, 1, 1),
    "htmlChecks": (_html_checks, 0, 0),
    "htmlChecks2": (_html_checks, 0, 0),
}
