"""Trees of plain words, without what nobody said."""

from __future__ import annotations

from typing import Any

_NOTHING: tuple[Any, ...] = (None, "", [], {})


def without_unsaid(tree: Any) -> Any:
    """The tree without what is empty, and without what only held that. False and 0 are said."""
    if isinstance(tree, dict):
        kept = {name: without_unsaid(value) for name, value in tree.items()}
        return {name: value for name, value in kept.items() if value not in _NOTHING}
    if isinstance(tree, list):
        return [kept for item in tree if (kept := without_unsaid(item)) not in _NOTHING]
    return tree
