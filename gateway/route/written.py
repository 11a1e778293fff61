"""A YAML 1.2 file as plain data, with the line and column of everything in it.

Anchors, aliases and tags are refused: a table of routes needs none, and they are how a small file becomes a huge one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gateway.model.faults import Place

SIZE_LIMIT = 1 << 20  # bytes
DEPTH_LIMIT = 20

Spot = tuple[int, int]
"""Line and column, both from 1."""

_TAG = "tag:yaml.org,2002:"
_PLAIN = frozenset({"map", "seq", "str", "bool", "int", "float", "null", "timestamp"})


@dataclass(slots=True)
class Written:
    """What a file says, where each part stands, and what could not be read: (code, place, spot)."""

    data: Any = None
    spots: dict[Place, Spot] = field(default_factory=dict)
    faults: list[tuple[str, Place, Spot]] = field(default_factory=list)

    def spot(self, place: Place) -> Spot:
        """Where that part stands; where its nearest parent stands when it is not written at all."""
        while place and place not in self.spots:
            place = place[:-1]
        return self.spots.get(place, (1, 1))


def read_yaml(source: bytes) -> Written:
    """Read one document. Never raises for what the bytes hold: a fault of syntax is the only one then reported."""
    written = Written()
    if len(source) > SIZE_LIMIT:
        written.faults.append(("too-large", (), (1, 1)))
        return written
    try:
        root = YAML(typ="safe", pure=True).compose(source.decode("utf-8-sig"))
        if root is not None:
            written.data = _plain(root, (), written, set())
    except UnicodeDecodeError:
        written.faults.append(("not-utf8", (), (1, 1)))
    except MarkedYAMLError as bad:
        mark = bad.problem_mark or bad.context_mark
        written.faults.append(("not-yaml", (), (mark.line + 1, mark.column + 1) if mark else (1, 1)))
    except (YAMLError, RecursionError, ValueError):
        written.faults.append(("not-yaml", (), (1, 1)))
    return written


def _plain(node: Node, place: Place, written: Written, seen: set[int]) -> Any:
    spot = (node.start_mark.line + 1, node.start_mark.column + 1)
    written.spots.setdefault(place, spot)
    if id(node) in seen or node.anchor:
        return written.faults.append(("yaml-alias", place, spot))
    if len(place) > DEPTH_LIMIT:
        return written.faults.append(("too-deep", place, spot))
    if str(node.tag).removeprefix(_TAG) not in _PLAIN:
        return written.faults.append(("yaml-tag", place, spot))
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, SequenceNode):
        return [_plain(item, (*place, index), written, seen) for index, item in enumerate(node.value)]
    assert isinstance(node, MappingNode)
    data: dict[str, Any] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, ScalarNode) else "?"
        at = (key.start_mark.line + 1, key.start_mark.column + 1)
        if name in data or not isinstance(key, ScalarNode):
            written.faults.append(("duplicate-key" if name in data else "wrong-type", (*place, name), at))
            continue
        written.spots[(*place, name)] = at
        data[name] = _plain(value, (*place, name), written, seen)
    return data


def _scalar(node: ScalarNode) -> Any:
    tag, text = str(node.tag).removeprefix(_TAG), str(node.value)
    if tag == "bool":
        return text.lower() == "true"
    if tag == "int" and text.isdecimal() and len(text) < 19:
        return text if text != str(int(text)) else int(text)  # 0123 is a code, not a number
    if tag == "null":
        return None
    return text
