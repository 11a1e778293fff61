"""What FHIR has no element for: canonical trees ⇄ extensions of ours, one rule for every class of the model.

A complex extension is an object, its sub-extensions are the fields (url = field name), a list repeats its field, and
value[x] follows the field's type. Beside the fields stand two words: `unsaid` (valueCode) names an element the profile
made us fill although the event does not say it; `nothing` marks an object that is there but says nothing.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from gateway.model.form import WORDS, grammar
from gateway.model.when import Day, Instant, When
from gateway.translate.fhir.node import JSON, Node

UNSAID = "unsaid"
NOTHING = "nothing"

_VALUE_OF = {
    bool: "valueBoolean",
    bytes: "valueBase64Binary",
    Instant: "valueInstant",
    When: "valueDateTime",
    Day: "valueDate",
}
_INTEGER_LIMIT = 2**31  # R4 integer is 32-bit signed


def write(url: str, hint: Any, value: Any) -> JSON:
    """One extension that says `value`, a tree in long form of the type `hint`."""
    if isinstance(value, dict):
        fields = grammar(plain(hint))
        inner = [{"url": UNSAID, "valueCode": name} for name in value.get(UNSAID, ())]
        for name in fields:
            if name in value:
                inner += _each(name, fields[name][0], value[name])
        return {"url": url, "extension": inner or [{"url": NOTHING, "valueBoolean": True}]}
    return {"url": url, _element(plain(hint), value): str(value) if _too_big(value) else value}


def read(hint: Any, node: Node) -> Any:
    """The tree an extension says; None, with its faults noted, when it says nothing of that type."""
    kind = plain(hint)
    if not is_object(kind):
        return _leaf(kind, node)
    fields = grammar(kind)
    tree: JSON = {}
    for inner in node.each("extension"):
        name = inner.text("url")
        if name == UNSAID:
            tree.setdefault(UNSAID, []).append(inner.text("valueCode") or "")
        elif name in fields:
            value = read(item(fields[name][0]), inner)
            if value is None:
                continue
            if is_list(fields[name][0]):
                tree.setdefault(name, []).append(value)
            elif name in tree:
                inner.fault()
            else:
                tree[name] = value
        elif name != NOTHING:
            inner.fault("url")
    return tree


@cache
def plain(hint: Any) -> Any:
    """The type without its `| None`."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (arm for arm in get_args(hint) if arm is not NoneType)
    return hint


@cache
def is_list(hint: Any) -> bool:
    """True for `tuple[X, ...]`."""
    return get_origin(plain(hint)) is tuple


@cache
def item(hint: Any) -> Any:
    """The type of one item of a list, or the type itself."""
    return get_args(plain(hint))[0] if is_list(hint) else plain(hint)


def value_types(hint: Any) -> tuple[str, ...]:
    """The FHIR types a field's value may have; empty for a field that is an object. An integer may outgrow R4's."""
    kind = item(hint)
    if is_object(kind):
        return ()
    names = [_element(kind, value).removeprefix("value") for value in ((0, _INTEGER_LIMIT) if kind is int else ("",))]
    return tuple(name[0].lower() + name[1:] for name in names)


def _each(name: str, hint: Any, value: Any) -> list[JSON]:
    return [write(name, item(hint), one) for one in value] if is_list(hint) else [write(name, hint, value)]


@cache
def is_object(kind: Any) -> bool:
    """True for a class of the model that is written as an object."""
    return hasattr(kind, "__dataclass_fields__") and kind not in WORDS


def _element(kind: Any, value: Any) -> str:
    if kind is int:
        return "valueString" if _too_big(value) else "valueInteger"
    if get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, StrEnum)):
        return "valueCode"
    return _VALUE_OF.get(kind, "valueString")


def _too_big(value: Any) -> bool:
    return type(value) is int and not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT


def _leaf(kind: Any, node: Node) -> Any:
    if kind is bool:
        return node.flag("valueBoolean")
    if kind is int:
        text = node.text("valueString")
        if text is None:
            return node.number("valueInteger")
        return int(text) if len(text) < 30 and text.lstrip("-").isdecimal() and text.isascii() else node.fault()
    name = _element(kind, "")
    return node.text(name)
