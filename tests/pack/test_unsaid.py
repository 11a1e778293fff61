"""What nobody said is not in a tree, and what was said stays, were it no or nought."""

from __future__ import annotations

from gateway.pack.unsaid import without_unsaid


def test_only_what_was_said_stays() -> None:
    tree = {"a": "", "b": [{"c": None}, {}, "x"], "d": {"e": []}, "f": False, "g": 0}
    assert without_unsaid(tree) == {"b": ["x"], "f": False, "g": 0}
