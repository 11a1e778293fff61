"""Lines in a JSON text: found when a finding asks for one, by going down to its place.

What lies beside the way is passed over by the parser of the standard library, which is fast; each object and list gone
through is remembered.
"""

from __future__ import annotations

import re
from json import JSONDecoder
from typing import TypeAlias

from gateway.validate.place import Key

SCAN_LIMIT = 20_000_000  # characters passed over in all; beyond, a place has the line of the nearest one around it

Inside: TypeAlias = dict[Key, int]
"""Where each value of an object (by name) or of a list (by number) begins."""

_blanks = re.compile(r"[ \t\n\r]*").match
_pass_over = JSONDecoder(parse_float=str, parse_int=str).raw_decode


class JsonLines:
    """The lines of a text that is JSON."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._inside: dict[int, Inside] = {}
        self._left = SCAN_LIMIT
        self._counted = (0, 1)
        self._one_line = "\n" not in text

    def line(self, keys: tuple[Key, ...]) -> int:
        """The line of the value at a place, from 1; of the nearest one around it when it has none itself."""
        if self._one_line:
            return 1
        here = self._after_blanks(0)
        for key in keys:
            inside = self._inside.get(here)
            if inside is None:
                inside = self._inside[here] = self._opened(here)
            below = inside.get(key, inside.get(_otherwise(key)))
            if below is None:
                break
            here = below
        return self._line_at(here)

    def _line_at(self, at: int) -> int:
        """Counted from the place asked for before: findings come more or less in the order of the file."""
        before, line = self._counted
        if at >= before:
            line += self._text.count("\n", before, at)
        else:
            line -= self._text.count("\n", at, before)
        self._counted = (at, line)
        return line

    def _opened(self, at: int) -> Inside:
        """What is inside the value that begins at an offset: nothing, when it is no object and no list."""
        mark = self._text[at]
        if mark not in "{[":
            return {}
        inside: Inside = {}
        here = self._after_blanks(at + 1)
        while self._text[here] not in "}]" and self._left > 0:
            key: Key = len(inside)
            if mark == "{":
                key, here = _pass_over(self._text, here)
                here = self._after_blanks(self._after_blanks(here) + 1)
            inside[key] = here
            _, end = _pass_over(self._text, here)
            self._left -= end - here
            here = self._after_blanks(end)
            if self._text[here] == ",":
                here = self._after_blanks(here + 1)
        return inside

    def _after_blanks(self, at: int) -> int:
        found = _blanks(self._text, at)
        return found.end() if found else at


def _otherwise(key: Key) -> Key:
    """What stands beside a primitive (`_birthDate`) may be asked by either name."""
    if isinstance(key, int):
        return key
    return key[1:] if key[:1] == "_" else "_" + key
