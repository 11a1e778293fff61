"""Two rules that read one place: allowed only when their conditions can never hold at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from gateway.translate.findings import At
from gateway.translate.objects import Each, FirstOf, Grouped, Items
from gateway.translate.path import Path, write_path
from gateway.translate.rule import Line, Rule
from gateway.translate.source import Condition

Claim = tuple[Path, tuple[Condition, ...], Line, bool]
"""A place, what it hangs on, the line that reads it, and whether it reads only the text of an element."""


def collisions(
    rules: Sequence[Rule], when: Sequence[Condition], always: Sequence[Condition]
) -> Iterator[tuple[At | None, str]]:
    """Each place read twice: where the second rule stands (None: the event itself), and what to say."""
    fixed = {one.path for one in (*when, *always) if len(one.values) == 1}
    twice = [one.path for one in always if sum(one.path == other.path for other in (*when, *always)) > 1]
    for path in dict.fromkeys(twice):
        yield None, f"{write_path(path)} is read twice"
    claims: dict[Path, list[Claim]] = {}
    for rule in rules:
        mine = list(_claims(rule))
        for claim in mine:
            if claim[0] in fixed or any(_clash(claim, other) for other in _near(claims, claim[0])):
                yield (claim[2].line - 1, claim[2].column - 1), f"{write_path(claim[0])} is read twice"
        for claim in mine:
            for length in range(1, len(claim[0]) + 1):
                claims.setdefault(claim[0][:length], []).append(claim)
    for one, other in combinations(fixed, 2):
        if one == other[: len(one)] or other == one[: len(other)]:
            yield None, f"{write_path(other)} is read twice"


def _near(claims: dict[Path, list[Claim]], path: Path) -> Iterator[Claim]:
    """The claims at this place, above it or below it."""
    yield from claims.get(path, ())
    for length in range(1, len(path)):
        yield from (claim for claim in claims.get(path[:length], ()) if len(claim[0]) == length)


def _clash(one: Claim, other: Claim) -> bool:
    apart = any(mine.excludes(theirs) for mine in one[1] for theirs in other[1])
    above = min(one, other, key=lambda claim: len(claim[0]))
    beside = one[0] != other[0] and above[3]  # the text of an element, and an attribute of it
    return not (apart or beside)


def _claims(rule: Any) -> Iterator[Claim]:
    if isinstance(rule, FirstOf):
        seen: set[Path] = set()
        for one in rule.rules:
            mine = [claim for claim in _claims(one) if claim[0] not in seen or claim[1]]
            seen |= {claim[0] for claim in mine}
            yield from mine
    elif isinstance(rule, Items):
        for one in rule.rules:
            yield from _claims(one)
    elif isinstance(rule, Grouped) and rule.source is None:
        for one in rule.shape.rules:
            yield from _claims(one)
    elif isinstance(rule, Each) and rule.rows:
        for one in rule.item.shape.rules:
            only = tuple(Condition(path, (value,)) for path, value in rule.tests)
            yield from ((path, hung + only, at, text) for path, hung, at, text in _claims(one))
    elif getattr(rule, "source", None) is not None:
        for path in rule.source.paths:
            yield path, rule.source.only, rule.at, rule.source.text
