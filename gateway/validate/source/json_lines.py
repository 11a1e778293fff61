"""Lines in a JSON text: read once more, when the first finding below the root asks for its line."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from typing import Any

from gateway.validate.place import Key

TOKEN_LIMIT = 200_000  # beyond, a place has the line of the nearest one around it

# A key, another value, an opening or a closing mark. Possessive: a hostile text is read once.
_TOKEN = re.compile(
    r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"\s*+:|("[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s\[\]{},:"]++)|([{\[])|([}\]])', re.DOTALL
)
_KEY, _VALUE, _OPENING = 1, 2, 3


class JsonLines:
    """The lines of a text that is JSON."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._root: Any = None
        self._breaks: list[int] = []

    def line(self, keys: tuple[Key, ...]) -> int:
        """The line of the value at a place, from 1; of the nearest one around it when it has none itself."""
        if self._root is None and not keys:
            return 1 + self._text.count("\n", 0, len(self._text) - len(self._text.lstrip()))
        if self._root is None:
            self._root = _spots(self._text)
            self._breaks = [found.start() for found in re.finditer("\n", self._text)]
        entry: Any = self._root
        for key in keys:
            below = _below(entry, key)
            if below is None:
                break
            entry = below
        offset = entry[0] if isinstance(entry, tuple) else entry
        return bisect_left(self._breaks, offset) + 1


def _below(entry: Any, key: Key) -> Any:
    """What stands under a key; what stands beside a primitive (`_birthDate`) may be asked by either name."""
    inside = entry[1] if isinstance(entry, tuple) else None
    if isinstance(inside, list):
        return inside[key] if isinstance(key, int) and key < len(inside) else None
    if not isinstance(inside, dict) or not isinstance(key, str):
        return None
    return inside.get(key, inside.get(key[1:] if key[:1] == "_" else "_" + key))


def _spots(text: str) -> Any:
    """Where each value begins: an offset, or (offset, what is inside by key or number) for objects and lists."""
    top: list[Any] = []
    above: list[Any] = []
    here: Any = top
    key = ""
    for count, token in enumerate(_TOKEN.finditer(text)):
        if count > TOKEN_LIMIT:
            break
        kind = token.lastindex
        if kind == _KEY:
            key = token[_KEY] if "\\" not in token[_KEY] else json.loads(f'"{token[_KEY]}"')
            continue
        if kind == _VALUE:
            entry: Any = token.start()
        elif kind == _OPENING:
            entry = (token.start(), {} if token[_OPENING] == "{" else [])
        else:
            here = above.pop()
            continue
        if type(here) is dict:
            here[key] = entry
        else:
            here.append(entry)
        if kind == _OPENING:
            above.append(here)
            here = entry[1]
    return top[0]
