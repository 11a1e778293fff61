"""What the rules of one shape fill together: no field twice, none that is required left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.model.form import grammar
from gateway.translate.findings import At
from gateway.translate.hints import bare
from gateway.translate.rule import Field, Rule
from gateway.translate.shape import fields_of


def twice(rules: Sequence[Rule]) -> Iterator[tuple[At, str]]:
    """Each field an earlier rule has filled already, whole or in part: where the second stands, and what is wrong."""
    seen: set[Field] = set()
    for rule in rules:
        for field in fields_of(rule):
            above = {field[:length] for length in range(1, len(field) + 1)}
            if above & seen or any(one[: len(field)] == field for one in seen):
                yield (rule.at.line - 1, rule.at.column - 1), f"{'.'.join(field)} is filled twice"
            seen.add(field)


def left_out(kind: type, fields: Sequence[Field], above: Field = ()) -> Iterator[str]:
    """Each required field of `kind`, and of what is filled piece by piece in it, that no rule fills."""
    for name, (hint, must) in grammar(kind).items():
        mine = [field for field in fields if field[0] == name]
        if must and not mine:
            yield f"{'.'.join((*above, name))} is required in {kind.__name__} and has no rule"
        if deeper := _in_pieces(mine):
            yield from left_out(bare(hint), deeper, (*above, name))


def needed(kind: type, fields: Sequence[Field], above: Field = ()) -> Iterator[Field]:
    """The required objects of `kind` that are filled piece by piece, outermost first."""
    for name, (hint, must) in grammar(kind).items():
        deeper = _in_pieces([field for field in fields if field[0] == name])
        if must and deeper:
            yield (*above, name)
            yield from needed(bare(hint), deeper, (*above, name))


def _in_pieces(mine: Sequence[Field]) -> list[Field]:
    """What lies below a field when every rule of it fills a piece; nothing when one fills it whole."""
    deeper = [field[1:] for field in mine if len(field) > 1]
    return deeper if len(deeper) == len(mine) else []
