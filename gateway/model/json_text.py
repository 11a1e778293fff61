"""The text of a JSON body: what it weighs before it is parsed, and where its values stand once it was."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Literal

DEPTH_LIMIT = 100  # nested objects and lists
MARK_LIMIT = 1_000_000  # brackets, braces and commas: a valid event has some thousands
TOKEN_LIMIT = 200_000  # beyond, places are told without line and column

_BRACKETS = b"{[]}"
_OTHERS = bytes(set(range(256)) - set(_BRACKETS + b","))
_ALIKE = bytes.maketrans(b"[]", b"{}")
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)

Steps = tuple[str | int, ...]


def weigh(body: bytes, marks: int = MARK_LIMIT) -> Literal["deep", "many"] | None:
    """Whether a body is nested beyond DEPTH_LIMIT (`deep`) or holds more than `marks` marks (`many`)."""
    opening = body.count(b"{") + body.count(b"[")
    if opening <= DEPTH_LIMIT and 2 * opening + body.count(b",") <= marks:
        return None  # cannot be too deep nor too long, wherever these marks stand
    if _too_deep(_bare(body[:marks])):  # what is only there to be deep is so from its beginning
        return "deep"
    if body.count(b'"') > 4 * (marks + 1):
        return "many"  # two texts at most beside each mark
    found = _bare(body)
    if _too_deep(found[:marks]):
        return "deep"
    return "many" if len(found) > marks else None


def _bare(body: bytes) -> bytes:
    """The marks that stand outside of texts, in their order."""
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(unescaped.split(b'"')[::2]).translate(None, _OTHERS)


def _too_deep(found: bytes) -> bool:
    left = found.translate(_ALIKE, b",")
    for _ in range(DEPTH_LIMIT):  # what is opened and closed at once goes: one level at a time
        if b"{}" not in left:
            break
        left = left.replace(b"{}", b"")
    if not left:
        return False
    depths = accumulate(1 if mark in b"{[" else -1 for mark in found.replace(b",", b""))
    return any(depth > DEPTH_LIMIT for depth in depths)


def offsets(text: str) -> dict[Steps, tuple[int, int]]:
    """Place → where its value begins and ends in a text that is JSON; the first TOKEN_LIMIT tokens only."""
    found: dict[Steps, tuple[int, int]] = {}
    path: list[str | int] = []  # of the value to come
    opened: list[tuple[str, int]] = []
    naming = False
    for count, token in enumerate(_TOKEN.finditer(text)):
        mark = text[token.start()]
        if count > TOKEN_LIMIT:
            break
        if mark in "]}":
            _, began = opened.pop()
            path.pop()
            found[tuple(path)] = (began, token.end())
            naming = False
        elif mark == ",":
            naming = opened[-1][0] == "{"
            last = path.pop()
            path.append(last + 1 if isinstance(last, int) else last)
        elif mark == ":":
            naming = False
        elif naming:
            path[-1] = json.loads(token[0])
        else:
            found.setdefault(tuple(path), (token.start(), token.end()))
            if mark in "[{":
                opened.append((mark, token.start()))
                path.append(0 if mark == "[" else "")
                naming = mark == "{"
    return found


def lines_of(text: str, places: dict[Steps, int]) -> dict[Steps, tuple[int, int]]:
    """Offsets as lines and columns, both from 1, the column in characters."""
    found: dict[Steps, tuple[int, int]] = {}
    line, start, counted = 1, 0, 0  # from `counted` on: a body may be one line of megabytes
    for steps, offset in sorted(places.items(), key=lambda place: place[1]):
        breaks = text.count("\n", counted, offset)
        if breaks:
            line += breaks
            start = text.rindex("\n", counted, offset) + 1
        counted = offset
        found[steps] = (line, offset - start + 1)
    return found
