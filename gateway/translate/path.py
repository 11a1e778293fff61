"""A path: where a value stands in a practice software's body, read, walked, and written again.

`/equipe/membre`    names, one in the other; in XML an attribute is `@name`, in a table a name is a column's heading
`/adresses/0`       an item by its number, from 0; `*` is the only one
`/ids[type=RPPS]`   of several places of one name, the one in which another place holds that word
`~1 ~0 ~2`          a slash, a tilde, an opening bracket in a name (RFC 6901 §3, and one more)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from gateway.translate.verb import Unsayable

ABSENT: Any = object()
TEXT = "#text"  # of an element of XML that has attributes too

_TEST = re.compile(r"""\[\s*/?([^\[\]=\s]+)\s*=\s*("[^"]*"|'[^']*'|[^\[\]"']*?)\s*\]""")
_NAME = re.compile(r"[^/\[]+")


@dataclass(frozen=True, slots=True)
class Where:
    """Which of several places of one name: those in which each of these paths holds its word."""

    tests: tuple[tuple[tuple[str, ...], Any], ...]

    def holds(self, item: Any) -> bool:
        """True for such an item."""
        return all(same(reach(item, path), value) for path, value in self.tests)

    def mark(self, item: Any) -> dict[str, Any]:
        """The item with each word at its place; a text is that of an element."""
        marked: dict[str, Any] = {}
        for path, value in self.tests:
            put(marked, path, value)
        merge(marked, item if type(item) is dict else {TEXT: item})
        return marked


Path: TypeAlias = tuple[str | int | Where, ...]
Steps: TypeAlias = tuple[str | int, ...]
"""A path walked in one body: an item told apart by its words has become its number."""


def parse(text: str, *, literal: bool = True) -> Path:
    """The path of its written form; unquoted numbers and true/false in brackets are texts when `literal`.

    Raises ValueError saying what is wrong with it.
    """
    if not text.startswith("/"):
        raise ValueError("a path begins with /, as /patient/name")
    if re.search(r"~(?![012])", text):
        raise ValueError("a path begins with / and has ~ only in ~0, ~1 and ~2")
    path: list[str | int | Where] = []
    at = 0
    while at < len(text):
        at += 1  # the slash
        name = ""
        tests: list[tuple[tuple[str, ...], Any]] = []
        while at < len(text) and text[at] != "/":
            if text[at] == "[" and (test := _TEST.match(text, at)):
                tests.append((tuple(_plain(step) for step in test[1].split("/")), _value(test[2], literal)))
                at = test.end()
            elif tests:
                raise ValueError("after a condition in brackets comes / or the end")
            else:
                piece = _NAME.match(text, at)
                name += piece[0] if piece else text[at]
                at = piece.end() if piece else at + 1
        path.append(_step(name, bool(path)))
        if tests:
            path.append(Where(tuple(tests)))
    return tuple(path)


def write_path(path: Path) -> str:
    """The path as a table writes it."""
    text = ""
    for step in path:
        if isinstance(step, Where):
            text += "".join(f"[{'/'.join(at)}={value}]" for at, value in step.tests)
        else:
            text += "/" + str(step).replace("~", "~0").replace("/", "~1")
    return text


def called(path: Path) -> str:
    """The end of a path as people name it: its last name, with what tells it from others of that name, and from there.

    `ps` of /acteurs/ps; `acteurs[role=MEDECIN]/ps` of /x/acteurs[role=MEDECIN]/ps
    """
    told = [index for index, step in enumerate(path) if isinstance(step, Where)]
    return write_path(path[max(told[-1] - 1, 0) if told else -1 :]).removeprefix("/")


def _step(name: str, deeper: bool) -> str | int:
    if deeper and name == "*":
        return 0
    return int(name) if deeper and re.fullmatch(r"0|[1-9]\d{0,3}", name, re.ASCII) else _plain(name)


def _plain(name: str) -> str:
    return name.replace("~1", "/").replace("~2", "[").replace("~0", "~")


def _value(text: str, literal: bool) -> Any:
    if text[:1] in ("'", '"'):
        return text[1:-1]
    if not literal and re.fullmatch(r"true|false|-?\d{1,15}", text, re.ASCII):
        return text == "true" if text[0] in "tf" else int(text)
    return text


def same(value: Any, wanted: Any) -> bool:
    """True when a place holds that word: 1 is not true, and neither is a text."""
    if type(value) is dict:
        value = value.get(TEXT, ABSENT)
    return type(value) is type(wanted) and value == wanted


def reach(tree: Any, path: Path) -> Any:
    """What stands at the end of a path, ABSENT when it leads nowhere."""
    for step in path:
        if type(step) is str:
            if type(tree) is not dict or step not in tree:
                return ABSENT
            tree = tree[step]
        else:
            index = _index(tree, step)
            if index is None:
                return ABSENT
            tree = tree[index] if type(tree) is list else tree
    return tree


def locate(tree: Any, path: Path) -> Steps:
    """The steps a path takes in this tree; where it leads nowhere, as it is written, without its conditions."""
    steps: list[str | int] = []
    for step in path:
        if type(step) is str:
            steps.append(step)
            tree = tree.get(step, ABSENT) if isinstance(tree, dict) else ABSENT
            continue
        index = _index(tree, step)
        if index is not None:
            steps.append(index)
            tree = tree[index] if isinstance(tree, list) else tree
        elif isinstance(step, int):
            steps.append(step)
            tree = ABSENT
        else:
            tree = ABSENT
    return tuple(steps)


def nearest(tree: Any, path: Path) -> Steps:
    """The same; but of several told apart, where the one meant is not there, only as far as all of them."""
    for index, step in enumerate(path):
        if isinstance(step, Where) and reach(tree, path[: index + 1]) is ABSENT:
            return locate(tree, path[:index])
    return locate(tree, path)


def _index(tree: Any, step: Any) -> int | None:
    """The number of the item meant. One object alone is a list of one: so it is written in XML."""
    items = tree if type(tree) is list else [] if tree is ABSENT else [tree]
    if type(step) is int:
        return step if step < len(items) else None
    return next((index for index, item in enumerate(items) if step.holds(item)), None)


def put(tree: dict[str, Any], path: Path, value: Any) -> None:
    """Write a value at its path, and every object and list on the way. Raises Unsayable when a list would have gaps."""
    node: Any = tree
    for step, after in pairwise(path):
        node = _down(node, step, dict if type(after) is str else list)
    last = path[-1]
    if type(last) is str:
        there = node.get(last, ABSENT)
        if type(there) is dict:
            merge(there, value if type(value) is dict else {TEXT: value})
        elif type(there) is list and type(value) is list:
            there += value
        else:
            node[last] = value
    elif type(last) is int:
        _down(node, last, dict)
        node[last] = value
    else:
        marking: Any = last
        node += [marking.mark(item) for item in (value if type(value) is list else [value])]


def _down(node: Any, step: Any, kind: type) -> Any:
    """The object or list at a step of a tree being written, made when it is not there."""
    if type(step) is str:
        child = node.get(step, ABSENT)
        if child is ABSENT:
            child = node[step] = kind()
        elif type(child) is not kind:
            child = node[step] = [child] if kind is list else {TEXT: child}
        return child
    if type(step) is int:
        if step > len(node):
            raise Unsayable("there is nothing to write before it in the list")
        if step == len(node):
            node.append(kind())
        return node[step]
    found = next((item for item in node if step.holds(item)), None)
    if found is None:
        found = step.mark({})
        node.append(found)
    return found


def merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    """Write one tree over another, place by place."""
    for name, value in more.items():
        there = into.get(name)
        if type(there) is dict and type(value) is dict:
            merge(there, value)
        elif type(there) is list and type(value) is list:
            there += value
        else:
            into[name] = value
