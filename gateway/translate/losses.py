"""What a dialect cannot carry, by name: the fields of ours no rule fills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gateway.model.form import grammar
from gateway.translate.dialect import Dialect, Rule, Steps
from gateway.translate.hints import bare, is_class, item


def losses(dialect: Dialect) -> dict[str, tuple[str, ...]]:
    """For each type of event the dialect tells, the fields it has no words for, as dotted paths; a list's fields
    are named once. What a verb cannot write (a month without day, say) is not in it: `write_vendor` refuses that.
    """
    return {told.kind.type: tuple(_missing(told.kind, told.shape.rules, ())) for told in dialect.told}


def _missing(kind: type, rules: Sequence[Rule], above: Steps) -> Iterator[str]:
    for name, (hint, _) in grammar(kind).items():
        mine = [rule for rule in rules if rule.field[0] == name]
        whole = next((rule for rule in mine if len(rule.field) == 1), None)
        inner, _many = item(bare(hint))
        if not mine:
            yield ".".join((*above, name))
        elif whole is None or whole.shape is not None:
            assert is_class(inner)
            inside = whole.shape.rules if whole and whole.shape else [replace(r, field=r.field[1:]) for r in mine]
            yield from _missing(inner, inside, (*above, name))
