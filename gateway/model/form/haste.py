"""Reading a tree in haste: as though nothing were wrong with it.

What a class asks of a tree is worked out once: every hint becomes a function, which gives the value or raises. It takes
nothing that the careful reading refuses, and says nothing of what it does not take.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.form import careful
from gateway.model.form.grammar import (
    LINE_LIMIT,
    LIST_LIMIT,
    PROSE_LIMIT,
    WORDS,
    Prose,
    Tree,
    grammar,
    short_form,
    word,
)

Reader = Callable[[Tree], Any]
"""Gives the value of a tree. Raises one of WRONG when it must be read with care."""


class Odd(Exception):
    """This tree must be read with care."""


WRONG = (Odd, Rejected, KeyError, TypeError)
"""A tree that was not taken; the last two for a field that is unknown or missing."""


@lru_cache(maxsize=1024)
def reader(hint: Any) -> Reader:
    """How a value of that type is read."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        (arm,) = (arm for arm in get_args(hint) if arm is not NoneType)
        return reader(arm)
    if origin is tuple:
        return _list(reader(get_args(hint)[0]))
    if origin is Literal:
        return _choice({one: one for one in get_args(hint)})
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _choice({member.value: member for member in hint})
    if hint in (str, Prose):
        return _text(hint)
    if hint in WORDS:
        return _word(hint)
    if hint in (bool, int, bytes):
        return _with_care(hint)
    return _object(hint)


def _with_care(hint: Any) -> Reader:
    """What is rare, or quick as it is."""
    asked = careful.reader(hint)

    def value(tree: Tree) -> Any:
        faults: list[Fault] = []
        found = asked(tree, faults)
        if faults:
            raise Odd
        return found

    return value


def _list(item: Reader) -> Reader:
    def items(tree: Tree) -> Any:
        if type(tree) is not list or len(tree) > LIST_LIMIT:
            raise Odd
        return tuple([item(each) for each in tree])

    return items


def _choice(allowed: dict[str, Any]) -> Reader:
    def choice(tree: Tree) -> Any:
        if type(tree) is str and tree in allowed:
            return allowed[tree]
        raise Odd

    return choice


def _text(hint: Any) -> Reader:
    limit, other = PROSE_LIMIT if hint is Prose else LINE_LIMIT, _with_care(hint)

    def text(tree: Tree) -> Any:
        # What is printable holds nothing forbidden; the converse is not true. A control may hide behind "=?".
        if type(tree) is str and tree.isprintable() and len(tree) <= limit and "=?" not in tree and tree.strip():
            return tree
        return other(tree)

    return text


def _word(hint: Any) -> Reader:
    def found(tree: Tree) -> Any:
        if type(tree) is not str:
            raise Odd
        return word(hint, tree)

    return found


def _object(kind: Any) -> Reader:
    readers = {name: reader(hint) for name, (hint, _) in grammar(kind).items()}
    alone = short_form(kind)

    def value(tree: Tree) -> Any:
        if type(tree) is not dict:
            if alone is None:
                raise Odd
            tree = {alone: tree}
        return kind(**{name: readers[name](inner) for name, inner in tree.items()})

    return value
