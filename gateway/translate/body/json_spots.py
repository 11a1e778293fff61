"""Lines and columns in a body of JSON: read once more, for people, when something in it is wrong."""

from __future__ import annotations

import json
import re

from gateway.translate.body.written import Spot
from gateway.translate.path import Steps

TOKEN_LIMIT = 200_000  # beyond, places are told without line and column

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


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


def spots(body: bytes) -> dict[Steps, Spot]:
    """Place → line and column of its value, in a body that was read."""
    text = body.decode("utf-8", "replace")
    return lines_of(text, {steps: began for steps, (began, _) in offsets(text).items()})


def lines_of(text: str, places: dict[Steps, int]) -> dict[Steps, Spot]:
    """Offsets as lines and columns."""
    found: dict[Steps, Spot] = {}
    line, start, counted = 1, 0, 0  # from `counted` on: a body may be one line of megabytes
    for steps, offset in sorted(places.items(), key=lambda place: place[1]):
        breaks = text.count("\n", counted, offset)
        if breaks:
            line += breaks
            start = text.rindex("\n", counted, offset) + 1
        counted = offset
        found[steps] = (line, offset - start + 1)
    return found
