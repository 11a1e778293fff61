"""The code tables of a dialect: their word → ours, read both ways; `codes-read` has more words of theirs to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml.comments import CommentedMap

from gateway.translate.code import Pairs, key_of
from gateway.translate.findings import At, Findings, at_key


class CodeTables:
    """The tables of one file, checked: no word of theirs twice, and of ours only in `codes-read`."""

    def __init__(self, findings: Findings, codes: CommentedMap, more: CommentedMap, *, texts: bool) -> None:
        self._findings, self._texts = findings, texts
        self._tables = {name: table for name, table in codes.items() if self._is_table(codes, name)}
        self._more = {name: table for name, table in more.items() if self._is_table(more, name)}
        self.names = frozenset(map(str, codes))
        for name in more:
            if name not in codes:
                self._findings.problem(at_key(more, name), f"codes has no table {name}")
        self._pairs = {name: self._paired(name) for name in self._tables}

    def _is_table(self, codes: CommentedMap, name: str) -> bool:
        return self._findings.mapping(codes[name], at_key(codes, name), f"code table {name}")

    def rows(self, name: str) -> Iterator[tuple[int, tuple[Any, ...], At]]:
        """Each row of a table: how many words of ours it has, the words, and where it stands."""
        for table in (self._tables.get(name), self._more.get(name)):
            for theirs, ours in (table or {}).items():
                words = tuple(ours) if isinstance(ours, list) else (ours,)
                yield len(words), words, at_key(table, theirs)

    def pairs(self, name: str) -> Pairs:
        """The table, both ways."""
        return self._pairs.get(name) or Pairs({}, {})

    def _paired(self, name: str) -> Pairs:
        inward: dict[tuple[type, Any], Any] = {}
        outward: dict[Any, Any] = {}
        said: dict[Any, Any] = {}
        for table, written in ((self._tables[name], True), (self._more.get(name) or {}, False)):
            for raw, ours in table.items():
                at = at_key(table, raw)
                if not _is_ours(ours) or not isinstance(raw, (str, int, bool)):
                    self._findings.problem(at, "a code table joins their text, number or flag to a text of ours")
                    continue
                theirs = str(raw).lower() if self._texts and isinstance(raw, bool) else str(raw) if self._texts else raw
                value: Any = [_plain(word) for word in ours] if isinstance(ours, list) else _plain(ours)
                key = key_of(value)
                if (type(theirs), theirs) in inward:
                    self._findings.problem(at, f"code table {name}: {raw} is already there")
                elif written and key in outward:
                    what = f"code table {name}: {ours} is already written {said[key]}"
                    self._findings.problem(at, what + "; more words of theirs to read stand under codes-read")
                inward[type(theirs), theirs] = value
                if written:
                    outward.setdefault(key, theirs)
                    said.setdefault(key, raw)
        return Pairs(inward, outward)


def _plain(word: Any) -> Any:
    return {"list": word["list"], "code": word["code"]} if isinstance(word, dict) else word


def _is_ours(ours: Any) -> bool:
    if isinstance(ours, list):
        return bool(ours) and all(word is None or _is_word(word) for word in ours) and any(ours)
    return _is_word(ours)


def _is_word(word: Any) -> bool:
    coded = (
        isinstance(word, dict) and word.keys() == {"list", "code"} and all(isinstance(x, str) for x in word.values())
    )
    return isinstance(word, str) or coded
