"""Reading a tree: every fault at once, each at its place.

What a class asks of a tree is worked out once: every hint becomes a function. A fault is told by whoever finds it
without its place; each level above adds its own step.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache, partial
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from gateway.model.errors import BadIdentifier, Rejected
from gateway.model.faults import Fault, Place
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
from gateway.model.hidden import hides_controls

# C0 and C1 controls, line and paragraph separators, bidirectional overrides, surrogates, non-characters.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

Reader = Callable[[Tree, list[Fault]], Any]
"""Gives the value of a tree; or None and adds faults, each with its path below that tree."""

T = TypeVar("T")


def read(kind: type[T], tree: Tree, at: Place = ()) -> T:
    """Build `kind` (a dataclass) from a tree. Raises Rejected with every fault, each with its path below `at`."""
    faults: list[Fault] = []
    wanted: Any = kind
    value = _reader(wanted)(tree, faults)
    if faults:
        raise Rejected([fault.under(*at) for fault in faults] if at else faults)
    assert isinstance(value, kind)
    return value


def refused(hint: Any, tree: Tree) -> tuple[Fault, ...]:
    """What a field of that type says against a tree: nothing when it takes it."""
    faults: list[Fault] = []
    _reader(hint)(tree, faults)
    return tuple(faults)


@lru_cache(maxsize=1024)
def _reader(hint: Any) -> Reader:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        (arm,) = (arm for arm in get_args(hint) if arm is not NoneType)
        return _reader(arm)
    if origin is tuple:
        return partial(_read_list, _reader(get_args(hint)[0]))
    if origin is Literal:
        return partial(_read_choice, {word: word for word in get_args(hint)})
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return partial(_read_choice, {member.value: member for member in hint})
    if hint is bytes:
        return _read_bytes
    if hint in (str, Prose):
        return partial(_read_text, PROSE_LIMIT if hint is Prose else LINE_LIMIT, hint is Prose)
    if hint in (bool, int):
        return partial(_read_plain, hint)
    if hint in WORDS:
        return partial(_read_word, hint)
    return partial(_read_object, hint)


def _wrong(tree: Tree, about: str) -> Fault:
    return Fault("null-field") if tree is None else Fault("wrong-type", about=about)


def _below(step: str | int, faults: list[Fault], start: int) -> int:
    """Put the faults from `start` on one step deeper; gives how many faults there are."""
    faults[start:] = [fault.under(step) for fault in faults[start:]]
    return len(faults)


def _read_list(item: Reader, tree: Tree, faults: list[Fault]) -> Any:
    if not isinstance(tree, list):
        return faults.append(_wrong(tree, "list"))
    if len(tree) > LIST_LIMIT:
        return faults.append(Fault("too-many", about=str(LIST_LIMIT)))
    before = told = len(faults)
    found = []
    for index, each in enumerate(tree):
        value = item(each, faults)
        found.append(value)
        if value is None:
            told = _below(index, faults, told)
    return tuple(found) if told == before else None


def _read_choice(allowed: dict[str, Any], tree: Tree, faults: list[Fault]) -> Any:
    if isinstance(tree, str) and tree in allowed:
        return allowed[tree]
    return faults.append(Fault("null-field") if tree is None else Fault("unknown-code", about=", ".join(allowed)))


def _read_bytes(tree: Tree, faults: list[Fault]) -> Any:
    if not isinstance(tree, str):
        return faults.append(_wrong(tree, "base64"))
    try:
        return base64.b64decode(tree, validate=True)
    except (binascii.Error, ValueError):
        return faults.append(Fault("bad-base64"))


def _read_text(limit: int, lines: bool, tree: Tree, faults: list[Fault]) -> Any:
    if not isinstance(tree, str):
        return faults.append(_wrong(tree, "text"))
    if not tree.strip():
        return faults.append(Fault("empty-text"))
    if len(tree) > limit:
        return faults.append(Fault("text-too-long", about=str(limit)))
    if hides_controls(tree):
        return faults.append(Fault("control-character"))
    if tree.isprintable():  # then it holds nothing that is forbidden; the converse is not true
        return tree
    if _FORBIDDEN.search(tree) or "\r" in tree or (not lines and ("\n" in tree or "\t" in tree)):
        return faults.append(Fault("control-character"))
    return tree


def _read_plain(kind: type, tree: Tree, faults: list[Fault]) -> Any:
    if type(tree) is not kind:
        return faults.append(_wrong(tree, "true/false" if kind is bool else "integer"))
    return tree


def _read_word(kind: Any, tree: Tree, faults: list[Fault]) -> Any:
    if not isinstance(tree, str):
        return faults.append(_wrong(tree, "text"))
    try:
        return word(kind, tree)
    except BadIdentifier as bad:
        return faults.extend(bad.faults)


@lru_cache(maxsize=256)
def _fields(kind: Any) -> tuple[dict[str, Reader], frozenset[str]]:
    """The readers of a class's fields, and the fields it needs."""
    known = grammar(kind)
    readers = {name: _reader(hint) for name, (hint, _) in known.items()}
    return readers, frozenset(name for name, (_, must) in known.items() if must)


def _read_object(kind: Any, tree: Tree, faults: list[Fault]) -> Any:
    whole = isinstance(tree, dict)
    if not whole:
        short = short_form(kind)
        if short is None or tree is None:
            return faults.append(_wrong(tree, "object"))
        tree = {short: tree}
    readers, needed = _fields(kind)
    before = len(faults)
    if not tree.keys() <= readers.keys():
        faults.extend(Fault("unknown-field", (name,)) for name in tree if name not in readers)
    if not needed <= tree.keys():
        faults.extend(Fault("missing-field", (name,), name) for name in readers if name in needed and name not in tree)
    given, told = {}, len(faults)
    for name, reader in readers.items():
        if name in tree:
            given[name] = value = reader(tree[name], faults)
            if value is None:
                told = _below(name, faults, told) if whole else len(faults)
    if told > before:
        return None
    try:
        return kind(**given)
    except Rejected as bad:
        return faults.extend(fault.under(*getattr(kind, "SAID_IN", ())) for fault in bad.faults)
