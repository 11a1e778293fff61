"""An event's written form: JSON-shaped trees ⇄ the words of the model, every fault at once.

The dataclasses are the grammar: a field without default is required, a tuple is a list, a union with
None is optional, a Literal or StrEnum is a closed list. A tree never holds null. A class may say in
`SHORT` which one field may stand for the whole object: `"ground": "formalised"` is `{"kind": "formalised"}`,
and it is written short whenever that field alone is set.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from gateway.model.errors import BadIdentifier, Rejected
from gateway.model.faults import Fault, Place
from gateway.model.identity import MailAddress, Rpps
from gateway.model.when import Day, Instant, When

Prose = NewType("Prose", str)
"""Text that may hold line breaks; a plain `str` is one line."""

LINE_LIMIT = 500  # characters
PROSE_LIMIT = 20_000  # characters
LIST_LIMIT = 500  # items

Tree = Any
"""A JSON value: dict, list, str, int, float, bool."""

WORDS = (Rpps, Instant, Day, When, MailAddress)
"""Classes written as one string."""

# C0 and C1 controls, line and paragraph separators, bidirectional overrides, surrogates, non-characters.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

T = TypeVar("T")


def read(kind: type[T], tree: Tree, at: Place = ()) -> T:
    """Build `kind` (a dataclass) from a tree. Raises Rejected with every fault, each with its path below `at`."""
    faults: list[Fault] = []
    value = _read(kind, tree, at, faults)
    if faults:
        raise Rejected(faults)
    assert isinstance(value, kind)
    return value


def write(value: Any, *, short: bool = True) -> Tree:
    """The tree `value` was read from, in normal form: absent fields left out, short forms used unless told not to."""
    if isinstance(value, WORDS):
        return value.number if isinstance(value, Rpps) else value.text
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, tuple):
        return [write(item, short=short) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        said = [field.name for field in fields(value) if _said(value, field)]
        tree = {name: write(getattr(value, name), short=short) for name in said}
        alone = getattr(type(value), "SHORT", None)
        return tree[alone] if short and alone and tree.keys() == {alone} else tree
    return value


def _said(value: Any, field: Field[Any]) -> bool:
    content = getattr(value, field.name)
    return not (content is None or content == () or (content == field.default and field.default is not MISSING))


@lru_cache(maxsize=256)
def grammar(kind: type) -> dict[str, tuple[Any, bool]]:
    """Field name → (type hint, required) of a dataclass, in writing order."""
    hints = get_type_hints(kind)
    return {
        field.name: (hints[field.name], field.default is MISSING and field.default_factory is MISSING)
        for field in fields(kind)
    }


def _read(hint: Any, tree: Tree, at: Place, faults: list[Fault]) -> Any:
    if tree is None:
        return faults.append(Fault("null-field", at))
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        (hint,) = (arm for arm in get_args(hint) if arm is not NoneType)
        return _read(hint, tree, at, faults)
    if origin is tuple:
        return _read_list(get_args(hint)[0], tree, at, faults)
    if origin is Literal or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return _read_choice(hint, tree, at, faults)
    if hint is bytes:
        return _read_bytes(tree, at, faults)
    if hint in (str, Prose):
        return _read_text(tree, at, faults, PROSE_LIMIT if hint is Prose else LINE_LIMIT, lines=hint is Prose)
    if hint in (bool, int):
        if type(tree) is not hint:
            return faults.append(Fault("wrong-type", at, "true/false" if hint is bool else "integer"))
        return tree
    if hint in WORDS:
        return _read_word(hint, tree, at, faults)
    return _read_object(hint, tree, at, faults)


def _read_list(item: Any, tree: Tree, at: Place, faults: list[Fault]) -> Any:
    if not isinstance(tree, list):
        return faults.append(Fault("wrong-type", at, "list"))
    if len(tree) > LIST_LIMIT:
        return faults.append(Fault("too-many", at, str(LIST_LIMIT)))
    return tuple(_read(item, each, (*at, index), faults) for index, each in enumerate(tree))


def _read_choice(hint: Any, tree: Tree, at: Place, faults: list[Fault]) -> Any:
    allowed = get_args(hint) if get_origin(hint) is Literal else tuple(member.value for member in hint)
    if not isinstance(tree, str) or tree not in allowed:
        return faults.append(Fault("unknown-code", at, ", ".join(allowed)))
    return tree if get_origin(hint) is Literal else hint(tree)


def _read_bytes(tree: Tree, at: Place, faults: list[Fault]) -> Any:
    if not isinstance(tree, str):
        return faults.append(Fault("wrong-type", at, "base64"))
    try:
        return base64.b64decode(tree, validate=True)
    except (binascii.Error, ValueError):
        return faults.append(Fault("bad-base64", at))


def _read_text(tree: Tree, at: Place, faults: list[Fault], limit: int, *, lines: bool) -> Any:
    if not isinstance(tree, str):
        return faults.append(Fault("wrong-type", at, "text"))
    if not tree.strip():
        return faults.append(Fault("empty-text", at))
    if len(tree) > limit:
        return faults.append(Fault("text-too-long", at, str(limit)))
    if _FORBIDDEN.search(tree) or "\r" in tree or (not lines and ("\n" in tree or "\t" in tree)):
        return faults.append(Fault("control-character", at))
    return tree


def _read_word(hint: Any, tree: Tree, at: Place, faults: list[Fault]) -> Any:
    if not isinstance(tree, str):
        return faults.append(Fault("wrong-type", at, "text"))
    try:
        return hint(tree)
    except BadIdentifier as bad:
        return faults.extend(fault.under(*at) for fault in bad.faults)


def _read_object(kind: Any, tree: Tree, at: Place, faults: list[Fault]) -> Any:
    short = getattr(kind, "SHORT", None)
    if short and not isinstance(tree, dict):
        tree, at_field = {short: tree}, at
    else:
        at_field = None
    if not isinstance(tree, dict):
        return faults.append(Fault("wrong-type", at, "object"))
    known, before = grammar(kind), len(faults)
    faults.extend(Fault("unknown-field", (*at, name)) for name in tree if name not in known)
    faults.extend(
        Fault("missing-field", (*at, name), name) for name, (_, must) in known.items() if must and name not in tree
    )
    given = {
        name: _read(hint, tree[name], at if at_field is not None else (*at, name), faults)
        for name, (hint, _) in known.items()
        if name in tree
    }
    if len(faults) > before:
        return None
    try:
        return kind(**given)
    except Rejected as bad:
        said_in = getattr(kind, "SAID_IN", ())
        return faults.extend(fault.under(*at, *said_in) for fault in bad.faults)
