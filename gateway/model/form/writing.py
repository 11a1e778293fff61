"""Writing a value of the model as a tree: how each class is written is worked out once."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any

from gateway.model.form.grammar import WORDS, Tree
from gateway.model.identity import Rpps

Writer = Callable[[Any, bool], Tree]
"""Gives the tree of a value; the flag says whether short forms are used."""


def write(value: Any, *, short: bool = True) -> Tree:
    """The tree `value` was read from, in normal form: absent fields left out, short forms used unless told not to."""
    return _WRITERS[type(value)](value, short)


def _writer(kind: Any) -> Writer:
    """How values of that class are written."""
    if issubclass(kind, WORDS):
        text = attrgetter("number" if kind is Rpps else "text")
        return lambda word, short: text(word)
    if issubclass(kind, StrEnum):
        return lambda member, short: member._value_  # `value` of an enumeration is slow
    if issubclass(kind, bytes):
        return lambda data, short: base64.b64encode(data).decode("ascii")
    if issubclass(kind, tuple):
        return lambda items, short: [_WRITERS[type(item)](item, short) for item in items]
    return _object(kind) if is_dataclass(kind) else lambda value, short: value


def _object(kind: Any) -> Writer:
    names = [field.name for field in fields(kind)]
    contents, alone = _contents(names), getattr(kind, "SHORT", None)
    usual = [(field.name, field.default) for field in fields(kind) if field.default not in (MISSING, None, ())]

    def tree_of(value: Any, short: bool) -> Tree:
        tree: dict[str, Tree] = {}
        for name, content in zip(names, contents(value), strict=True):
            if content is not None:
                said = type(content)
                if said is str:  # most are
                    tree[name] = content
                elif content or said is not tuple:
                    tree[name] = _WRITERS[said](content, short)
        if usual:
            for name, default in usual:
                if getattr(value, name) == default:
                    tree.pop(name, None)
        return tree[alone] if alone and short and len(tree) == 1 and alone in tree else tree

    return tree_of


def _contents(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    only = attrgetter(*names)
    return lambda value: (only(value),)


class _Writers(dict[Any, Writer]):
    def __missing__(self, kind: Any) -> Writer:
        made = self[kind] = _writer(kind)
        return made


_WRITERS = _Writers()
