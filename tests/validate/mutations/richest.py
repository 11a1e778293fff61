"""The richest right instance of a profile that can be grown: as much of what it speaks of as stays valid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.validate import Validator
from tests.validate.mutations.growing import Grower


def richest(validator: Validator, grower: Grower, canonical: str) -> dict[str, Any] | None:
    """An instance with its optional elements, those left out that would make it wrong; None when none is right."""
    grown = grower.instance(canonical)
    kept: frozenset[str] = frozenset()
    right = validator.check_tree(grown, profiles=[canonical]).valid
    best = grown if right else None

    def add(ids: Sequence[str]) -> None:
        nonlocal kept, best
        if not ids:
            return
        tree = grower.instance(canonical, kept | set(ids))
        if validator.check_tree(tree, profiles=[canonical]).valid:
            kept, best = kept | set(ids), tree
        elif len(ids) > 1:
            add(ids[: len(ids) // 2])
            add(ids[len(ids) // 2 :])

    add(grower.optional(canonical))
    return best
