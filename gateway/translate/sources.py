"""The paths and conditions of a table's rules: YAML → Source, Condition."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ruamel.yaml.comments import CommentedMap

from gateway.translate import path as paths
from gateway.translate.body import ROWS
from gateway.translate.findings import At, Findings, at_key, at_value
from gateway.translate.path import TEXT, Path, Where
from gateway.translate.source import Condition, Source

OBJECT_WORDS = ("path", "or", "only", "where")
PLACE_WORDS = (*OBJECT_WORDS, "paths", "join", "lengths", "blank", "blank-read")
CONDITION_WORDS = ("path", "is", "in", "present")


class Sources:
    """Makes sources for one format of body. `texts`: its places hold nothing but texts (XML, tables)."""

    def __init__(self, findings: Findings, format: str, empty: tuple[Any, ...]) -> None:
        self._findings, self.format, self._empty = findings, format, empty
        self.texts = format != "json"
        self.prefix = ""
        self.above: Path = ()

    @contextmanager
    def prefixed(self, prefix: str | None) -> Iterator[None]:
        """Below, every path begins with these letters too; None: in an object of its own, with nothing before it."""
        before = self.prefix, self.above
        self.prefix, self.above = ("", ()) if prefix is None else (self.prefix + prefix, self.above)
        yield
        self.prefix, self.above = before

    @contextmanager
    def under(self, above: Path) -> Iterator[None]:
        """Below, every path begins at this place."""
        before, self.above = self.above, above
        yield
        self.above = before

    def source(self, said: CommentedMap, at: At, *, value: bool) -> Source | None:
        """The source of a rule; `value`: it reads values, not objects. None when it has no place that can be walked."""
        if "paths" in said:
            return self._parts(said, at)
        for word in ("join", "lengths"):
            if word in said:
                self._findings.problem(at_key(said, word), f"{word} goes with paths")
        path = self.path(said, "path", at)
        if path is None:
            return None
        path = self._text_of(path, value)
        if value and len(path) > 1 and isinstance(path[-1], Where) and not self.texts:
            self._findings.problem(at_value(said, "path"), "after a condition in brackets comes the place of a value")
            return None
        others = tuple(
            self._text_of(other, value)
            for index in range(len(_list(said.get("or", []))))
            if (other := self._path_at(said, "or", index)) is not None
        )
        text = value and self.format == "xml" and str(path[-1])[:1] != "@"
        with self.prefixed(None):
            tests = [one for one in self.conditions(said, "where") if one.values]
        where = tuple((tuple(map(str, one.path)), one.values[0]) for one in tests)
        if where:
            path = (*path, Where(where))
        return Source(path, others, text=text, **self._hung(said))

    def _parts(self, said: CommentedMap, at: At) -> Source | None:
        for word in ("path", "or", "where"):
            if word in said:
                self._findings.problem(at_key(said, word), f"a rule has path or paths, and {word} goes with path")
        count = len(said["paths"]) if isinstance(said["paths"], list) else 0
        parts = [self._path_at(said, "paths", index) for index in range(count)]
        found = tuple(self._text_of(part, True) for part in parts if part)
        lengths = said.get("lengths", [])
        join = said.get("join", " ")
        if len(found) < 2 or len(found) != count:
            self._findings.problem(at_value(said, "paths"), "paths is a list of two paths or more")
            return None
        sized = isinstance(lengths, list) and all(type(one) is int and one > 0 for one in lengths)
        if "lengths" in said and (not sized or len(lengths) != len(found) or "join" in said):
            self._findings.problem(at_value(said, "lengths"), "lengths gives the characters of each path, without join")
            return None
        if not isinstance(join, str) or ("lengths" not in said and not join):
            self._findings.problem(
                at_value(said, "join"), "join is the text between the parts; without one give lengths"
            )
            return None
        text = self.format == "xml"
        join = "" if lengths else join
        return Source(parts=found, join=join, lengths=tuple(lengths), text=text, **self._hung(said))

    def rows(self, said: CommentedMap, at: At) -> Source | None:
        """The source of a list whose items are the rows of one event."""
        if said["rows"] is not True or {"path", "or", "only"} & said.keys() or self.format != "csv":
            what = "rows: true stands in a table, in the stead of a path; where tells them apart"
            self._findings.problem(at_key(said, "rows"), what)
            return None
        tests = [one for one in self.conditions(said, "where") if one.values]
        where = Where(tuple((tuple(map(str, one.path)), one.values[0]) for one in tests))
        return Source((ROWS, where) if tests else (ROWS,))

    def _text_of(self, path: Path, value: bool) -> Path:
        """`/nom/#text` is `/nom`: the text of an element is what a value of it means."""
        return path[:-1] if value and self.format == "xml" and len(path) > 1 and path[-1] == TEXT else path

    def _hung(self, said: CommentedMap) -> dict[str, Any]:
        """What a source hangs on: conditions, and their words for nothing."""
        blanks: list[Any] = list(self._empty)
        for name in ("blank", "blank-read"):
            words = said.get(name, [])
            told = words if isinstance(words, list) and name == "blank-read" else [words] if name in said else []
            for word in told:
                if not isinstance(word, (str, int, bool)):
                    self._findings.problem(at_value(said, name), f"{name} is a word of theirs")
                blanks.append(self.word(word))
        blank = self.word(said["blank"]) if isinstance(said.get("blank"), (str, int, bool)) else None
        return {"only": tuple(self.conditions(said, "only")), "blanks": tuple(blanks), "blank": blank}

    def path(self, said: Any, name: str, at: At) -> Path | None:
        """The path a mapping names, None when it names none that can be walked."""
        if not isinstance(said.get(name), str):
            where = at_key(said, name) if name in said else at
            self._findings.problem(where, "a rule needs a path, as /patient/name")
            return None
        return self._parsed(said[name], at_value(said, name))

    def _path_at(self, said: CommentedMap, name: str, index: int) -> Path | None:
        words = said[name]
        word, where = (
            (words[index], at_value(words, index)) if isinstance(words, list) else (words, at_value(said, name))
        )
        if isinstance(word, str):
            return self._parsed(word, where)
        self._findings.problem(where, f"{name} is a path, or a list of them")
        return None

    def paths(self, said: CommentedMap, name: str) -> Iterator[Path]:
        """Every path a mapping lists under a name."""
        for index in range(len(_list(said.get(name, [])))):
            path = self._path_at(said, name, index)
            if path:
                yield path

    def _parsed(self, text: str, at: At) -> Path | None:
        try:
            path = paths.parse(text, literal=self.texts)
        except ValueError as wrong:
            self._findings.problem(at, str(wrong))
            return None
        wrong_here = [step for step in path if isinstance(step, str) and not self._can_hold(step)]
        if self.format == "csv" and len(path) > 1:
            self._findings.problem(at, "in a table a path is one column; write ~1 for a slash in its name")
            return None
        if wrong_here:
            self._findings.problem(at, f"no place can have the name '{wrong_here[0]}'")
            return None
        first = path[0]
        return (*self.above, self.prefix + first, *path[1:]) if isinstance(first, str) else path

    def _can_hold(self, name: str) -> bool:
        if self.format == "json":
            return True
        if self.format == "csv":
            return bool(name.strip())
        plain = name.removeprefix("@")
        return name in (TEXT, "*") or (bool(plain) and not any(mark in plain for mark in " <>&\"'=/[]{}#"))

    def conditions(self, said: Any, name: str) -> Iterator[Condition]:
        """The conditions a mapping has under a name: one, or a list of them."""
        words = said.get(name, [])
        for index, one in enumerate(words if isinstance(words, list) else [words]):
            at = at_value(words, index) if isinstance(words, list) else at_key(said, name)
            if not self._findings.mapping(one, at, name, ("path",), CONDITION_WORDS[1:]):
                continue
            path = self.path(one, "path", at)
            condition = self._condition(one, path or (), name, at)
            if condition and path:
                yield condition

    def _condition(self, one: CommentedMap, path: Path, name: str, at: At) -> Condition | None:
        asked = [word for word in CONDITION_WORDS[1:] if word in one]
        if len(asked) != 1:
            self._findings.problem(at, f"{name} has one of is, in or present")
            return None
        word, value = asked[0], one[asked[0]]
        if word == "present":
            if not isinstance(value, bool):
                self._findings.problem(at_value(one, word), "present is true or false")
                return None
            return Condition(path, (), value)
        values = tuple(value) if word == "in" and isinstance(value, list) else (value,)
        if not values or not all(isinstance(single, (str, int, bool)) for single in values):
            self._findings.problem(at_value(one, word), "a condition is a text, a whole number or true/false")
            return None
        return Condition(path, tuple(self.word(single) for single in values))

    def word(self, value: Any) -> Any:
        """A word of theirs as the body holds it: in XML and in tables everything is text."""
        if not self.texts or not isinstance(value, (bool, int)):
            return value
        return str(value).lower() if isinstance(value, bool) else str(value)


def _list(words: Any) -> Any:
    return words if isinstance(words, list) else [words]
