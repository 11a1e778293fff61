"""A body of JSON: bytes ⇄ tree. What no practice software means to send is refused before it costs anything.

Nesting and size in values are counted over the raw bytes, before the parser sees them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import orjson

from gateway.model.errors import Rejected
from gateway.model.faults import Fault

DEPTH_LIMIT = 100  # nested objects and lists
MARK_LIMIT = 1_000_000  # brackets, braces and commas: a valid event has some thousands
NAME_LIMIT = 200  # characters of a key that a pointer may repeat

Step = str | int

# A whole string (or one cut short by the end), or one structural mark. Possessive: a hostile body is read once.
_MARKS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_LONE = re.compile(rb"\\u[dD][89a-fA-F]")


class _Doubled(dict[str, Any]):
    """An object in which a key came twice; `key` is the first such."""

    key = ""


def read_json(body: bytes) -> dict[str, Any]:
    """The object a body holds (RFC 8259, with the strictness of I-JSON, RFC 7493).

    Raises Rejected `too-deep`, `too-many`, `not-json` (not UTF-8, a byte order mark, NaN, numbers too long, lone
    surrogates), `duplicate-key` with its place, `wrong-type` when it is not an object.
    """
    _count(body)
    doubled: list[_Doubled] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        tree = dict(items)
        if len(tree) == len(items):
            return tree
        seen: set[str] = set()
        marked = _Doubled(tree)
        marked.key = next(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        doubled.append(marked)
        return marked

    try:
        tree = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=pairs,
            parse_constant=_refuse,
            parse_float=_number,
            parse_int=_whole_number,
        )
    except ValueError:  # also UnicodeDecodeError, and an integer beyond Python's limit of digits
        raise Rejected([Fault("not-json")]) from None
    if _LONE.search(body) and any(not _encodable(text) for text in _texts(tree)):
        raise Rejected([Fault("not-json")])
    if doubled:
        raise Rejected(
            Fault("duplicate-key", pointer=pointer((*here, node.key) if len(node.key) <= NAME_LIMIT else here))
            for here, node in _objects(tree)
            if isinstance(node, _Doubled)
        )
    if not isinstance(tree, dict):
        raise Rejected([Fault("wrong-type", about="object")])
    return tree


def write_json(tree: dict[str, Any]) -> bytes:
    """The body of a tree, compact, in UTF-8."""
    return orjson.dumps(tree)


def pointer(steps: tuple[Step, ...]) -> str:
    """The JSON Pointer of a place (RFC 6901 §3): ("a/b", 0) is `/a~1b/0`; the whole body is empty."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def steps(text: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer (RFC 6901 §4). Raises ValueError when it does not begin with a slash."""
    if not text.startswith("/") or re.search(r"~(?![01])", text):
        raise ValueError("a path begins with / and has ~ only in ~0 and ~1")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))


def _count(body: bytes) -> None:
    opening = body.count(b"{") + body.count(b"[")
    if opening <= DEPTH_LIMIT and 2 * opening + body.count(b",") <= MARK_LIMIT:
        return  # cannot be too deep nor too long, wherever these marks stand
    depth = 0
    for marks, found in enumerate(_MARKS.finditer(body)):
        mark = body[found.start()]
        if mark in b"{[":
            depth += 1
            if depth > DEPTH_LIMIT:
                raise Rejected([Fault("too-deep", about=str(DEPTH_LIMIT))])
        elif mark in b"}]":
            depth -= 1
        if marks > MARK_LIMIT:
            raise Rejected([Fault("too-many", about=str(MARK_LIMIT))])


def _refuse(_: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("number too large")
    return value


def _whole_number(text: str) -> int:
    value = int(text)
    if abs(value) >= 2**53:  # what every JSON software holds exactly (RFC 7493 §2.2)
        raise ValueError("number too large")
    return value


def _encodable(text: str) -> bool:
    return not re.search("[\ud800-\udfff]", text)


def _objects(tree: Any, here: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], dict[str, Any]]]:
    if isinstance(tree, dict):
        yield here, tree
        for key, value in tree.items():
            yield from _objects(value, (*here, key[:NAME_LIMIT]))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _objects(value, (*here, index))


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield key
            yield from _texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _texts(value)
