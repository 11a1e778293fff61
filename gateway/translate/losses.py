"""What a dialect cannot carry, by name: the fields of ours no rule fills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gateway.model.form import grammar
from gateway.translate.dialect import Dialect
from gateway.translate.hints import bare, is_class, item
from gateway.translate.objects import Each, FirstOf, Grouped, Items
from gateway.translate.rule import Field
from gateway.translate.shape import fields_of


def losses(dialect: Dialect) -> dict[str, tuple[str, ...]]:
    """For each type of event the dialect tells, the fields it has no words for, as dotted paths; a list's fields
    are named once. What a verb cannot write (a month without day, say) is not in it: `write_vendor` refuses that.
    """
    return {told.kind.type: tuple(_missing(told.kind, list(_fields(told.shape.rules)), ())) for told in dialect.told}


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
        if not mine:
            yield ".".join((*above, name))
        elif is_class(inner) and (name,) not in mine:
            yield from _missing(inner, [field[1:] for field in mine], (*above, name))
