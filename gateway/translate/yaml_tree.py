"""YAML 1.2 text → trees that know the line and column of everything in them.

libyaml reads it: twenty times faster than a reader in Python, which every command would wait for. It settles no
types; here a plain word is a number, true, false or null only as the core schema of YAML 1.2 (§10.3.2) says: NO and
ON are words, and a date is a text.
"""

from __future__ import annotations

import re
from typing import Any

import yaml  # type: ignore[import-untyped]
from ruamel.yaml.comments import CommentedMap, CommentedSeq

_NULL = {"", "~", "null", "Null", "NULL"}
_FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYaml(Exception):
    """Not one YAML document; `line` and `column` count from 0."""

    def __init__(self, what: str, line: int, column: int) -> None:
        super().__init__(what)
        self.line, self.column = line, column


def read_yaml(text: str) -> Any:
    """The tree of a document, None of an empty one. Raises NotYaml, also for a key that comes twice or is no word."""
    try:
        return _Trees().of(yaml.compose(text, Loader=_Loader))
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        raise NotYaml(str(wrong.problem), mark.line if mark else 0, mark.column if mark else 0) from None
    except (yaml.YAMLError, RecursionError) as wrong:
        raise NotYaml(type(wrong).__name__, 0, 0) from None


class _Trees:
    """The trees made so far: what an alias stands for is made once."""

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}
        self._open: set[int] = set()

    def of(self, node: Any) -> Any:
        """The tree of a node."""
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.style or node.tag.startswith("!") else _plain(node.value)
        if id(node) in self._open:
            raise NotYaml("an alias inside what it stands for", node.start_mark.line, node.start_mark.column)
        if id(node) not in self._made:
            self._open.add(id(node))
            self._made[id(node)] = self._list(node) if isinstance(node, yaml.SequenceNode) else self._names(node)
            self._open.remove(id(node))
        return self._made[id(node)]

    def _list(self, node: Any) -> CommentedSeq:
        items = CommentedSeq()
        items._yaml_set_line_col(node.start_mark.line, node.start_mark.column)
        for index, item in enumerate(node.value):
            items.append(self.of(item))
            items._yaml_set_idx_line_col(index, [item.start_mark.line, item.start_mark.column])
        return items

    def _names(self, node: Any) -> CommentedMap:
        names = CommentedMap()
        names._yaml_set_line_col(node.start_mark.line, node.start_mark.column)
        for key, value in node.value:
            place = (key.start_mark.line, key.start_mark.column)
            name = self.of(key)
            if not isinstance(name, (str, int, float, bool)) and name is not None:
                raise NotYaml("a name is one word", *place)
            if name in names:
                raise NotYaml(f'found duplicate key "{name}"', *place)
            names[name] = self.of(value)
            names._yaml_set_kv_line_col(name, [*place, value.start_mark.line, value.start_mark.column])
        return names


def _plain(word: str) -> Any:
    if word in _NULL:
        return None
    if word in _FLAGS:
        return _FLAGS[word]
    if _INTEGER.fullmatch(word):
        return int(word) if len(word) < 20 else word
    if word[0] in "+-.0123456789" and _FLOAT.fullmatch(word):
        return float(word)
    return word
