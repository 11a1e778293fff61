"""Keeping everything an event says: what the native elements of a resource do not give back goes beside them.

A part of the event (a member, a goal, the patient) is first written in FHIR's own elements, which are then read back.
Whatever differs from what the event said is the remainder; it travels in one extension of ours, named after the part,
on the element the part became. Reading back is then exact by construction, and an element that FHIR can hold never
lives in an extension.
"""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from functools import lru_cache
from typing import Any

from gateway.model import form
from gateway.model.event import Event
from gateway.translate.fhir import extension, names
from gateway.translate.fhir.extension import UNSAID
from gateway.translate.fhir.node import JSON, Node


def address(kind: type) -> str:
    """The extension that holds the remainder of such a part: Member → …/member; every event → …/event."""
    word = "event" if issubclass(kind, Event) else re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()
    return names.extension(word)


def tree_of(part: Any) -> JSON:
    """The canonical tree of a part, without short forms."""
    tree: JSON = long(type(part), form.write(part))
    return tree


def keep(element: JSON, kind: type, tree: JSON, native: JSON) -> None:
    """Put on `element` what `tree` (in long form) says and `native`, read back from its elements, does not."""
    rest = difference(tree, long(kind, native))
    if rest:
        element.setdefault("extension", []).append(extension.write(address(kind), kind, rest))


def complete(node: Node, kind: type, native: JSON) -> JSON:
    """What `node` says: its native elements, corrected by the remainder beside them."""
    found = node.extension(address(kind))
    if not found:
        return native
    return restore(long(kind, native), extension.read(kind, found) or {})


def long(hint: Any, tree: Any) -> Any:
    """A tree without short forms and without the fields that hold their default."""
    kind = extension.plain(hint)
    if extension.is_list(kind):
        return [long(extension.item(kind), one) for one in tree] if isinstance(tree, list) else tree
    if not extension.is_object(kind):
        return tree
    if not isinstance(tree, dict):
        tree = {getattr(kind, "SHORT", None) or getattr(kind, "SHORT_READ", "value"): tree}
    known, usual = form.grammar(kind), _defaults(kind)
    return {
        name: long(known[name][0], value) if name in known else value
        for name, value in tree.items()
        if name not in usual or usual[name] != value
    }


def difference(tree: JSON, native: JSON) -> JSON:
    """The fields of `tree` that `native` lacks or says otherwise, and under `unsaid` those only `native` has."""
    rest: JSON = {}
    unsaid = sorted(native.keys() - tree.keys())
    if unsaid:
        rest[UNSAID] = unsaid
    for name, value in tree.items():
        if name not in native:
            rest[name] = value
        elif native[name] != value or type(native[name]) is not type(value):
            both = isinstance(value, dict) and isinstance(native[name], dict)
            rest[name] = difference(value, native[name]) if both else value
    return rest


def restore(native: JSON, rest: JSON) -> JSON:
    """The tree whose difference from `native` is `rest`."""
    tree = {name: value for name, value in native.items() if name not in rest.get(UNSAID, ())}
    for name, value in rest.items():
        if name == UNSAID:
            continue
        tree[name] = restore(tree.get(name) or {}, value) if isinstance(value, dict) else value
    return tree


@lru_cache(maxsize=256)
def _defaults(kind: type) -> JSON:
    return {
        field.name: form.write(field.default)
        for field in fields(kind)
        if field.default is not MISSING and field.default not in (None, ())
    }
