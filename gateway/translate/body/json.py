"""A body of JSON, read and written. What no practice software means to send is refused before it costs anything.

Nesting and size in values are counted over the raw bytes, before the parser sees them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NoReturn

import orjson

from gateway.model.errors import Rejected
from gateway.model.faults import Fault
from gateway.model.json_text import DEPTH_LIMIT, MARK_LIMIT, TOKEN_LIMIT, lines_of, offsets, weigh
from gateway.translate.body.written import NAME_LIMIT, Part, Written
from gateway.translate.path import ABSENT, Path, Steps, locate, put, reach

_LONE = re.compile(rb"\\u[dD][89a-fA-F]")


class _Doubled(dict[str, Any]):
    """An object in which a key came twice; `key` is the first such."""

    key = ""


@dataclass(frozen=True, slots=True)
class Json:
    """Bodies of JSON. `events` is where several events stand in one body; a list of them needs no saying."""

    name: ClassVar[str] = "json"
    media_types: ClassVar[tuple[str, ...]] = ("application/json",)
    events: Path = ()

    @property
    def charset(self) -> str:
        """UTF-8, whatever is said (RFC 8259 §8.1)."""
        return "utf-8"

    def read(self, body: bytes) -> Written:
        """The one event of a body; see `read_json`. Several: `one-event-only`."""
        whole = value = read_value(body)
        above: Steps = ()
        if self.events and isinstance(value, dict) and (inner := reach(value, self.events)) is not ABSENT:
            above, value = locate(value, self.events), inner
        if isinstance(value, list) and (self.events or len(value) > 1):
            if len(value) != 1:
                raise Rejected([Fault("one-event-only", pointer=pointer((*above, 1) if value else above))])
            above, value = (*above, 0), value[0]
        if not isinstance(value, dict):
            raise Rejected([Fault("wrong-type", about="object", pointer=pointer(above))])
        return Written(value, lambda steps: pointer(above + steps), partial(_spots, body, above), whole=whole)

    def split(self, body: bytes) -> tuple[Part, ...]:
        """Each event of a list of them; a body that is one event is its only part."""
        value = read_value(body)
        above = locate(value, self.events) if self.events else ()
        inner = reach(value, self.events) if self.events and isinstance(value, dict) else value
        if not isinstance(inner, list):
            return (Part(body, ""),)
        text = body.decode("utf-8")
        found = offsets(text)
        if len(inner) and (*above, len(inner) - 1) not in found:
            raise Rejected([Fault("too-many", about=str(TOKEN_LIMIT), pointer=pointer(above))])
        places = [(*above, index) for index in range(len(inner))]
        lines = lines_of(text, {place: found[place][0] for place in places})
        return tuple(
            Part(
                text[slice(*found[place])].encode("utf-8"),
                pointer(place),
                line=lines[place][0] - 1,
                column=(1, lines[place][1] - 1),
            )
            for place in places
        )

    def write(self, tree: dict[str, Any]) -> bytes:
        """The body of one event, compact, in UTF-8."""
        whole: dict[str, Any] = {}
        if self.events:
            put(whole, self.events, [tree])
        return write_json(whole or tree)


def _spots(body: bytes, above: Steps) -> dict[Steps, tuple[int, int]]:
    text = body.decode("utf-8", "replace")
    began = {at: start for at, (start, _) in offsets(text).items() if at[: len(above)] == above}
    return {at[len(above) :]: spot for at, spot in lines_of(text, began).items()}


def read_json(body: bytes) -> dict[str, Any]:
    """The object a body holds (RFC 8259, with the strictness of I-JSON, RFC 7493).

    Raises Rejected `too-deep`, `too-many`, `not-json` (not UTF-8, a byte order mark, NaN, numbers too long, lone
    surrogates) with the line and column where reading stopped, `duplicate-key` with its place, `wrong-type` when it
    is not an object.
    """
    tree = read_value(body)
    if not isinstance(tree, dict):
        raise Rejected([Fault("wrong-type", about="object")])
    return tree


def read_value(body: bytes) -> Any:
    """The value a body holds, of any type. Raises Rejected as `read_json` does."""
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
    except json.JSONDecodeError as wrong:
        raise Rejected([Fault("not-json", line=wrong.lineno, column=wrong.colno)]) from None
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
    return tree


def write_json(tree: dict[str, Any]) -> bytes:
    """The body of a tree, compact, in UTF-8."""
    return orjson.dumps(tree)


def pointer(steps: Steps) -> str:
    """The JSON Pointer of a place (RFC 6901 §3): ("a/b", 0) is `/a~1b/0`; the whole body is empty."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _count(body: bytes) -> None:
    match weigh(body):
        case "deep":
            raise Rejected([Fault("too-deep", about=str(DEPTH_LIMIT))])
        case "many":
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


def _objects(tree: Any, here: Steps = ()) -> Iterator[tuple[Steps, dict[str, Any]]]:
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
