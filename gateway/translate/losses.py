"""What a dialect cannot carry, by name: the fields of ours no rule fills, and the values its rules cannot write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gateway.model.form import grammar
from gateway.translate.dialect import Dialect
from gateway.translate.hints import bare, is_class, item
from gateway.translate.objects import Each, FirstOf, Grouped, Items
from gateway.translate.rule import Constant, Field
from gateway.translate.shape import fields_of
from gateway.translate.source import Source

SHORTHAND = ("finess", "siret")
"""Fields that say again what an entry of `ids` says."""


def losses(dialect: Dialect) -> dict[str, tuple[str, ...]]:
    """For each type of event the dialect tells, the fields it has no words for, as dotted paths; a list's fields
    are named once. What a rule fills but cannot write for every value is told by `limits`.
    """
    return {told.kind.type: tuple(_missing(told.kind, list(_fields(told.shape.rules)), ())) for told in dialect.told}


def limits(dialect: Dialect) -> dict[str, tuple[tuple[str, str], ...]]:
    """For each type of event, the fields whose rules cannot write every value, with the values they cannot.

    `write_vendor` refuses those, save what it says of `value` and of seconds: these are passed over or cut.
    """
    return {
        told.kind.type: tuple(dict.fromkeys((".".join(field), what) for field, what in _limits(told.shape.rules)))
        for told in dialect.told
    }


def _limits(rules: Sequence[Any]) -> Iterator[tuple[Field, str]]:
    for rule in rules:
        field = rule.at.field
        if isinstance(rule, (Grouped, Each)):
            shape = rule.shape if isinstance(rule, Grouped) else rule.item.shape
            yield from ((field + inner, what) for inner, what in _limits(shape.rules))
        elif isinstance(rule, Items):
            yield field, f"more than {len(rule.rules)} of them, or in another order"
            yield from _limits(rule.rules)
        elif isinstance(rule, FirstOf):
            yield from _common(rule)
        elif isinstance(rule, Constant):
            yield field, "anything but what the table always says"
        else:
            said = [*rule.verb.limits(), *_of_source(rule.source)]
            yield from ((one, what) for one in fields_of(rule) for what in said)


def _common(rule: FirstOf) -> Iterator[tuple[Field, str]]:
    """What none of several rules can write."""
    each = [list(_limits([one])) for one in rule.rules]
    yield from (limit for limit in each[0] if all(limit in other for other in each[1:]))


def _of_source(source: Source) -> Iterator[str]:
    if source.lengths:
        yield f"texts of another length than {sum(source.lengths)}"
    words = ", ".join(str(word) for word in source.blanks if word not in (None, ""))
    if words:
        yield f"the words {words}"


def _fields(rules: Sequence[Any]) -> Iterator[Field]:
    """Every field these rules fill, down to the single values."""
    for rule in rules:
        yield from _of(rule)


def _of(rule: Any) -> Iterator[Field]:
    if isinstance(rule, (FirstOf, Items)):
        for one in rule.rules:
            yield from _of(one)
    elif isinstance(rule, (Grouped, Each)):
        shape = rule.shape if isinstance(rule, Grouped) else rule.item.shape
        yield from (rule.at.field + field for field in _fields(shape.rules))
    else:
        yield from fields_of(rule)


def _missing(kind: type, fields: Sequence[Field], above: Field) -> Iterator[str]:
    for name, (hint, _) in grammar(kind).items():
        mine = [field for field in fields if field[0] == name]
        inner, _many = item(bare(hint))
        if not mine and name in SHORTHAND and any(field[0] == "ids" for field in fields):
            continue
        if not mine:
            yield ".".join((*above, name))
        elif is_class(inner) and (name,) not in mine:
            yield from _missing(inner, [field[1:] for field in mine], (*above, name))
